/** What the figures of attention heads share: inputs, heads that are built by hand, and those that are trained. */
import { expandGrid } from '../grid.ts';
import type { TrainedModels } from '../join.ts';
import {
  type Heads,
  headsAt,
  heldOutSequences,
  type Sequence,
  scoreTrigrams,
  type TrigramLoss,
} from '../metrics/attention.ts';
import { overGrid } from '../overGrid.ts';
import { parseSpec, type SpecInput } from '../spec.ts';
import { blindExcess, twoHeads } from '../theory/trigrams.ts';
import type { Scale } from './experiment.ts';

/** Tokens that are neither the source nor in a trigram. */
const NOISE = 4;
/** Tokens of a sequence. */
export const LENGTH = 8;
/** Share of the sequences that have a source. */
export const DENSITY = 0.5;

/** V of K destinations. */
export const tokensOf = (destinations: number): number => 1 + 2 * destinations + NOISE;

/** Heads of K destinations. */
export function headsSpec(destinations: number, heads: number): SpecInput {
  return {
    model: { kind: 'attention', features: tokensOf(destinations), hidden: heads },
    input: { density: DENSITY, trigrams: { destinations, length: LENGTH } },
  };
}

/** Sequences of K destinations that no training sees. */
export function sequencesOf(destinations: number, samples: number): Sequence[] {
  const [{ problem }] = expandGrid(parseSpec(headsSpec(destinations, 1))).groups;
  return heldOutSequences(problem, 0, samples);
}

/** The two heads that are built by hand. */
export function builtHeads(destinations: number, a: number, sharpness: number): Heads {
  const tokens = tokensOf(destinations);
  return headsAt(twoHeads(tokens, destinations, a, sharpness), { features: tokens, hidden: 2 }, 0);
}

/** Destinations and heads of the trained models. */
export const DESTINATIONS = [2, 4, 8];
export const HEADS = [1, 2, 3];

/** How all heads are trained. */
export const trainingOf = (scale: Scale) =>
  ({
    ...(scale === 'quick' ? { steps: 3_000, batch: 256 } : { steps: 6_000, batch: 512 }),
    optimizer: 'adam',
    learningRate: 0.01,
    weightDecay: 0,
  }) as const;

/** Trained heads over destinations, heads and seeds. */
export function trainedSpec(scale: Scale): SpecInput {
  return overGrid({ destinations: DESTINATIONS, heads: HEADS }, ({ destinations, heads }) => ({
    name: 'attention-success',
    ...headsSpec(destinations, heads),
    training: trainingOf(scale),
    replicas: scale === 'quick' ? 8 : 40,
    record: { lossEvery: 500 },
  }));
}

/** How the built heads are where a training begins with them, and the noise on their weights. */
const BEGIN = { a: 5, sharpness: 5, noise: 0.3 };

/** Two heads for the most destinations that begin near the built ones. */
export function begunSpec(scale: Scale): SpecInput {
  const destinations = DESTINATIONS.at(-1)!;
  const tokens = tokensOf(destinations);
  const heads = twoHeads(tokens, destinations, BEGIN.a, BEGIN.sharpness);
  const rows = (values: Float32Array) =>
    Array.from({ length: tokens }, (_, v) => [...values.subarray(v * tokens, (v + 1) * tokens)]);
  const values = Object.fromEntries(Object.entries(heads).map(([name, own]) => [name, rows(own)]));
  return {
    name: 'attention-begun',
    ...headsSpec(destinations, 2),
    training: { ...trainingOf(scale), init: { values, noise: BEGIN.noise } },
    replicas: scale === 'quick' ? 4 : 40,
    record: { lossEvery: 500 },
  };
}

/** One trained model. Losses in nats. */
export interface Trial extends TrigramLoss {
  row: number;
  destinations: number;
  heads: number;
}

/** Sequences that a model's losses are taken over. */
const SEQUENCES = 2048;

/** The models of a result, cell by cell. */
export function trialsOf({ groups }: TrainedModels): Trial[] {
  const trials = groups.flatMap(({ problem, params, rows }) =>
    [...rows].map((row, i) => ({
      row,
      destinations: problem.family.trigrams!.destinations,
      heads: problem.family.hidden,
      ...scoreTrigrams(problem, params, i, SEQUENCES),
    })),
  );
  return trials.sort((a, b) => a.row - b.row);
}

/** Loss of a model above the floor, over that of one that sees the last token alone. */
export const missedShare = ({ excess, destinations }: Trial): number =>
  excess / blindExcess(tokensOf(destinations), DENSITY);

/** Below this share a model has reached the floor; ours. */
export const REACHED = 0.05;

export const isAtFloor = (trial: Trial): boolean => missedShare(trial) < REACHED;
