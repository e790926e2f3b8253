import { compressionError, LINEAR_ERROR, steepFloor } from '../theory/compression.ts';
import { near, noted, statement } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

export interface CompressionData {
  epsilons: number[]; // widths of a steep segment, as a share of a cell
  curves: { levels: number; error: number[]; edge: number[] }[]; // at each width, for Z = levels: x read off at the middle of its cell, or at the lower edge
  linear: number; // error of the linear schemes
  averaged: number; // error of storing (x + y)/2, summed numerically
  encoder: { x: number[]; level: number[] }; // the soft ⌊Zx⌋ at Z = 3, ε = 0.1
}

const LEVELS = [2, 3, 4, 6, 8];
const NEURONS_PER_LEVEL = 12; // the paper's count for one segment of Z
const PAPER = { levels: 3, epsilon: 0.1 };

/** Error of keeping the mean of x and y, by the midpoint rule on a grid. */
function averagedError(): number {
  const N = 200;
  let sum = 0;
  for (let i = 0; i < N; i++) for (let j = 0; j < N; j++) sum += ((i - j) / N) ** 2 / 2;
  return sum / (N * N);
}

function data(): CompressionData {
  const epsilons = Array.from({ length: 41 }, (_, k) => k / 100);
  const x = Array.from({ length: 301 }, (_, k) => k / 300);
  return {
    epsilons,
    curves: LEVELS.map((levels) => ({
      levels,
      error: epsilons.map((epsilon) => compressionError(levels, epsilon)),
      edge: epsilons.map((epsilon) => compressionError(levels, epsilon, 0)),
    })),
    linear: LINEAR_ERROR,
    averaged: averagedError(),
    encoder: { x, level: x.map((value) => steepFloor(PAPER.levels * value, PAPER.levels, PAPER.epsilon)) },
  };
}

function signature({ epsilons, curves, linear, averaged }: CompressionData): Claim[] {
  const at = epsilons.indexOf(PAPER.epsilon);
  const paper = curves.find(({ levels }) => levels === PAPER.levels)!.error[at];
  const ideal = curves.map(({ levels, error }) => Math.abs(error[0] * 12 * levels ** 2 - 1));
  const first = (of: 'error' | 'edge') =>
    curves.find((curve) => curve[of][at] < linear)?.levels ?? Number.NaN;
  return [
    statement(
      'Z = 3, ε = 0.1: less error than the linear schemes',
      'TMS',
      `below 1/12 = ${linear.toFixed(4)}`,
      paper.toFixed(4),
      paper < linear,
    ),
    near('both linear schemes lose the same: error of keeping the mean', 'exact', averaged, linear, 1e-5),
    near('ε = 0: error 1/(12 Z²); largest relative deviation', 'exact', Math.max(...ideal), 0, 1e-4),
    noted(
      near(
        'break-even at ε = 0.1, at 12 neurons a segment of Z (neurons)',
        'TMS, "about 36"; tolerance ours',
        first('edge') * NEURONS_PER_LEVEL,
        36,
        6,
      ),
      `x read off at the lower edge of its cell, ⌊Zt⌋/Z as the formula of the paper reads; at the middle, which is better, ${first('error')} levels are enough`,
    ),
  ];
}

export const compression: Experiment<CompressionData> = {
  name: 'nonlinear-compression',
  id: 'A1',
  paper: 'toy-models',
  section: 'Appendix',
  title: 'Two dense numbers in one: nonlinear compression',
  caption:
    'x and y, uniform on [0, 1], are stored as t = (⌊Zx⌋ + y)/Z. Neurons cannot jump, so each step of the floor is a ' +
    'steep segment of width ε (left). Right: error over ε for several Z, against the two linear schemes: keep x, or ' +
    'keep the mean.',
  seconds: { quick: 1, paper: 1 },
  specs: () => [],
  data,
  signature,
};
