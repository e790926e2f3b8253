/** Specs with a name and no figure: what takes hours. `superpose sweep NAME` trains them and resumes where it stopped. */
import { instanceKey, sampleStream, sampleWord, unit, draw as word } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import { principal } from '../theory/principal.ts';
import { LARGE, samplesSpec } from './memorising.ts';

/** A named spec, and how long it takes. */
export interface Overnight {
  name: string; // kebab-case
  title: string;
  hours: number; // on two idle cores, from a slice
  spec(): SpecInput;
}

const FIVE_SEEDS = [0, 1, 2, 3, 4];

/**
 * Sharkey et al. 2022: 512 unit directions in 256 dimensions, five active on average, the i-th in proportion to 0.99^i.
 * Their α weighs the mean over dimensions and latents, λ = α d/L. Steps are ours, and the batch an eighth of that of the
 * replication: 5 M samples.
 */
function directionsSpec(): SpecInput {
  const decay = Array.from({ length: 512 }, (_, i) => 0.99 ** i);
  const total = decay.reduce((sum, share) => sum + share, 0);
  return {
    name: 'sae-directions-full',
    model: { features: 512, hidden: 256 },
    input: { density: decay.map((share) => (5 * share) / total) },
    dictionary: {
      reads: 'random',
      latents: 512,
      penalty: 'unit-norm',
      training: { steps: 10_000, batch: 512, learningRate: 1e-3 },
    },
    sweep: [
      { path: 'dictionary.latents', values: [256, 512, 1024, 2048] },
      { path: 'dictionary.sparsity', from: 0.01, to: 1, count: 9, scale: 'log' },
    ],
  };
}

/**
 * Correlations (n, n) of which seven of ten pairs have some, of either sign and 0.3 to 0.9; eigenvalues below 0.01 are
 * raised to it, and the diagonal is brought back to 1. The draws are ours.
 */
export function randomCorrelations(n: number): number[][] {
  const stream = sampleStream(instanceKey(42, 0), sampleWord(0));
  const next = () => unit(word(stream));
  const drawn = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    drawn[i * n + i] = 1;
    for (let j = 0; j < i; j++) {
      const [isOne, sign, strength] = [next() < 0.7, next() < 0.5 ? -1 : 1, 0.3 + 0.6 * next()];
      if (isOne) drawn[i * n + j] = drawn[j * n + i] = sign * strength;
    }
  }
  for (let i = 0; i < n; i++) drawn[i * n + i] += n; // so that no eigenvalue is below 0, as singular values are not
  const { values, vectors } = principal(drawn, n);
  const clipped = (i: number, j: number) =>
    values.reduce(
      (sum, value, k) => sum + Math.max(0.01, value - n) * vectors[i * n + k] * vectors[j * n + k],
      0,
    );
  const sizes = Array.from({ length: n }, (_, i) => Math.sqrt(clipped(i, i)));
  const entry = (i: number, j: number) => clipped(i, j) / (sizes[i] * sizes[j]);
  return sizes.map((_, i) => sizes.map((_, j) => (i === j ? 1 : entry(Math.max(i, j), Math.min(i, j)))));
}

/** Chanin & Garriga-Alonso 2025: 50 correlated features in 100 dimensions, some 11 active; k of 1 to 25, 15 M samples. */
function projectionSpec(): SpecInput {
  const n = 50;
  return {
    name: 'sae-projection-full',
    model: { features: n, hidden: 100 },
    input: {
      density: Array.from({ length: n }, (_, i) => 0.05 + (0.345 * (n - 1 - i)) / n),
      correlation: randomCorrelations(n),
      magnitude: { mean: 1, sd: 0.15 },
    },
    dictionary: {
      kind: 'batch-topk',
      reads: 'orthonormal',
      latents: n,
      training: { steps: 14_650, batch: 1024, learningRate: 3e-4 },
    },
    sweep: [
      { path: 'dictionary.active', values: Array.from({ length: 25 }, (_, k) => k + 1) },
      { path: 'dictionary.seed', values: FIVE_SEEDS },
    ],
  };
}

export const overnight: readonly Overnight[] = [
  {
    name: 'dd-night',
    title: 'Double descent at 10,000 features, T to 20,000',
    hours: 4.5,
    spec: () => ({ name: 'dd-night', ...samplesSpec(LARGE, 2, [5_000, 10_000, 20_000], 50_000, 4) }),
  },
  {
    name: 'sae-directions-full',
    title: 'Size and sparsity of a dictionary of 512 random directions in 256 dimensions',
    hours: 15,
    spec: directionsSpec,
  },
  {
    name: 'sae-projection-full',
    title: 'How many latents should fire: 50 correlated features in 100 dimensions',
    hours: 1,
    spec: projectionSpec,
  },
];

/** The overnight spec called `name`, or undefined. */
export function findOvernight(name: string): Overnight | undefined {
  return overnight.find((own) => own.name === name);
}
