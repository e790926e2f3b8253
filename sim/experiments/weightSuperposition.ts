/** M2: weights between features interfere as features do: virtual weights of a layer between two spaces in superposition. */
import type { TrainedModels } from '../join.ts';
import { featureNorms } from '../metrics/norms.ts';
import { takeParams } from '../problem.ts';
import { draw, instanceKey, type Stream, sampleStream, sampleWord, stepKey, WORDS } from '../random.ts';
import {
  byOverlaps,
  expectedSquare,
  layerOf,
  outerProduct,
  type Rows,
  virtualWeights,
} from '../theory/virtualWeights.ts';
import { atLeast, atMost, noted, statement } from './claims.ts';
import type { Claim, Context, Experiment, Scale } from './experiment.ts';
import { onlyGroup } from './trained.ts';

/** Layers of so many wanted weights ±1 at random places. */
export interface Layers {
  count: number; // wanted weights K
  wanted: number[]; // of one layer, virtual weights where W* = ±1, times that sign
  interference: number[]; // of the same, shares in BINS of those where W* = 0
  found: number; // share of the K largest virtual weights that were wanted
  square: number; // mean square of all virtual weights, mean over layers
  expected: number; // the same, calculated
  off: number; // largest difference from Gʸ W* Gˣ
}

export interface WeightsData {
  features: [number, number]; // n_y, n_x
  hidden: number; // m
  layers: Layers[];
  identity: number; // largest difference in ⟨a ⊗ b, c ⊗ d⟩ = ⟨a, c⟩⟨b, d⟩ over the pairs that were tried
}

const FEATURES = 80;
const HIDDEN = 20;
const COUNTS = [20, 80, 320];
const DRAWS: Record<Scale, number> = { quick: 16, paper: 128 };
const PAIRS = 500;
/** Bins of virtual weights: −3 to 3 in steps of 0.1; what lies outside is in the outermost. */
export const BINS = { from: -3, width: 0.1, count: 60 };

/** Unit directions of the represented features of model i. */
function directionsOf(result: TrainedModels, i: number): Rows {
  const { params, problem } = onlyGroup(result);
  const { W } = takeParams(params, problem.family, [i]);
  const norms = featureNorms({ W }, problem.family);
  const kept = [...norms.keys()].filter((j) => norms[j] > 0.5);
  const values = kept.flatMap((j) => [...W.subarray(j * HIDDEN, (j + 1) * HIDDEN)].map((w) => w / norms[j]));
  return { values, count: kept.length, size: HIDDEN };
}

const row = ({ values, size }: Rows, i: number): number[] =>
  Array.from({ length: size }, (_, k) => values[i * size + k]);

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, k) => sum + value * b[k], 0);

/** A number below `end`. */
const below = (stream: Stream, end: number): number => Math.floor((draw(stream) * end) / WORDS);

const streamOf = (number: number): Stream => sampleStream(stepKey(instanceKey(0, number), 0), sampleWord(0));

/** `count` weights ±1 at different places of (n_y, n_x), else 0. */
function wantedWeights(count: number, size: number, stream: Stream): Float64Array {
  const out = new Float64Array(size);
  for (let left = count; left > 0; ) {
    const at = below(stream, size);
    if (out[at] !== 0) continue;
    out[at] = below(stream, 2) === 0 ? 1 : -1;
    left--;
  }
  return out;
}

/** Shares of some numbers in BINS. */
export function sharesInBins(values: number[]): number[] {
  const out = new Array<number>(BINS.count).fill(0);
  for (const value of values) {
    const bin = Math.floor((value - BINS.from) / BINS.width);
    out[Math.min(BINS.count - 1, Math.max(0, bin))] += 1 / values.length;
  }
  return out;
}

const meanSquare = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

/** Share of the `count` largest virtual weights that were wanted. */
function foundAmong(virtual: Float64Array, wanted: Float64Array, count: number): number {
  const order = [...virtual.keys()].sort((a, b) => Math.abs(virtual[b]) - Math.abs(virtual[a]));
  return order.slice(0, count).filter((at) => wanted[at] !== 0).length / count;
}

