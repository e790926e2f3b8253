/** What the figures on scaling share (Liu, Liu and Gore 2025): features of power-law frequencies, decay of either sign. */
import { heldOutLoss } from '../evaluate.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { featureNorms } from '../metrics/norms.ts';
import { overGrid } from '../overGrid.ts';
import type { GridAxes, SpecInput } from '../spec.ts';
import { ignoredLoss } from '../theory/packing.ts';
import { noted } from './claims.ts';
import type { Claim, Context, Scale } from './experiment.ts';
import { slope } from './slope.ts';

export const FEATURES = 1000;
/** ⌊exp(linspace(ln 10, ln 100, 6))⌋ */
export const HIDDEN = [10, 15, 25, 39, 63, 100];

/** Values are those of U(0, 2) there and of U(0, 1) here: the same models, with biases of half the size. */
const TWICE = 2;
/** E v² of v uniform on (0, 2). */
export const SQUARE = 4 / 3;
const RATE = 0.01;

/** Batches and lengths: theirs, and what two cores train in seconds. */
const LENGTH: Record<Scale, { batch: number; steps: number }> = {
  quick: { batch: 256, steps: 1000 },
  paper: { batch: 2048, steps: 20_000 },
};

interface Point {
  hidden: number;
  exponent: number;
  gamma: number;
}

function specAt({ hidden, exponent, gamma }: Point, scale: Scale): SpecInput {
  const { batch, steps } = LENGTH[scale];
  return {
    model: { features: FEATURES, hidden },
    input: { density: { exponent, expected: 1 } },
    training: {
      batch,
      steps,
      learningRate: RATE,
      warmup: steps / 10,
      schedule: 'cosine',
      weightDecay: Math.max(0, gamma),
      unitPull: Math.max(0, -gamma),
      perTensor: { b: { learningRate: RATE / TWICE, weightDecay: 0 } },
      epsilon: 1e-8 / TWICE ** 2,
      init: { std: 1 / Math.sqrt(hidden) },
    },
  };
}

/** Models over `axes` of m, of the exponent α of p_i ∝ i^−α, and of the decay γ; what is no axis is as in `at`. */
export function scalingSpec(scale: Scale, at: Partial<Point>, axes: GridAxes): SpecInput {
  return overGrid(axes, (point: Partial<Point>) => specAt({ ...at, ...point } as Point, scale));
}

/** One trained model, in numbers; losses are summed over features, of values in (0, 2). */
export interface Scaled {
  row: number;
  hidden: number; // m
  exponent: number; // α of p_i ∝ i^−α
  gamma: number; // γ
  loss: number; // held-out
  kept: number; // features with ‖W_i‖ > ½
  first: number; // share of these among the first `kept`; NaN if none is
  long: number; // features with ‖W_i‖ > 1
  ignored: number; // (4/3) Σ p_i of all features behind the first `kept`
}

const HELD_OUT: Record<Scale, number> = { quick: 16_384, paper: 131_072 };

async function scaledOf(group: TrainedGroup, exponents: number[], context: Context): Promise<Scaled[]> {
  const { problem, params, rows } = group;
  const { features: n, hidden } = problem.family;
  const losses = await heldOutLoss(context.engine, problem, params, HELD_OUT[context.scale], context.threads);
  const norms = featureNorms(params, problem.family);
  const tensors = problem.weightDecay.length / rows.length;
  return Array.from(rows, (row, i) => {
    const own = norms.subarray(i * n, (i + 1) * n);
    const kept = own.filter((norm) => norm > 0.5).length;
    return {
      row,
      hidden,
      exponent: exponents[i % exponents.length],
      gamma: problem.weightDecay[i * tensors] - problem.unitPull[i],
      loss: n * TWICE ** 2 * losses[i],
      kept,
      first: own.subarray(0, kept).filter((norm) => norm > 0.5).length / kept,
      long: own.filter((norm) => norm > 1).length,
      ignored: ignoredLoss(problem.density.subarray(i * n, (i + 1) * n), kept, SQUARE),
    };
  });
}

/** All models of a result, whose exponents run innermost. */
export async function scaledModels(
  { groups }: TrainedModels,
  exponents: number[],
  context: Context,
): Promise<Scaled[]> {
  const all: Scaled[] = [];
  for (const group of groups) all.push(...(await scaledOf(group, exponents, context)));
  return all;
}

/** Exponent a of L ∝ m^−a, by least squares in logarithms. */
export const scalingExponent = (hidden: number[], loss: number[]): number =>
  -slope(hidden.map(Math.log), loss.map(Math.log));

/** What stands beside claims at quick scale that rest on long training. */
export function shortened(claims: Claim[], scale: Scale): Claim[] {
  if (scale === 'paper') return claims;
  const [{ batch, steps }, theirs] = [LENGTH.quick, LENGTH.paper];
  const note = `${steps.toLocaleString('en')} steps of ${batch} samples here; theirs ${theirs.steps.toLocaleString('en')} of ${theirs.batch.toLocaleString('en')}`;
  return claims.map((claim) => (claim.note || claim.source === 'exact' ? claim : noted(claim, note)));
}

/** Exponents α of the figures on the two regimes. */
export const EXPONENTS: Record<Scale, number[]> = {
  quick: [0, 1, 1.5, 2],
  paper: [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2],
};

/** Models over m and α at one decay: −1 for strong superposition, 1 for weak. */
export const regimeSpec = (scale: Scale, gamma: -1 | 1): SpecInput =>
  scalingSpec(scale, { gamma }, { hidden: HIDDEN, exponent: EXPONENTS[scale] });
