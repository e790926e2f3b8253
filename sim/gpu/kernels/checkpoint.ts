/**
 * Places along the stream of every sample from which its draws are reached: a thread of gpu.js returns one number, so a
 * feature's thread would walk all draws before its own, n² rounds a sample. Instead a stage keeps the stream's two words
 * at every STRIDE^l-th draw, each reached from the nearest one of the stage before, at most STRIDE − 1 strides away:
 * (STRIDE − 1) n rounds a stage, log n stages.
 *
 * in   key (I, 3) step keys, or states: those of the stage before
 * out  states (I, 2 ⌈D / stride⌉ + 1, C): row 2c + w is word w before draw c · stride of the D draws after u0, so that
 *      row 1 is u0 itself; the last row passes the canary on; x = sample, y = row, z = instance
 */
import { SAMPLE_ROUNDS } from '../../random.ts';
import type { BlockShape, GpuMode, Kernel } from '../shape.ts';
import { integers, round, rounds, sampleWord, stream, xor } from './text.ts';

/** Draws between two places of the last stage, and the ratio of two stages. */
const STRIDE = 8;
/** Draws up to which walking from the start costs less than another kernel. */
const SHORT = 2 * STRIDE;

/** Strides of the stages, widest first; none if a sample has few draws. */
function stridesFor(draws: number): number[] {
  if (draws <= SHORT) return [];
  const strides: number[] = [];
  for (let stride = STRIDE; stride < draws; stride *= STRIDE) strides.unshift(stride);
  return strides;
}

const rowsFor = (draws: number, stride: number): number => 2 * Math.ceil(draws / stride);

/** Rows of the states of all stages, canaries and all. */
export const stateRows = (draws: number): number =>
  stridesFor(draws).reduce((sum, stride) => sum + rowsFor(draws, stride) + 1, 0);

/** Rounds that the threads of a sample do, at most. */
export function roundsFor(draws: number): number {
  const stages = stridesFor(draws).length;
  return draws * (stages === 0 ? draws + SAMPLE_ROUNDS : STRIDE * (2 * stages + 1));
}

/** Starts the stream of the thread's sample: afterwards a and b are its words, and b is u0. */
function startText(mode: GpuMode): string {
  return `
    ${sampleWord(mode, 'this.thread.x')}
    b = ${xor(mode, 'b', 'key[this.thread.z][1]')}; a = key[this.thread.z][0];
    ${rounds(mode, SAMPLE_ROUNDS)}`;
}

/** Sets a and b to the words of the place nearest before draw `index`; `walk` is how many rounds are left. */
function jumpText(stride: number, index: string): string {
  return `
    place = Math.floor((${index} + 0.5) / ${stride});
    walk = ${index} - place * ${stride};
    place = place + place;
    a = states[this.thread.z][place][this.thread.x];
    b = states[this.thread.z][place + 1][this.thread.x];`;
}

const canaryOf = (draws: number, stride: number): string =>
  `states[this.thread.z][${rowsFor(draws, stride)}][this.thread.x]`;

/** At most `most` rounds, as many as `walk` says. */
const walkText = (mode: GpuMode, most: number): string =>
  `for (let r = 0; r < ${most}; r++) { if (r >= walk) { break; } ${round(mode)} }`;

/** How the kernel that draws finds its way: its variables, u0, and the draw of a number, which it leaves in u. */
export interface Path {
  source: 'key' | 'states'; // its first argument
  canary: string; // where that passes the canary on
  begin: string;
  reach(index: string): string;
}

/** The path from the last stage, or from the start of the stream if there is none. */
export function pathOf(mode: GpuMode, draws: number): Path {
  const variables = `${stream(mode)} ${integers(mode, 'walk', 'place')}`;
  if (stridesFor(draws).length === 0) {
    return {
      source: 'key',
      canary: 'key[this.thread.z][2]',
      begin: `${variables} ${integers(mode, 'a0')} ${startText(mode)} a0 = a; u0 = b;`,
      reach: (index) => `a = a0; b = u0; walk = ${index}; ${walkText(mode, draws)} ${round(mode)}`,
    };
  }
  return {
    source: 'states',
    canary: canaryOf(draws, STRIDE),
    begin: `${variables} u0 = states[this.thread.z][1][this.thread.x];`,
    reach: (index) => `${jumpText(STRIDE, index)} ${walkText(mode, STRIDE - 1)} ${round(mode)}`,
  };
}

/** The kernel of stage `stage` of a sample's D draws. */
function checkpointKernel({ mode, instances, columns }: BlockShape, draws: number, stage: number): Kernel {
  const strides = stridesFor(draws);
  const stride = strides[stage];
  const before = strides[stage - 1];
  const rows = rowsFor(draws, stride);
  const source = `function (${before ? 'states' : 'key'}) {
    if (this.thread.y === ${rows}) { return ${before ? canaryOf(draws, before) : 'key[this.thread.z][2]'}; }
    ${stream(mode)} ${integers(mode, 'walk', 'place', 'index')}
    place = Math.floor((this.thread.y + 0.5) / 2);
    index = place * ${stride};
    ${before ? jumpText(before, 'index') : `${startText(mode)} walk = index;`}
    ${walkText(mode, before ? before - stride : draws)}
    return this.thread.y % 2 === 0 ? a : b;
  }`;
  return { source, output: [columns, rows + 1, instances] };
}

/** The kernels of all stages, in order; each takes what the one before returns, the first the step keys. */
export const checkpointKernels = (shape: BlockShape, draws: number): Kernel[] =>
  stridesFor(draws).map((_, stage) => checkpointKernel(shape, draws, stage));
