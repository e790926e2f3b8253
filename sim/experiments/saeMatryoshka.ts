/** Matryoshka's inner weight: from absorption to hedging, trained beside exact. */
import type { TrainedModels } from '../join.ts';
import type { SpecInput } from '../spec.ts';
import { lossOf } from '../theory/dictionary.ts';
import { encoderZero, innerLatent, innerOf, NESTED, nestedSupport } from '../theory/matryoshka.ts';
import { atLeast, atMost, near } from './claims.ts';
import { byRow, inFeatureAxes, leastOf, runs } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Parts of the children in the inner latent, per unit of the parent; V = weights of the inner error. */
export interface MatryoshkaData {
  weights: number[]; // (V) rising from 0
  encoder: { exact: number[]; trained: number[] }; // below 0: absorption; above: hedging
  decoder: { exact: number[]; trained: number[] };
  zero: number; // exact weight at which the encoder is free of children
}

const WEIGHTS = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 1];
const { parent, children, sparsity } = NESTED;
const LATENTS = children.length + 1;

function spec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  return {
    model: { features: LATENTS, hidden: LATENTS },
    input: {
      density: [parent, ...children],
      magnitude: 'one',
      tree: { parents: [-1, ...children.map(() => 0)] },
    },
    dictionary: {
      reads: 'orthonormal',
      latents: LATENTS,
      sparsity,
      prefixes: [1],
      training: quick
        ? { steps: 20_000, batch: 256, learningRate: 3e-3, schedule: 'cosine' }
        : { steps: 50_000, batch: 1024, learningRate: 3e-3, schedule: 'cosine' },
    },
    sweep: [{ path: 'dictionary.innerWeight', values: WEIGHTS }],
    replicas: quick ? 12 : 40,
  };
}

function data([result]: TrainedModels[]): MatryoshkaData {
  const support = nestedSupport(parent, children);
  const exact = WEIGHTS.map((weight) => innerLatent(weight));
  const trained = runs(byRow(result, inFeatureAxes), result.spec.replicas).map((own, k) => {
    const weight = WEIGHTS[k];
    const prefixes = [
      { latents: 1, weight },
      { latents: LATENTS, weight: 1 },
    ];
    const scored = own.map((dictionary) => ({
      loss: lossOf(support, { sparsity, prefixes }, dictionary),
      ...innerOf(dictionary, weight),
    }));
    return leastOf(scored);
  });
  return {
    weights: WEIGHTS,
    encoder: { exact: exact.map((own) => own.encoder), trained: trained.map((own) => own.encoder) },
    decoder: { exact: exact.map((own) => own.decoder), trained: trained.map((own) => own.decoder) },
    zero: encoderZero(),
  };
}

/** Where a line over weights first rises through 0, between two of its points; NaN if nowhere. */
function crossingZero(weights: readonly number[], values: readonly number[]): number {
  const k = values.findIndex((value, at) => at > 0 && value >= 0 && values[at - 1] < 0);
  if (k < 0) return Number.NaN;
  const [a, b] = [values[k - 1], values[k]];
  return weights[k - 1] + ((weights[k] - weights[k - 1]) * -a) / (b - a);
}

function signature({ weights, encoder, decoder, zero }: MatryoshkaData): Claim[] {
  const differences = (['encoder', 'decoder'] as const).map((part) => {
    const { exact, trained } = { encoder, decoder }[part];
    return Math.max(...trained.slice(1).map((value, k) => Math.abs(value - exact[k + 1])));
  });
  return [
    atMost(
      'plain dictionaries absorb: the inner latent’s encoder pushes children away',
      'HEDGE; bound ours',
      encoder.trained[0],
      -0.1,
    ),
    atLeast(
      'classic Matryoshka (weight 1) hedges: it takes them in',
      'HEDGE; bound ours',
      encoder.trained.at(-1)!,
      0.03,
    ),
    near(
      'weight at which the encoder is free of children (the paper balances at 0.25)',
      'exact; tolerance ours',
      crossingZero(weights, encoder.trained),
      zero,
      0.03,
    ),
    atLeast(
      'no weight above 0 frees the decoder of children: least part, trained',
      'exact; bound ours',
      Math.min(...decoder.trained.slice(1)),
      0.003,
    ),
    atMost(
      'trained parts follow the exact ones: largest |difference| at weights above 0',
      'exact; tolerance ours',
      Math.max(...differences),
      0.03,
    ),
  ];
}

export const saeMatryoshka: Experiment<MatryoshkaData> = {
  name: 'sae-matryoshka',
  id: 'S7',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'Matryoshka dictionaries: from absorption to hedging',
  caption:
    'A parent (probability 1/4) with three children of 0.15 each, read by four latents of which the first must also ' +
    'reconstruct alone; the weight of that error runs along the axis. Lines: exact optimum; dots: trained dictionaries ' +
    'of least exact loss. Without it the first latent’s encoder pushes the children away (absorption); with weight 1 it ' +
    'takes them in (hedging). At one weight between the encoder is free of them; the decoder never is.',
  seconds: { quick: 20, paper: 660 },
  specs: (scale) => [spec(scale)],
  data,
  signature,
};
