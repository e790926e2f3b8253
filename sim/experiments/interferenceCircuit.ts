/** IW2: a sparse layer computed in fewer dimensions: which lifted weights are real, and how well they are found. */
import type { TrainedModels } from '../join.ts';
import {
  ablations,
  type Lifted,
  liftedLoss,
  liftedOutputs,
  liftedWeights,
  usesOf,
} from '../metrics/lifted.ts';
import { type Params, takeParams } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, atMost, digits, noted } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { chance, correlationOf, counted, REAL, ranked, unseenSamples } from './lifted.ts';
import { onlyGroup } from './trained.ts';

/** By what weights are ranked. */
export const SCORES = ['size', 'attribution', 'target', 'frequency'] as const;
export type ScoreName = (typeof SCORES)[number];

/** What is kept when the weights of highest score are, the others being 0. */
export interface Found {
  count: number;
  precision: number; // share of what is kept that is real
  recall: number; // share of the real ones that are kept
  gain: number; // (L(none) − L(kept))/(L(none) − L(real)): 1 as if the real ones alone were kept
}

/** Models of one A. */
export interface CircuitRun {
  density: number; // of the entries of A's blocks
  realBins: number[]; // counts in LIFTED_BINS of the weights of the first model with ΔL > ε
  restBins: number[];
  real: number[][]; // (2) of the real weights, in two models
  rest: number[][]; // (2) of every fourth of the others
  pairs: number; // weights that are not real
  agreement: { real: number; rest: number; apart: number }; // correlations between the models; apart: of weights outside of A's blocks
  truth: { real: number; inside: number; entries: number }; // real weights, those of them where A is not 0, all where it is not
  losses: { whole: number; real: number; none: number };
  curves: Record<ScoreName, Found[]>;
}

const FEATURES = 128;
const HIDDEN = 16;
const BLOCKS = 8;
/** The text has one half; what is shown there, one tenth. */
const DENSITIES = [0.1, 0.5];
const SAMPLES: Record<Scale, number> = { quick: 4096, paper: 32_768 };
const COUNTS = [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240];

const specOf = (density: number): SpecInput => ({
  model: {
    ...{ kind: 'circuit', features: FEATURES, hidden: HIDDEN, tied: false },
    circuit: { blocks: BLOCKS, density, shift: -0.1 },
  },
  input: { density: 0.3 },
  training: { steps: 1000, batch: 512, learningRate: 5e-3, weightDecay: 0 },
  replicas: 2,
});

/** A lifted model beside the samples and targets that it is judged by. */
interface Judged {
  model: Lifted;
  samples: Float32Array;
  targets: Float64Array;
}

/** Loss where only some of the weights are there. */
const lossOf = ({ model, samples, targets }: Judged, isKept: (at: number) => boolean): number =>
  liftedLoss({ ...model, U: Array.from(model.U, (u, at) => (isKept(at) ? u : 0)) }, samples, targets);

/** Scores of every weight. */
function scoresOf({ model, samples, targets }: Judged): Record<ScoreName, number[]> {
  const { passed, wanted, together } = usesOf(model, samples, targets);
  const size = Array.from(model.U, Math.abs);
  return {
    size,
    attribution: size.map((u, at) => u * passed[at]),
    target: size.map((u, at) => u * wanted[at]),
    frequency: [...together],
  };
}

function curveOf(judged: Judged, scores: number[], real: boolean[], losses: CircuitRun['losses']): Found[] {
  const order = ranked(scores);
  const all = real.filter(Boolean).length;
  return COUNTS.map((count) => {
    const kept = new Set(order.slice(0, count));
    const found = [...kept].filter((at) => real[at]).length;
    const gain = (losses.none - lossOf(judged, (at) => kept.has(at))) / (losses.none - losses.real);
    return { count, precision: found / count, recall: found / all, gain };
  });
}

const modelOf = ({ W, V, b }: Params): Lifted => ({ U: liftedWeights(W, V, HIDDEN), b });

/** Block of A in which a feature is. */
const blockOf = (feature: number): number => Math.floor((feature * BLOCKS) / FEATURES);

/** Numbers at the places that a rule picks, of both models. */
const pick = (models: Lifted[], isWanted: (at: number) => boolean): number[][] =>
  models.map(({ U }) => Array.from(U).filter((_, at) => isWanted(at)));

/** Two models of one A beside what the first is judged by, and which of its weights are real. */
interface Pair extends Judged {
  models: Lifted[];
  A: Float32Array; // (n, n)
  real: boolean[]; // (n²)
}

function pairOf(result: TrainedModels, { scale }: Context): Pair {
  const group = onlyGroup(result);
  const params = [0, 1].map((i) => takeParams(group.params, group.problem.family, [i]));
  const models = params.map(modelOf);
  const samples = unseenSamples(group, SAMPLES[scale]);
  const [{ A, v }] = params;
  const targets = liftedOutputs({ U: A, b: v }, samples);
  const real = Array.from(ablations(models[0], samples, targets), (rise) => rise > REAL);
  return { model: models[0], models, samples, targets, A, real };
}

