/** CC1: fewer neurons than features to compute, with and without the mixing of a random embedding. */
import { heldOutLoss } from '../evaluate.ts';
import type { TrainedGroup, TrainedModels } from '../join.ts';
import { neuronsPerFeature, ownResponses, sharesAlong } from '../metrics/contributions.ts';
import { type Params, takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { computedLoss, leastSparseLoss, mixedLoss, wantedDirections } from '../theory/compressed.ts';
import { atLeast, atMost, digits, near, noted } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

interface Sizes {
  features: number; // n
  hidden: number; // m
  embedding: number; // d
}

/** Losses of the models of one kind, means over seeds and features. */
export interface Losses {
  byDensity: number[]; // (DENSITIES)
  built: number[]; // (DENSITIES) of m features computed exactly, sampled
  sparse: number[]; // (seeds) exactly one feature active
}

/** What the neurons of one model at PUBLISHED do. */
interface Work {
  own: number[]; // (n) Σ_k V_ik ReLU(W_ik), falling
  neurons: number[]; // (n) neurons that share a feature, falling
}

export interface CompressedData {
  sizes: Sizes;
  samples: number; // of every held-out loss
  densities: number[];
  bare: Losses; // without mixing
  mixing: Losses;
  mixed: number[]; // (DENSITIES) exact loss of m features computed exactly, mixing left as it is; mean over seeds
  least: number[]; // (seeds) least loss that any neurons have, one feature active, with mixing
  work: { bare: Work; mixing: Work };
  along: number[]; // (n) share of ‖V‖² along each eigenvector of M, the most wanted first; mean over seeds
  seeds: number;
}

/** p of the published model. */
export const PUBLISHED = 0.01;
const DENSITIES = [0.003, PUBLISHED, 0.03, 0.1, 0.3, 1];
const AT = DENSITIES.indexOf(PUBLISHED);
const SIZES: Record<Scale, Sizes> = {
  quick: { features: 40, hidden: 20, embedding: 400 },
  paper: { features: 100, hidden: 50, embedding: 1000 },
};
const SAMPLES: Record<Scale, number> = { quick: 65_536, paper: 262_144 };
/** The released batch and rate at paper scale; the number of steps is ours. */
const TRAINING = {
  quick: { batch: 512, steps: 1200, learningRate: 1e-2 },
  paper: { batch: 2048, steps: 10_000, learningRate: 3e-3 },
};

function specOf(scale: Scale, isMixing: boolean, isSparse: boolean): SpecInput {
  const { features, hidden, embedding } = SIZES[scale];
  return {
    model: {
      ...{ kind: 'residual-mlp', features, hidden, hiddenActivation: 'relu', tied: false, bias: false },
      ...(isMixing && { embedding }),
    },
    input: { density: isSparse ? { exactly: 1 } : PUBLISHED, magnitude: 'signed' },
    training: { ...TRAINING[scale], weightDecay: 0.01, schedule: 'cosine' },
    ...(!isSparse && { sweep: [{ path: 'input.density', values: DENSITIES }] }),
    replicas: 3,
  };
}

/** The same models with neurons that compute the first m features, each its own, and nothing else. */
function builtParams({ params, problem: { instances, family } }: TrainedGroup): Params {
  const { features: n, hidden: m } = family;
  const own = Float32Array.from({ length: instances * n * m }, (_, at) =>
    Number(Math.floor(at / m) % n === at % m),
  );
  return { ...params, W: own, V: own };
}

/** Means of each run of `size` numbers. */
function runMeans(values: ArrayLike<number>, size: number): number[] {
  return Array.from({ length: values.length / size }, (_, k) => {
    let sum = 0;
    for (let r = 0; r < size; r++) sum += values[k * size + r];
    return sum / size;
  });
}

async function lossesOf(swept: TrainedModels, sparse: TrainedModels, context: Context): Promise<Losses> {
  const [group, alone] = [onlyGroup(swept), onlyGroup(sparse)];
  const loss = (own: TrainedGroup, params: Params) =>
    heldOutLoss(context.engine, own.problem, params, SAMPLES[context.scale], context.threads);
  const seeds = swept.spec.replicas;
  return {
    byDensity: runMeans(await loss(group, group.params), seeds),
    built: runMeans(await loss(group, builtParams(group)), seeds),
    sparse: [...(await loss(alone, alone.params))],
  };
}

const falling = (values: Float64Array): number[] =>
  [...values].sort((a, b) => b - a).map((value) => Number(value.toFixed(4)));

/** Weights of the models at PUBLISHED. */
function publishedModels(result: TrainedModels): Params[] {
  const { params, problem } = onlyGroup(result);
  const seeds = result.spec.replicas;
  return Array.from({ length: seeds }, (_, r) => takeParams(params, problem.family, [AT * seeds + r]));
}

function workOf(result: TrainedModels): Work {
  const [{ W, V }] = publishedModels(result);
  const { hidden } = result.spec.model;
  return {
    own: falling(ownResponses({ W, V }, hidden)),
    neurons: falling(neuronsPerFeature({ W, V }, hidden)),
  };
}

/** M of every model of a result. */
function eachMixing(result: TrainedModels): Float32Array[] {
  const { params, problem, rows } = onlyGroup(result);
  return Array.from(rows, (_, i) => takeParams(params, problem.family, [i]).M);
}

/** Exact losses of m features computed exactly, M left as it is. Shape (DENSITIES). */
function mixedLosses(result: TrainedModels): number[] {
  const { features, hidden } = result.spec.model;
  const seeds = result.spec.replicas;
  const losses = eachMixing(result).map((M, i) =>
    mixedLoss(M, { features, hidden, density: DENSITIES[Math.floor(i / seeds)] }),
  );
  return runMeans(losses, seeds);
}

/** Share of ‖V‖² along each eigenvector of the model's own M, a mean over models. */
function meanShares(models: Params[], { features: n, hidden }: Sizes): number[] {
  const all = models.map(({ M, V }) => sharesAlong(V, hidden, wantedDirections(M, n).directions));
  return Array.from({ length: n }, (_, e) => all.reduce((sum, own) => sum + own[e], 0) / all.length);
}

async function data(results: TrainedModels[], context: Context): Promise<CompressedData> {
  const [bare, mixing, bareSparse, mixingSparse] = results;
  const sizes = SIZES[context.scale];
  const { features: n, hidden: m } = sizes;
  const models = publishedModels(mixing);
  return {
    sizes,
    samples: SAMPLES[context.scale],
    densities: DENSITIES,
    bare: await lossesOf(bare, bareSparse, context),
    mixing: await lossesOf(mixing, mixingSparse, context),
    mixed: mixedLosses(mixing),
    least: eachMixing(mixingSparse).map((M) =>
      leastSparseLoss(M, { features: n, hidden: m, density: 1 / n }),
    ),
    work: { bare: workOf(bare), mixing: workOf(mixing) },
    along: meanShares(models, sizes),
    seeds: mixing.spec.replicas,
  };
}

/** Standard error of the sampled loss of m features computed exactly, as a share of it, from E ReLU(x)⁴ = p/10. */
function errorOf({ sizes, samples, seeds }: CompressedData, density: number): number {
  const squares = density / 10 - (density / 6) ** 2;
  return Math.sqrt(squares / (samples * seeds * (sizes.features - sizes.hidden))) / (density / 6);
}

/** The same of one model where exactly one feature is active. */
const sparseError = ({ samples }: CompressedData): number => Math.sqrt((1 / 20 - 1 / 144) * 144 / samples); // biome-ignore format: one formula

/** Loss of the built models without mixing, furthest from the exact one; in standard errors. */
function furthest(own: CompressedData): number {
  const errors = own.densities.map((density, k) => {
    const exact = computedLoss({ ...own.sizes, density });
    return Math.abs(own.bare.built[k] / exact - 1) / errorOf(own, density);
  });
  return Math.max(...errors);
}

function statements(own: CompressedData): Claim[] {
  const { sizes, bare, mixing, along, densities } = own;
  const half = (density: number) => computedLoss({ ...sizes, density });
  const bound = 1 - 4 * errorOf(own, PUBLISHED);
  const dense = densities.map(
    (density, k) => `${digits(bare.byDensity[k] / half(density))} at p = ${density}`,
  );
  return [
    atMost(
      'with the mixing matrix the neurons beat m features computed exactly: loss over (1 − m/n) p/6 at p = 0.01',
      'CC26; four standard errors below 1',
      mixing.byDensity[AT] / half(PUBLISHED),
      bound,
    ),
    noted(
      atLeast(
        'without it the advantage is gone: the same loss over (1 − m/n) p/6 at p = 0.01',
        'CC26; four standard errors below 1',
        bare.byDensity[AT] / half(PUBLISHED),
        bound,
      ),
      `over all densities: ${dense.join(', ')}`,
    ),
    noted(
      atLeast(
        'what neurons write lies in the top m eigenvectors of the mixing: their share of ‖V‖²',
        'CC26; bound ours',
        along.slice(0, sizes.hidden).reduce((sum, share) => sum + share, 0),
        0.9,
      ),
      `random directions have ${digits(sizes.hidden / sizes.features)}`,
    ),
  ];
}

function signature(own: CompressedData): Claim[] {
  const { sizes, bare, mixing, least } = own;
  const alone = computedLoss({ ...sizes, density: 1 / sizes.features });
  const ratios = [
    ...bare.sparse.map((loss) => loss / alone),
    ...mixing.sparse.map((loss, seed) => loss / least[seed]),
  ];
  return [
    ...statements(own),
    atLeast(
      'one feature active at a time, no m neurons lose less than the tail of the spectrum: least loss over it',
      'exact; four standard errors',
      Math.min(...ratios),
      1 - 4 * sparseError(own),
    ),
    atMost(
      'with mixing that bound is below m features computed exactly: largest over seeds',
      'exact',
      Math.max(...least.map((loss) => loss / alone)),
      1,
    ),
    near(
      'm features computed exactly lose (1 − m/n) p/6, sampled at every density: worst in standard errors',
      'exact; four standard errors',
      furthest(own),
      0,
      4,
    ),
  ];
}

export const compressedComputation: Experiment<CompressedData> = {
  name: 'compressed-computation',
  id: 'CC1',
  paper: 'computation',
  section: 'x + ReLU(x)',
  title: 'Compressed computation, with and without the mixing matrix',
  caption:
    'A residual MLP is to return x + ReLU(x) for twice as many features as it has neurons, x_i uniform on [−1, 1] with ' +
    'probability p, else 0. Features are embedded along fixed random unit directions E of ten times as many dimensions, so ' +
    'that the stream mixes them by M = E Eᵀ − I, or along axes, without any mixing. Top left: loss over p; black, exactly: ' +
    'half of the features computed and the rest left, the same where the mixing is left too, and the least loss that the ' +
    'mixing allows where one feature is active at a time. Top right: what the neurons add to a feature’s own output where it ' +
    'alone is 1; 1 is right. Bottom left: how many neurons share that work. Bottom right: where outputs of neurons lie. ' +
    'Mixed, the neurons gain by undoing the mixing along half of its directions; without it they gain nothing at small p.',
  seconds: { quick: 15, paper: 900 },
  specs: (scale) => [
    specOf(scale, false, false),
    specOf(scale, true, false),
    specOf(scale, false, true),
    specOf(scale, true, true),
  ],
  data,
  signature,
};
