/** Puts a kernel together for one problem's family and assembles it. */
import { compile } from 'watr';
import type { Activation, Family } from '../family.ts';
import { modelOf, probeFor, programFor } from '../models/models.ts';
import { areRowsPulled, type Problem, ratesDiffer } from '../problem.ts';
import { drawnBy, entries, type Program, sourceWidth } from '../program/ops.ts';
import { rowsBytes } from './active.ts';
import * as fixed from './fixed/fixed.ts';
import { MOST_HIDDEN, planFixed } from './fixed/plan.ts';
import { normals } from './gating.ts';
import * as gram from './gram.ts';
import { type KernelKind, type Layout, layoutOf, usesNormals } from './layout.ts';
import { drawnAt as drawnByProgram } from './program/inputs.ts';
import { placementOf } from './program/placement.ts';
import type { ProgramPlan } from './program/plan.ts';
import * as program from './program/program.ts';
import * as rows from './rows.ts';
import { survivors } from './sampling.ts';
import { bias, clip, draw, fold, noise, pull, step, train, update } from './steps.ts';
import { read } from './tables.ts';

/*
 * Where the shapes meet, in M samples/s at density 1 / 0.1 / 0.01 on one core of an AMD EPYC (Zen 4), batch 1024:
 *   (20,5)   program  21 /  27 / 122   rows  13 /  31 / 149
 *   (8,8)    program  32 /  55         rows  42 / 101
 *   (20,10)  program  13 /  20 / 100   rows  11 /  32 / 153
 *   (80,20)  program 1.9 / 2.7 / 7.2   rows 2.3 / 5.3 /  14
 */
/** Fewest hidden units of the rows kernel: with fewer, it loses more on dense samples than it gains on sparse. */
const ROWS_HIDDEN = 6;
/** Largest n · m that is never one for the rows kernel. */
const SMALL = 24;

/** Whether the rows kernel, made by hand, knows a family. */
function isPlain({ kind, hiddenBias, hiddenActivation, outputActivation }: Family): boolean {
  const known = (name: Activation) => name === 'identity' || name === 'relu';
  return kind === 'toy' && !hiddenBias && known(hiddenActivation) && known(outputActivation);
}

/**
 * Whether lanes of a group of four samples count differently: samples that are repeated, or a batch with lanes to spare
 * (a table's may be so small that taking the spare ones away again would cost digits).
 */
function areWeighted({ training, source }: Partial<Pick<Problem, 'training' | 'source'>>): boolean {
  return source !== undefined && (source.repeats.length > 0 || (training?.batch ?? 0) % 4 !== 0);
}

/** Largest share of inputs that are not 0 for which the kernel of a training set is the faster one. */
const FIXED_DENSITY = 0.2;

/** Whether the kernel of a training set knows a problem, and its samples are sparse. */
function isFixed({ family, training, source, density }: Partial<Problem> & Pick<Problem, 'family'>): boolean {
  if (source?.batches !== 'full' || !density || !training || training.hiddenPenalty > 0) return false;
  const isKnown =
    isPlain(family) && family.tied && family.target === 'x' && family.outputActivation === 'relu';
  const mean = source.given
    ? source.given.values.length / (source.count * family.features)
    : density.reduce((sum, p) => sum + p, 0) / density.length;
  return isKnown && family.hidden <= MOST_HIDDEN && mean <= FIXED_DENSITY;
}

/** The shape that is fastest for a problem; the limits are measured. */
export function chooseKernel(problem: Partial<Problem> & Pick<Problem, 'family'>): KernelKind {
  const { family, training, source } = problem;
  if (isFixed(problem)) return 'fixed';
  const { features, hidden } = family;
  const isWide = hidden >= ROWS_HIDDEN && features * hidden > SMALL;
  return isWide && isPlain(family) && !training?.attack && !areWeighted({ training, source })
    ? 'rows'
    : 'program';
}

/** Columns that a program reads. */
function columnsOf({ nodes }: Program): { name: string; width: number }[] {
  const widths = nodes.filter(({ op }) => op === 'column').map(({ name, size }) => [name, size] as const);
  return [...new Map(widths)].map(([name, width]) => ({ name, width }));
}

/** Memory layout of a problem's kernel. */
export function layoutFor(problem: Problem, shape: KernelKind = chooseKernel(problem)): Layout {
  const { family, training } = problem;
  if (shape === 'fixed') return layoutOf(problem, shape, planFixed(problem).end);
  if (shape === 'rows') return layoutOf(problem, shape, rowsBytes(family, gram.isLinear(family, training)));
  const columns = columnsOf(programFor(family, training));
  if (training.attack) columns.push({ name: 'attack', width: 1 });
  const place = (bytes: number) => layoutOf(problem, shape, bytes, columns);
  const empty = place(0);
  return place(planOf(problem, empty).end - empty.work);
}

