/** What the figures on double descent share: models that train on T samples of length 1, all at every step. */
import { heldOutLosses } from '../evaluate.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { featureDimensionality } from '../metrics/dimensionality.ts';
import { hiddenVectors } from '../metrics/encode.ts';
import { circles, deadSamples, sampleDimensionality } from '../metrics/samples.ts';
import { takeFrom } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { tablesOf } from '../table.ts';
import type { Context, Scale } from './experiment.ts';

/** Features and density: a tenth of the paper's size, or the paper's. */
interface Size {
  features: number;
  density: number;
}
export const SMALL: Size = { features: 1000, density: 0.01 };
export const LARGE: Size = { features: 10_000, density: 0.001 };

/** Training set sizes of the main sweep. */
const SAMPLES: Record<Scale, number[]> = {
  quick: [3, 5, 6, 8, 10, 15, 30, 50, 100, 200, 500, 1000, 2000],
  paper: [3, 5, 6, 8, 10, 15, 30, 50, 100, 200, 500, 1000, 2000, 5000],
};

/** The paper's weight decay, where nothing else is said. */
export const WEIGHT_DECAY = 0.01;

/** The paper's training: AdamW on the sum over features, linear warm-up over a twentieth, then a cosine to 0. */
const trainingOf = (steps: number, more: object = {}) => ({
  steps,
  learningRate: 1e-3,
  weightDecay: WEIGHT_DECAY,
  reduction: 'sum' as const,
  schedule: 'cosine' as const,
  warmup: Math.floor(steps / 20),
  ...more,
});

/** Models of so many hidden units over sizes of the training set. */
export function samplesSpec(
  { features, density }: Size,
  hidden: number,
  counts: number[],
  steps: number,
  replicas: number,
  training: object = {},
): SpecInput {
  return {
    model: { features, hidden },
    input: { density, samples: { count: counts[0], unitLength: true } },
    training: trainingOf(steps, training),
    sweep: [{ path: 'input.samples.count', values: counts }],
    replicas,
    record: { lossEvery: Math.ceil(steps / 10) },
  };
}

/** Stands for endless data: size of the set, steps and models. Features are found fast. */
const REFERENCE: Record<Scale, [samples: number, steps: number, replicas: number]> = {
  quick: [5000, 2500, 2],
  paper: [20_000, 10_000, 4],
};

/**
 * The main sweep, m = 2, and the set that stands for endless data; at paper scale also the paper's own size, to
 * T = 3,000. The same for all figures that show it, so that it is trained once.
 */
export function mainSpecs(scale: Scale): SpecInput[] {
  const [count, steps, replicas] = REFERENCE[scale];
  const reference = samplesSpec(SMALL, 2, [count], steps, replicas);
  if (scale === 'quick') return [samplesSpec(SMALL, 2, SAMPLES.quick, 10_000, 3), reference];
  return [
    samplesSpec(SMALL, 2, SAMPLES.paper, 50_000, 4),
    reference,
    samplesSpec(LARGE, 2, [5, 10, 30, 100, 300, 1000, 3000], 50_000, 4),
  ];
}

/** One trained model in numbers. */
export interface Memory {
  row: number;
  samples: number; // T
  train: number; // loss on the training set, summed over features
  test: number; // on fresh samples
  normW: number;
  normB: number;
  features: number[]; // D_f of the twelve largest, falling
  total: number; // Σ D_X over the samples
  shares: number[]; // D_X, at most SHOWN of them
  regular: boolean; // every D_X within 15 % of m/T
  dropped: number; // samples at the origin
}

const SHOWN = 60;
const TEST_SAMPLES: Record<Scale, number> = { quick: 8192, paper: 32_768 };

const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
const round = (value: number) => Number(value.toPrecision(5));

