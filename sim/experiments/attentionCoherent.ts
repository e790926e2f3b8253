/** Two signals whose outputs go together: one head is enough, built or trained. */
import { LAST_TOKEN, NEXT_TOKEN } from '../features.ts';
import type { TrainedModels } from '../join.ts';
import { type Heads, headsAt, type Sequence, sequenceOf, surprises } from '../metrics/attention.ts';
import { draw, instanceKey, type Stream } from '../random.ts';
import type { SpecInput } from '../spec.ts';
import {
  FIRST_NOISE,
  FIRST_PAIR,
  PAIR_TOKENS,
  pairEntropy,
  pairExcess,
  pairHead,
  pairToken,
  SIGNALS,
} from '../theory/pairs.ts';
import { LENGTH, REACHED, trainingOf } from './attention.ts';
import { atMost, decidedBy, digits, shareAtLeast, shareText, statement } from './claims.ts';
import type { Claim, Experiment, Scale } from './experiment.ts';

/** Mean losses of one model, in nats, on two signals that differ and on one that comes twice. */
interface Reader {
  row: number;
  heads: number;
  mixed: number;
  same: number;
  loss: number;
}

export interface CoherentData {
  strengths: number[]; // (S) s
  built: { mixed: number[]; same: number[] }; // (S) the largest loss of any sequence
  bound: { mixed: number[]; same: number[] }; // (S)
  entropy: number; // of the pair
  readers: Reader[];
}

const STRENGTHS = [0, 3, 6, 9, 12, 15, 18, 21, 24, 30];
const SHARP = 60;
const HEADS = [1, 2];
const ROWS = 2000; // of the training set
const FRESH = 2048;
const TOLERANCE = 1e-6;

/** A sequence as a sample: two signals, noise, and the token that reads off. */
function samplePair(stream: Stream): number[] {
  const sample = new Array<number>(PAIR_TOKENS).fill(0);
  const pick = (from: number, count: number) => from + (draw(stream) % count);
  const [a, b] = [pick(1, SIGNALS), pick(1, SIGNALS)];
  for (const token of [
    a,
    b,
    ...Array.from({ length: LENGTH - 3 }, () => pick(FIRST_NOISE, FIRST_PAIR - FIRST_NOISE)),
  ])
    sample[token]++;
  sample[0] += 1 + LAST_TOKEN;
  sample[pairToken(a, b)] += NEXT_TOKEN;
  return sample;
}

/** So many samples, the same for one seed. */
function samplePairs(seed: number, count: number): number[][] {
  const stream = instanceKey(seed, 0);
  return Array.from({ length: count }, () => samplePair(stream));
}

const isSame = ({ counts }: Sequence): boolean => counts.subarray(1, 1 + SIGNALS).includes(2);

const lossesOf = (own: Heads, sequences: Sequence[]) => sequences.map((one) => surprises(own, one)[one.next]);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const largest = (values: number[]) => values.reduce((a, b) => Math.max(a, b));

function coherentSpec(scale: Scale): SpecInput {
  return {
    name: 'attention-coherent',
    model: { kind: 'attention', features: PAIR_TOKENS, hidden: 1 },
    input: { density: 1, samples: { values: samplePairs(1, ROWS), batches: 'drawn' } },
    training: trainingOf(scale),
    sweep: [{ path: 'model.hidden', values: HEADS }],
    replicas: scale === 'quick' ? 6 : 40,
    record: { lossEvery: 500 },
  };
}

function data([result]: TrainedModels[]): CoherentData {
  const sequences = samplePairs(2, FRESH).map(sequenceOf);
  const [same, mixed] = [true, false].map((is) => sequences.filter((one) => isSame(one) === is));
  const built = STRENGTHS.map((s) => headsAt(pairHead(s, SHARP), { features: PAIR_TOKENS, hidden: 1 }, 0));
  const bounds = STRENGTHS.map(pairExcess);
  const readers = result.groups.flatMap(({ params, problem, rows }) =>
    [...rows].map((row, i) => {
      const own = headsAt(params, problem.family, i);
      const [of, twice] = [meanOf(lossesOf(own, mixed)), meanOf(lossesOf(own, same))];
      return { row, heads: own.heads.length, mixed: of, same: twice, loss: (3 * of + twice) / 4 };
    }),
  );
  return {
    strengths: STRENGTHS,
    built: {
      mixed: built.map((own) => largest(lossesOf(own, mixed))),
      same: built.map((own) => largest(lossesOf(own, same))),
    },
    bound: { mixed: bounds.map((own) => own.mixed), same: bounds.map((own) => own.same) },
    entropy: pairEntropy(),
    readers: readers.sort((a, b) => a.row - b.row),
  };
}

function signature({ built, bound, entropy, readers }: CoherentData): Claim[] {
  const off = (['mixed', 'same'] as const).flatMap((kind) =>
    built[kind].map((loss, k) => Math.abs(loss - bound[kind][k])),
  );
  const of = (heads: number) => readers.filter((one) => one.heads === heads);
  const reached = (own: Reader[]) => own.filter(({ loss }) => loss < REACHED * entropy).length;
  const lossOf = (own: Reader[]) => meanOf(own.map(({ loss }) => loss));
  const [one, two] = [of(1), of(2)];
  return [
    atMost(
      'one head loses ln(1 + 2e^−s/3 + …) on any sequence: largest difference from the closed form',
      'exact',
      largest(off),
      TOLERANCE,
    ),
    atMost(
      'and as little as one likes: nats at the largest s',
      'exact',
      Math.max(built.mixed.at(-1)!, built.same.at(-1)!),
      1e-3,
    ),
    ...decidedBy(0, one, [
      shareAtLeast(
        `where outputs go together one head is enough: trained single heads that lose less than ${100 * REACHED} % of the entropy`,
        'ours, by the additive logits; nine in ten',
        reached(one),
        one.length,
        0.9,
      ),
    ]),
    ...decidedBy(0, readers, [
      statement(
        'the floor needs no second head: as many single heads reach it as pairs; mean losses in nats',
        'ours',
        'as many of as many',
        `${shareText(reached(one), one.length)}, ${digits(lossOf(one))}; ${shareText(reached(two), two.length)}, ${digits(lossOf(two))}`,
        two.length > 0 && reached(two) * one.length === reached(one) * two.length,
      ),
    ]),
  ];
}

export const attentionCoherent: Experiment<CoherentData> = {
  name: 'attention-coherent',
  id: 'AT4',
  paper: 'attention',
  section: 'Outputs that go together',
  title: 'Two signals that one head reads',
  caption:
    'The last token is to name the pair of signals that came before it, among noise. Left: one head built by hand looks ' +
    'at both alike; a signal adds s to the pairs with each other one and 4s/3 to that with itself, so that the right pair ' +
    'leads by s/3; its loss is on the closed form. Right: losses of trained models on fresh sequences.',
  seconds: { quick: 10, paper: 160 },
  specs: (scale) => [coherentSpec(scale)],
  data,
  signature,
};
