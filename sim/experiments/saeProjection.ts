/** Reading off the true number of active features: the decoder projection s_n over k. */

import type { TrainedGroup, TrainedModels } from '../join.ts';
import { decoderProjection, meanSquaredError } from '../metrics/codes.ts';
import { type Specimen, specimenAt } from '../metrics/dictionaryScores.ts';
import { decodeAll, encodeAll, type Firing } from '../metrics/encode.ts';
import { shapeOf } from '../models/sae.ts';
import type { SpecInput } from '../spec.ts';
import { near, statement } from './claims.ts';
import { byRow, meanOf, runs, scoreAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Means over seeds, K = values of k. */
export interface ProjectionData {
  active: number[]; // (K) rising
  trueL0: number;
  counts: number[]; // (C) n of s_n
  projection: number[]; // (C, K)
  decoderCosine: number[]; // (K)
  mcc: number[];
  r2: number[];
  cutAt: number; // a k below the truth
  mixed: number; // MSE of dictionaries trained at cutAt
  cut: number; // MSE of those trained nearest to the truth, cut to cutAt
}

const FEATURES = 20;
const ACTIVE = [2, 2.5, 3, 3.5, 3.9, 4.5, 5.5, 7];
const COUNTS = [6, 8, 10];
const CUT = 3;
const SAMPLES = 2048;

/** Falling from 0.335 to 0.05, 3.85 expected; every third feature correlated against the others. */
const DENSITY = Array.from({ length: FEATURES }, (_, i) => 0.05 + (0.3 * (FEATURES - 1 - i)) / FEATURES);
const LOADING = DENSITY.map((_, i) => ((i * 7) % 3 === 0 ? -0.6 : 0.6));

function spec(scale: Scale): SpecInput {
  const quick = scale === 'quick';
  return {
    model: { features: FEATURES, hidden: FEATURES },
    input: { density: DENSITY, loading: LOADING, magnitude: { mean: 1, sd: 0.15 } },
    dictionary: {
      kind: 'batch-topk',
      reads: 'orthonormal',
      latents: FEATURES,
      training: { steps: quick ? 2_500 : 20_000, batch: 256, learningRate: 3e-3, schedule: 'cosine' },
    },
    sweep: [{ path: 'dictionary.active', values: ACTIVE }],
    replicas: quick ? 2 : 10,
  };
}

/** s_n for every count, with directions of length 1. Shape (C). */
function projections({ coded, decoder, weights }: Specimen): number[] {
  const unit = Float64Array.from(decoder);
  for (let from = 0; from < unit.length; from += coded.size) {
    const row = unit.subarray(from, from + coded.size);
    const length = Math.hypot(...row);
    for (let k = 0; k < row.length; k++) row[k] /= length;
  }
  return COUNTS.map((count) => decoderProjection(coded, unit, weights.decoderBias, count));
}

/** Mean squared error of a dictionary when only `active` latents may fire. */
function errorCutTo({ problem, params }: TrainedGroup, i: number, active: number): number {
  const { coded, weights } = specimenAt(problem, params, i, SAMPLES);
  const firing: Firing = { ...shapeOf(problem.family), active };
  const z = encodeAll(weights, firing, coded.h);
  return meanSquaredError({ ...coded, z, output: decodeAll(weights, firing, z) });
}

function data([result]: TrainedModels[]): ProjectionData {
  const { replicas } = result.spec;
  const cell = <T>(of: (group: TrainedGroup, i: number) => T) => runs(byRow(result, of), replicas);
  const scores = cell(scoreAt);
  const own = cell((group, i) => projections(specimenAt(group.problem, group.params, i, SAMPLES)));
  const errors = cell((group, i) => errorCutTo(group, i, CUT));
  const mean = (values: number[]) => meanOf(values) ?? 0;
  const trueL0 = DENSITY.reduce((sum, p) => sum + p, 0);
  const right = ACTIVE.findIndex((k) => k >= trueL0);
  return {
    active: ACTIVE,
    trueL0,
    counts: COUNTS,
    projection: COUNTS.flatMap((_, c) => own.map((seeds) => mean(seeds.map((values) => values[c])))),
    decoderCosine: scores.map((seeds) => mean(seeds.map(({ decoder_cosine }) => decoder_cosine))),
    mcc: scores.map((seeds) => mean(seeds.map(({ mcc }) => mcc))),
    r2: scores.map((seeds) => mean(seeds.map(({ r2 }) => r2))),
    cutAt: CUT,
    mixed: mean(errors[ACTIVE.indexOf(CUT)]),
    cut: mean(errors[right]),
  };
}

/** The k at which a row is least. */
const leastAt = (active: readonly number[], values: readonly number[]) =>
  active[values.indexOf(Math.min(...values))];

function signature({
  active,
  trueL0,
  counts,
  projection,
  decoderCosine,
  r2,
  mixed,
  cut,
}: ProjectionData): Claim[] {
  const below = r2.slice(0, active.findIndex((k) => k >= trueL0) + 1);
  return [
    near(
      `k at which s_${counts[0]} is least`,
      'SBW; tolerance one feature',
      leastAt(active, projection.slice(0, active.length)),
      trueL0,
      1,
    ),
    near(
      'k at which latents are least alike (mean decoder cosine)',
      'SBW',
      leastAt(active, decoderCosine),
      trueL0,
      1,
    ),
    near(
      'below the truth mixing pays: MSE of a dictionary trained at k = 3 over that of the right one cut to 3',
      'SBW, about ½; tolerance ours',
      mixed / cut,
      0.6,
      0.2,
    ),
    statement(
      'R² points nowhere: it rises through the true number',
      'SBW',
      'rising up to it',
      below.map((value) => value.toFixed(3)).join(', '),
      below.every((value, k) => k === 0 || value > below[k - 1]),
    ),
  ];
}

export const saeProjection: Experiment<ProjectionData> = {
  name: 'sae-projection',
  id: 'S10',
  paper: 'dictionaries',
  section: 'Features that come together',
  title: 'How many latents should fire',
  caption:
    'Twenty orthonormal, correlated features, 3.85 active on average, and BatchTopK dictionaries of twenty latents over ' +
    'k. The decoder projection s_n, the (n · samples)-th largest projection of the inputs on the latents, and the mean ' +
    'cosine between latents are least where k is right, and need no truth; variance explained only rises.',
  seconds: { quick: 20, paper: 300 },
  specs: (scale) => [spec(scale)],
  data,
  signature,
};
