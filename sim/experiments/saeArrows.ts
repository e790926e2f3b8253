/** How the latents of dictionaries move onto the five features of a pentagon. */

import type { TrainedGroup, TrainedModels } from '../join.ts';
import { scoresOf, specimenAt } from '../metrics/dictionaryScores.ts';
import type { Params } from '../problem.ts';
import type { SpecInput } from '../spec.ts';
import { atLeast, atMost, shareAtLeast } from './claims.ts';
import { byRow, isPentagon, runs, truthAt } from './dictionaries.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** One dictionary along its training, T = snapshots. */
export interface Flight {
  latents: number; // L
  sparsity: number;
  row: number;
  decoders: number[]; // (T, L, 2) directions
  mmcs: number[]; // (T)
}

export interface ArrowsData {
  steps: number[]; // (T)
  truth: number[]; // (5, 2) the model's features
  flights: Flight[];
  complete: { latents: number; sparsity: number; found: number; of: number }[];
}

const SIZES = [5, 8];
const SPARSITIES = [0.01, 0.05, 0.2];
const SEEDS = 12;
const REPLICAS = 2;

/** Numbers of updates at which directions are kept: dense at first. */
function snapshots(steps: number): number[] {
  return Array.from({ length: 31 }, (_, k) => Math.round(steps * (k / 30) ** 2));
}

function spec(scale: Scale): SpecInput {
  const steps = scale === 'quick' ? 10_000 : 40_000;
  return {
    model: { features: 5, hidden: 2 },
    input: { density: 0.05 },
    dictionary: {
      latents: 5,
      penalty: 'unit-norm',
      training: { steps, batch: 256, learningRate: 3e-3, schedule: 'last-fifth' },
    },
    sweep: [
      { path: 'dictionary.latents', values: SIZES },
      { path: 'dictionary.sparsity', values: SPARSITIES },
      { path: 'dictionary.seed', values: Array.from({ length: SEEDS }, (_, k) => k) },
    ],
    replicas: REPLICAS,
    record: { snapshots: snapshots(steps) },
  };
}

/** Where a row stands: place on the axes, and its model. */
function placeOf(row: number) {
  const cell = Math.floor(row / REPLICAS);
  return {
    latents: SIZES[Math.floor(cell / (SEEDS * SPARSITIES.length))],
    sparsity: SPARSITIES[Math.floor(cell / SEEDS) % SPARSITIES.length],
    seed: cell % SEEDS,
    model: row % REPLICAS,
  };
}

/** Scores of instance i of a group, with weights as they were. */
const scoreOf = ({ problem }: TrainedGroup, params: Params, i: number) =>
  scoresOf(specimenAt(problem, params, i, 512));

/** A training as it went. */
function flightOf(group: TrainedGroup, i: number): Flight {
  const { latents, sparsity } = placeOf(group.rows[i]);
  return {
    latents,
    sparsity,
    row: group.rows[i],
    decoders: group.snapshots.flatMap(({ params }) => [...specimenAt(group.problem, params, i, 1).decoder]),
    mmcs: group.snapshots.map(({ params }) => scoreOf(group, params, i).mmcs),
  };
}

function data([result]: TrainedModels[]): ArrowsData {
  const found = byRow(result, (group, i) =>
    isPentagon(truthAt(group, i)) ? scoreOf(group, group.params, i).found : null,
  );
  const model = Math.max(
    0,
    found.slice(0, REPLICAS).findIndex((share) => share !== null),
  );
  const isDrawn = (row: number) => placeOf(row).seed === 0 && placeOf(row).model === model;
  const flights = byRow(result, (group, i) => (isDrawn(group.rows[i]) ? flightOf(group, i) : null));
  const complete = runs(found, SEEDS * REPLICAS).map((cell, k) => {
    const own = cell.filter((share) => share !== null);
    return {
      latents: SIZES[Math.floor(k / SPARSITIES.length)],
      sparsity: SPARSITIES[k % SPARSITIES.length],
      found: own.filter((share) => share === 1).length,
      of: own.length,
    };
  });
  const [group] = result.groups;
  return {
    steps: group.snapshots.map(({ step }) => step),
    truth: [...truthAt(group, group.rows.indexOf(model))],
    flights: flights.filter((flight) => flight !== null),
    complete,
  };
}

function signature({ flights, complete }: ArrowsData): Claim[] {
  const [low, high] = [SPARSITIES[0], SPARSITIES[SPARSITIES.length - 1]];
  const at = (latents: number, sparsity: number) =>
    complete.find((one) => one.latents === latents && one.sparsity === sparsity)!;
  const [five, spare] = SIZES.map((size) => at(size, high));
  const early = SIZES.map((size) => at(size, low)).reduce((sum, { found }) => sum + found, 0);
  const moved = flights.filter(({ sparsity }) => sparsity === high).map(({ mmcs }) => mmcs.at(-1)! - mmcs[0]);
  return [
    shareAtLeast(
      'at λ = 0.2 five arrows end on the five features, in most seeds',
      'ARENA; share ours',
      five.found,
      five.of,
      0.5,
    ),
    shareAtLeast('and so do eight, in all or nearly all', 'ARENA; share ours', spare.found, spare.of, 0.9),
    atMost('at λ = 0.01 none do: dictionaries that found all five', 'ours', early, 0),
    atLeast('they move: MMCS gained since the start, least of those drawn', 'ours', Math.min(...moved), 0.02),
  ];
}

export const saeArrows: Experiment<ArrowsData> = {
  name: 'sae-arrows',
  id: 'S2-arrows',
  paper: 'dictionaries',
  section: 'Finding features back',
  title: 'Latents move onto the features',
  caption:
    'Decoder directions of dictionaries of five and eight latents during their training on one pentagon (grey), from ' +
    'random directions. At λ = 0.2 the arrows arrive at the five features; with less sparsity they stop wherever the ' +
    'plane is reconstructed.',
  seconds: { quick: 12, paper: 25 },
  specs: (scale) => [spec(scale)],
  data,
  signature,
};