/** How weights of two models compare: real ones, the others, and those outside of A's blocks. */
function comparisonOf({ models, real }: Pair) {
  const [own, rest] = [pick(models, (at) => real[at]), pick(models, (at) => !real[at])];
  const apart = pick(models, (at) => blockOf(Math.floor(at / FEATURES)) !== blockOf(at % FEATURES));
  const [a, b, c] = [own, rest, apart].map(([first, second]) => correlationOf(first, second));
  return {
    realBins: counted(own[0]),
    restBins: counted(rest[0]),
    real: own.map(rounded),
    rest: rest.map((values) => rounded(values.filter((_, k) => k % 4 === 0))),
    pairs: rest[0].length,
    agreement: { real: a, rest: b, apart: c },
  };
}

function truthOf({ A, real }: Pair): CircuitRun['truth'] {
  return {
    real: real.filter(Boolean).length,
    inside: real.filter((isReal, at) => isReal && A[at] > 0).length,
    entries: A.filter((weight) => weight > 0).length,
  };
}

function runOf(result: TrainedModels, context: Context): CircuitRun {
  const pair = pairOf(result, context);
  const losses = {
    whole: lossOf(pair, () => true),
    real: lossOf(pair, (at) => pair.real[at]),
    none: lossOf(pair, () => false),
  };
  const scores = scoresOf(pair);
  const curves = SCORES.map((name) => [name, curveOf(pair, scores[name], pair.real, losses)]);
  return {
    density: result.spec.model.circuit!.density,
    ...comparisonOf(pair),
    truth: truthOf(pair),
    losses,
    curves: Object.fromEntries(curves) as CircuitRun['curves'],
  };
}

const rounded = (values: number[]): number[] => values.map((value) => Number(value.toFixed(4)));

/** The last place on the curve where at least half of what is kept is real; the first, if there is none. */
const halfway = (curve: Found[]): Found => curve.findLast(({ precision }) => precision >= 0.5) ?? curve[0];

function claimsOf({ density, agreement, pairs, curves, truth }: CircuitRun): Claim[] {
  const at = `entries of A with probability ${density}`;
  const margins = SCORES.map((name) => halfway(curves[name]).gain - halfway(curves[name]).recall);
  const [best] = SCORES.map((name) => halfway(curves[name])).sort((p, q) => q.gain - p.gain);
  return [
    noted(
      atLeast(
        `gain in loss over precision is much better than recall over precision, ${at}: the least difference of any score where half is real`,
        'IW; bound ours',
        Math.min(...margins),
        0.1,
      ),
      SCORES.map((name, k) => `${name} ${digits(margins[k])}`).join(', '),
    ),
    atLeast(
      `most of the gain is had while half of what is kept is real, ${at}: the best score’s`,
      'ours',
      best.gain,
      0.8,
    ),
    noted(
      atLeast(
        `real weights agree between models from other seeds, ${at}: their correlation`,
        'IW, of its first model; bound ours',
        agreement.real,
        0.8,
      ),
      `${truth.inside} of ${truth.real} are where A is not 0, which has ${truth.entries} entries`,
    ),
    noted(
      atMost(
        `interference does not, ${at}: its correlation between two models`,
        'IW, of its first model; three standard deviations of independent pairs',
        Math.abs(agreement.rest),
        chance(pairs),
      ),
      `${digits(agreement.apart)} outside of the blocks of A; within them models of any seed share what they cannot tell apart`,
    ),
  ];
}

export const interferenceCircuit: Experiment<CircuitRun[]> = {
  name: 'interference-circuit',
  id: 'IW2',
  paper: 'interference',
  section: 'A sparse layer',
  title: 'Real weights and interference of a layer that is computed in superposition',
  caption:
    'y = ReLU(A x + v) of 128 features, A of 8 blocks and sparse, its entries uniform on [0, 1), v = −0.1, computed through 16 ' +
    'dimensions: x′ = ReLU(U x + b), U = V Wᵀ. A weight is real if the loss rises by more than 10⁻⁴ when it alone becomes 0. ' +
    'Left: all weights. Middle: two models from other seeds, what is below −1 drawn there. Right: when only the weights of highest score are kept, the ' +
    'share of the real ones among them (recall) and the loss regained (gain), against the share of what is kept that is real ' +
    '(precision). Scores: the size |U_ij|; times the mean of x_j where the output is on; times the mean of x_j y_i; ' +
    'how often x_j and y_i are above 0 together. Top: entries of A with probability 0.1, as shown there; bottom: 0.5, as in its text.',
  seconds: { quick: 15, paper: 90 },
  specs: () => DENSITIES.map(specOf),
  data: (results, context) => results.map((result) => runOf(result, context)),
  signature: (runs) => runs.flatMap(claimsOf),
};