/** Instance i of a group in numbers; `test` is its loss on fresh samples. */
function memoryAt(group: TrainedGroup, tables: ReturnType<typeof tablesOf>, i: number, test: number): Memory {
  const { features: n, hidden: m } = group.problem.family;
  const W = takeFrom(group.params.W, [i], n * m);
  const table = tables.list[tables.of[i]];
  const h = hiddenVectors(table, W, m);
  const shares = sampleDimensionality(h, m);
  const D = featureDimensionality({ W }, { features: n, hidden: m }).sort((a, b) => b - a);
  const every = Math.ceil(shares.length / SHOWN);
  return {
    row: group.rows[i],
    samples: table.samples,
    train: group.losses[group.losses.length - group.rows.length + i],
    test,
    normW: norm(W),
    normB: norm(takeFrom(group.params.b, [i], n)),
    features: [...D.subarray(0, 12)].map(round),
    total: shares.reduce((sum, share) => sum + share, 0),
    shares: [...shares.filter((_, t) => t % every === 0)].map(round),
    regular: shares.every((share) => Math.abs((share * table.samples) / m - 1) <= 0.15),
    dropped: deadSamples(h, m),
  };
}

/** All models of a result in numbers, in the order of their rows. */
export async function memoriesOf(result: TrainedModels, context: Context): Promise<Memory[]> {
  const out: Memory[] = [];
  const { engine, scale, threads } = context;
  const test = await heldOutLosses(engine, result.groups, TEST_SAMPLES[scale], threads);
  result.groups.forEach((group, g) => {
    const tables = tablesOf(group.problem);
    group.rows.forEach((row, i) => {
      out[row] = memoryAt(group, tables, i, test[g][i]);
    });
  });
  return out;
}

/** The vectors of one model in two dimensions. */
export interface Vectors {
  row: number;
  samples: number;
  W: number[]; // (k, 2) columns longer than a twentieth of the longest
  h: number[]; // (T', 2) hidden vectors of at most MOST samples
  ratio: number; // of the two radii, and largest gap between directions in turns
  gap: number;
}

const MOST = 400;
const short = (value: number) => Math.round(value * 1e3) / 1e3;

/** The model of least training loss of each size of the training set. */
export function vectorsOf(result: TrainedModels): Vectors[] {
  return result.groups.map((group) => {
    const { features: n } = group.problem.family;
    const last = group.losses.subarray(group.losses.length - group.rows.length);
    const i = last.reduce((best, loss, k) => (loss < last[best] ? k : best), 0);
    const W = takeFrom(group.params.W, [i], 2 * n);
    const { list, of } = tablesOf(group.problem);
    const h = hiddenVectors(list[of[i]], W, 2);
    const longest = Math.max(...Array.from({ length: n }, (_, j) => Math.hypot(W[2 * j], W[2 * j + 1])));
    const shown = Array.from({ length: n }, (_, j) => j).filter(
      (j) => Math.hypot(W[2 * j], W[2 * j + 1]) > longest / 20,
    );
    return {
      row: group.rows[i],
      samples: list[of[i]].samples,
      W: shown.flatMap((j) => [short(W[2 * j]), short(W[2 * j + 1])]),
      h: [...h.subarray(0, 2 * MOST)].map(short),
      ...circles(h),
    };
  });
}

/** Models by the size of their training set, in the order of the sizes. */
export function bySize(memories: readonly Memory[]): [samples: number, own: Memory[]][] {
  const sizes = [...new Set(memories.map(({ samples }) => samples))];
  return sizes.map((samples) => [samples, memories.filter((own) => own.samples === samples)]);
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean held-out loss of the replicas of every group of a result. */
export async function groupMeans(result: TrainedModels, context: Context): Promise<number[]> {
  const losses = await heldOutLosses(context.engine, result.groups, 8192, context.threads);
  return losses.map((own) => mean([...own]));
}

/** D_f from which a feature counts as one of the polygon. */
export const LARGE_SHARE = 0.15;

/** Whether a model has exactly five features of a large share. */
export const hasFive = ({ features }: Memory) => features[4] >= LARGE_SHARE && features[5] <= LARGE_SHARE;