/** What a program's kernel is generated for, and where its scratch ends. */
function planOf(problem: Problem, layout: Layout): ProgramPlan & { end: number } {
  const { family, training } = problem;
  const source = problem.source ?? null;
  const isInline = family.gating === 'independent' && source === null;
  const { features: n, record, units, batch } = layout;
  const placement = placementOf(programFor(family, training), units, batch, layout.work, isInline);
  if (areWeighted(problem)) placement.sampleWeight = layout.sampleWeight;
  const warmsUp = (training.sparsityWarmup ?? 0) > 0;
  const { attack } = training;
  const defect = placement.end;
  placement.end +=
    4 * placement.program.still.reduce((most, { args }) => Math.max(most, entries(args[0].shape)), 0);
  const plan = { family, training, layout, placement, warmsUp, source, defect };
  if (!attack) return { ...plan, attack: null, end: placement.end };
  const isProbed = attack.kind === 'gradient';
  const probe = isProbed ? placementOf(probeFor(family, training), units, batch, placement.end) : null;
  const length = record.columns.find(({ name }) => name === 'attack')!.at;
  const own = { attack, layout, main: placement, probe, directions: placement.end, length };
  return { ...plan, attack: own, end: probe?.end ?? placement.end + 4 * n * n };
}

/** The functions in which the shapes differ. */
function ownFunctions(problem: Problem, layout: Layout): string[] {
  if (layout.shape === 'program') return program.functions(planOf(problem, layout));
  const { family, training } = problem;
  const source = problem.source ?? null;
  const plan = {
    family,
    layout,
    source,
    penalised: training.hiddenPenalty > 0,
    linear: gram.isLinear(family, training),
  };
  return [...rows.functions(plan), ...gram.functions(plan), bias(family, layout, rows.biasGradient(plan))];
}

/** What follows a gradient, and the loop over steps. */
function stepFunctions(problem: Problem, layout: Layout): string[] {
  const { clip: limit, optimizer } = problem.training;
  const does = { clip: limit > 0, noise: optimizer === 'sgld', pull: areRowsPulled(problem) };
  return [
    ...(does.clip ? [clip(layout, limit)] : []),
    ...(does.noise ? [noise(layout)] : []),
    ...(does.pull ? [pull(layout)] : []),
    update(layout, optimizer, ratesDiffer(problem)),
    train(layout, does),
  ];
}

/** Text of the kernel for a training set; `shared` pages of memory that several threads share, 0 for one's own. */
function fixedText(problem: Problem, layout: Layout, shared: number): string {
  const { family } = problem;
  const isShared = shared > 0;
  return [
    `(module (import "env" "memory" (memory 1${isShared ? ` ${shared} shared` : ''}))`,
    ...fixed.functions(family, layout, planFixed(problem), isShared),
    ...stepFunctions(problem, layout),
    isShared ? '(export "help" (func $help)) (export "release" (func $release))' : '',
    '(export "train" (func $train)))',
  ].join('\n');
}

/** Whether samples in which nothing is active are run as the others are. */
function drawsAll({ family, training, source }: Problem): boolean {
  if (training.attack || source || family.gating !== 'independent') return true;
  const program = programFor(family, training);
  return drawnBy(program) + sourceWidth(program) > 0 && !modelOf(family).silent;
}

/**
 * Text of the kernel for a problem: what the shapes share, and the functions that differ. `shared`: pages of a memory that
 * a team of threads has in common, which the kernel of a training set alone can use.
 */
export function kernelText(problem: Problem, layout: Layout, shared = 0): string {
  if (layout.shape === 'fixed') return fixedText(problem, layout, shared);
  const { family, source } = problem;
  const drawn = drawnAt(problem, layout);
  return [
    '(module (import "env" "memory" (memory 1))',
    ...(usesNormals(family) ? normals(layout) : []),
    ...(source ? [read(layout, source, drawn!, areWeighted(problem))] : []),
    survivors(layout, drawsAll(problem)),
    fold(layout),
    ...ownFunctions(problem, layout),
    draw(layout),
    step(layout),
    ...stepFunctions(problem, layout),
    '(export "train" (func $train)) (export "draw" (func $draw))',
    drawn ? '(export "sample" (func $sample)))' : ')',
  ].join('\n');
}

/** Where the kernel's $sample leaves the features of four samples: feature i at start + i · step; null if in locals. */
export function drawnAt(problem: Problem, layout: Layout): { start: number; step: number } | null {
  if (layout.shape === 'program') return drawnByProgram(planOf(problem, layout));
  const plan = { family: problem.family, layout, source: null, penalised: false, linear: false };
  return rows.drawnAt(plan);
}

/** Kernels assembled of late, by their text, the last used one last. */
const assembled = new Map<string, Promise<WebAssembly.Module>>();
const KEPT = 8;

/** Assembles kernel text, or finds it among the last few. */
export async function assemble(text: string): Promise<WebAssembly.Module> {
  const module = assembled.get(text) ?? WebAssembly.compile(compile(text) as BufferSource);
  assembled.delete(text);
  assembled.set(text, module);
  if (assembled.size > KEPT) assembled.delete(assembled.keys().next().value!);
  return module;
}