function layersOf(count: number, draws: number, x: Rows, y: Rows): Layers {
  const all = Array.from({ length: draws }, (_, k) => {
    const wanted = wantedWeights(count, x.count * y.count, streamOf(draws * count + k));
    return { wanted, virtual: virtualWeights(layerOf(wanted, x, y), x, y) };
  });
  const [{ wanted, virtual }] = all;
  const direct = byOverlaps(wanted, x, y);
  const kept = [...virtual].flatMap((value, at) => (wanted[at] === 0 ? [] : [value * wanted[at]]));
  const others = [...virtual].filter((_, at) => wanted[at] === 0);
  return {
    count,
    wanted: kept,
    interference: sharesInBins(others),
    found: foundAmong(virtual, wanted, count),
    square: all.reduce((sum, own) => sum + meanSquare(own.virtual), 0) / draws,
    expected: expectedSquare(count, x, y),
    off: direct.reduce((most, value, at) => Math.max(most, Math.abs(value - virtual[at])), 0),
  };
}

/** Largest difference between the two sides of the identity, over pairs of pairs of features. */
function identityOff(x: Rows, y: Rows): number {
  const stream = streamOf(1);
  const off = Array.from({ length: PAIRS }, () => {
    const [i, k] = [0, 0].map(() => row(x, below(stream, x.count)));
    const [j, l] = [0, 0].map(() => row(y, below(stream, y.count)));
    return Math.abs(outerProduct([i, j], [k, l]) - dot(i, k) * dot(j, l));
  });
  return Math.max(...off);
}

function data([result]: TrainedModels[], { scale }: Context): WeightsData {
  const [x, y] = [directionsOf(result, 0), directionsOf(result, 1)];
  return {
    features: [y.count, x.count],
    hidden: HIDDEN,
    layers: COUNTS.map((count) => layersOf(count, DRAWS[scale], x, y)),
    identity: identityOff(x, y),
  };
}

/** Of float64 sums of a few hundred products. */
const ROUNDING = 1e-10;

function signature({ layers, features, hidden, identity }: WeightsData): Claim[] {
  const off = layers.map(({ square, expected }) => Math.abs(square / expected - 1));
  const enlarged = layers.map(({ wanted }) => wanted.filter((value) => value > 1).length / wanted.length);
  return [
    atMost(
      'outer products overlap by the product of overlaps, ⟨a ⊗ b, c ⊗ d⟩ = ⟨a, c⟩ ⟨b, d⟩: largest difference',
      'exact',
      identity,
      ROUNDING,
    ),
    atMost(
      'so the virtual weights of a layer are Gʸ W* Gˣ: largest difference from Uʸᵀ W Uˣ',
      'exact',
      Math.max(...layers.map((own) => own.off)),
      ROUNDING,
    ),
    atMost(
      'their mean square is K ‖Gʸ‖² ‖Gˣ‖²/(n_x n_y)² for K wanted weights ±1: relative difference, worst K',
      'exact; tolerance ours, of random places',
      Math.max(...off),
      0.1,
    ),
    noted(
      atLeast(
        `a layer of ${hidden ** 2} numbers holds more virtual weights than it has: virtual weights for each number`,
        'MAY23',
        (features[0] * features[1]) / hidden ** 2,
        1,
      ),
      'all of them can be read; how many can be told from interference depends on how few are wanted',
    ),
    statement(
      'the fewer are wanted, the better they stand out: share of the K largest virtual weights that were wanted',
      'ours',
      'falling with K',
      layers.map(({ count, found }) => `K = ${count}: ${found.toFixed(2)}`).join('; '),
      layers.every(({ found }, k) => k === 0 || found < layers[k - 1].found),
    ),
    atLeast(
      'interference can be constructive: share of wanted weights that it enlarges, least K',
      'MAY23; bound ours',
      Math.min(...enlarged),
      0.1,
    ),
  ];
}

export const weightSuperposition: Experiment<WeightsData> = {
  name: 'weight-superposition',
  id: 'M2',
  paper: 'may-updates',
  section: 'Weight superposition',
  title: 'Weights between features in superposition are in superposition too',
  caption:
    'Two models learn directions of 80 sparse features in 20 dimensions. A layer between their hidden spaces is written ' +
    'as the sum of K outer products of directions with weights ±1, and read as the virtual weights of every pair of ' +
    'features. Histograms of those that were wanted (times their sign) and of all others, which are interference: its ' +
    'size grows with √K until the wanted ones drown.',
  seconds: { quick: 6, paper: 30 },
  specs: () => [
    {
      model: { features: FEATURES, hidden: HIDDEN },
      input: { density: 0.02 },
      training: { steps: 3000, batch: 512, learningRate: 5e-3, schedule: 'cosine', weightDecay: 0 },
      replicas: 2,
    },
  ],
  data,
  signature,
};
