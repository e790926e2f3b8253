/** Puts a kernel together for one problem's family and assembles it. */
import { compile } from 'watr';
import type { Family, Problem } from '../family.ts';
import * as lanes from './lanes.ts';
import { type Layout, layoutOf, type Shape } from './layout.ts';
import * as rows from './rows.ts';
import { survivors } from './sampling.ts';
import { bias, step, train, update } from './steps.ts';

/** Largest n · m whose text is repeated for each feature instead of looping. */
const UNROLL_LIMIT = 16;

const isTiny = ({ features, hidden }: Family) => features * hidden <= UNROLL_LIMIT;

export interface Kernel {
  layout: Layout;
  text: string;
}

/** Text of the kernel for a problem: its layout, and functions that differ by shape. */
export function kernelOf(problem: Problem, shape?: Shape): Kernel {
  const { family, training } = problem;
  const layout = layoutOf(problem, shape);
  const plan = { family, layout, penalised: training.hiddenPenalty > 0, unrolled: isTiny(family) };
  const own = layout.shape === 'lanes' ? lanes : rows;
  const text = [
    '(module (import "env" "memory" (memory 1))',
    survivors(layout),
    ...own.functions(plan),
    bias(family, layout, own.biasGradient(plan)),
    step(layout),
    update(family, layout, training.optimizer),
    train(layout),
    '(export "train" (func $train)))',
  ].join('\n');
  return { layout, text };
}

export const assemble = (kernel: Kernel): Promise<WebAssembly.Module> =>
  WebAssembly.compile(compile(kernel.text) as BufferSource);
