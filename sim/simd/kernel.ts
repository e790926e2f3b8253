/** Puts a kernel together for one problem's family and assembles it. */
import { compile } from 'watr';
import type { Family, Problem } from '../family.ts';
import * as lanes from './lanes.ts';
import { type Layout, layoutOf, type Shape } from './layout.ts';
import * as rows from './rows.ts';
import { survivors } from './sampling.ts';
import { bias, draw, step, train, update } from './steps.ts';

/** Largest n · m of the unrolled kernel: beyond it the text outgrows the registers. */
const UNROLL_LIMIT = 16;
/** Largest n · m of the lanes kernel. */
const LANES_LIMIT = 200;

/** The shape that is fastest for a family. */
export function chooseShape({ features, hidden }: Family): Shape {
  const size = features * hidden;
  if (size <= UNROLL_LIMIT) return 'unrolled';
  return size <= LANES_LIMIT ? 'lanes' : 'rows';
}

/** Memory layout of a problem's kernel. */
export function layoutFor(problem: Problem, shape: Shape = chooseShape(problem.family)): Layout {
  const { family } = problem;
  return layoutOf(problem, shape, shape === 'rows' ? rows.rowsBytes(family) : lanes.lanesBytes(family));
}

/** Text of the kernel for a problem: what the shapes share, and the functions that differ. */
export function kernelText(problem: Problem, layout: Layout): string {
  const { family, training } = problem;
  const plan = { family, layout, penalised: training.hiddenPenalty > 0 };
  const own = layout.shape === 'rows' ? rows : lanes;
  return [
    '(module (import "env" "memory" (memory 1))',
    survivors(layout),
    ...own.functions(plan),
    bias(family, layout, own.biasGradient(plan)),
    draw(layout),
    step(layout),
    update(family, layout, training.optimizer),
    train(layout),
    '(export "train" (func $train)) (export "draw" (func $draw))',
    layout.shape === 'unrolled' ? ')' : '(export "sample" (func $sample)))',
  ].join('\n');
}

/** Where the kernel's $sample leaves the features of four samples: feature i at start + i · step. */
export function drawnAt(problem: Problem, layout: Layout): { start: number; step: number } {
  const plan = { family: problem.family, layout, penalised: false };
  return layout.shape === 'rows' ? rows.drawnAt(plan) : lanes.drawnAt(plan);
}

/** Assembles kernel text. */
export const assemble = (text: string): Promise<WebAssembly.Module> =>
  WebAssembly.compile(compile(text) as BufferSource);
