/** Two heads that do any number of skip trigrams: what they lose, beside the bound that they must keep. */
import { type Sequence, surprises } from '../metrics/attention.ts';
import { constructionExcess, sharpnessBound } from '../theory/trigrams.ts';
import { builtHeads, LENGTH, sequencesOf, tokensOf } from './attention.ts';
import { atMost } from './claims.ts';
import type { Claim, Experiment } from './experiment.ts';

/** A = strengths, B = sharpnesses. Losses are the largest of any sequence, in nats. */
interface Construction {
  destinations: number; // K
  tokens: number; // V
  trigram: number[]; // (A) with a source before the last token
  rest: number[]; // (A) without one: how far any probability is from 1/V, as |ln|
  bound: number[]; // (A)
  blurred: number[]; // (B) trigrams again, attention being finite, at strength BLURRED
  blurredBound: number[]; // (B)
}

export interface ConstructionData {
  strengths: number[]; // (A) a
  sharpnesses: number[]; // (B)
  strength: number; // a of `blurred`
  heads: Construction[];
}

const DESTINATIONS = [2, 8, 32];
const STRENGTHS = [0, 2, 4, 6, 8, 10, 12, 14, 16];
const SHARPNESSES = [4, 5, 6, 7, 8, 9, 10, 11, 12];
const BLURRED = 12;
/** Attention at which e^−sharpness is nothing beside the rounding of a float64. */
const SHARP = 60;
const SEQUENCES = 512;
const TOLERANCE = 1e-6;

const largest = (values: number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** The largest loss of two heads on a trigram, and their largest distance from no preference elsewhere. */
function worst(sequences: Sequence[], destinations: number, a: number, sharpness: number) {
  const own = builtHeads(destinations, a, sharpness);
  const all = sequences.map((one) => ({ one, values: surprises(own, one) }));
  const [withSource, without] = [true, false].map((has) =>
    all.filter(({ one }) => one.counts[0] > 0 === has),
  );
  return {
    trigram: largest(withSource.map(({ one, values }) => values[one.last + destinations])),
    rest: largest(
      without.flatMap(({ values }) => [...values].map((value) => Math.abs(value - Math.log(own.tokens)))),
    ),
  };
}

function construction(destinations: number): Construction {
  const sequences = sequencesOf(destinations, SEQUENCES);
  const tokens = tokensOf(destinations);
  const sharp = STRENGTHS.map((a) => worst(sequences, destinations, a, SHARP));
  return {
    destinations,
    tokens,
    trigram: sharp.map(({ trigram }) => trigram),
    rest: sharp.map(({ rest }) => rest),
    bound: STRENGTHS.map((a) => constructionExcess(tokens, a)),
    blurred: SHARPNESSES.map((b) => worst(sequences, destinations, BLURRED, b).trigram),
    blurredBound: SHARPNESSES.map((b) => sharpnessBound(tokens, LENGTH, BLURRED, b)),
  };
}

/** The most by which losses exceed their bounds. */
const beyond = (losses: number[], bounds: number[]): number =>
  losses.reduce((most, loss, k) => Math.max(most, loss - bounds[k]), Number.NEGATIVE_INFINITY);

function signature({ strengths, heads }: ConstructionData): Claim[] {
  const over = (of: (one: Construction) => number) => heads.map(of).reduce((a, b) => Math.max(a, b));
  const most = heads.at(-1)!;
  return [
    atMost(
      'on no sequence with a source do the two heads lose more than ln(1 + (V − 1) e^−a): most beyond it',
      'exact',
      over(({ trigram, bound }) => beyond(trigram, bound)),
      TOLERANCE,
    ),
    atMost(
      'without a source they cancel: largest |ln (V · probability)| of any token',
      'exact',
      over(({ rest }) => largest(rest)),
      TOLERANCE,
    ),
    atMost(
      'nor do they lose more than ln(1 + (V − 1) e^−a′), a′ = a (1 − 3 (L − 1) e^−b), with attention of finite logits b',
      'exact',
      over(({ blurred, blurredBound }) => beyond(blurred, blurredBound)),
      TOLERANCE,
    ),
    atMost(
      `two heads do any number of trigrams with next to no loss: nats at K = ${most.destinations}, a = ${strengths.at(-1)}`,
      'JUL23; 1e-4, ours',
      Math.max(most.trigram.at(-1)!, most.rest.at(-1)!),
      1e-4,
    ),
  ];
}

export const attentionConstruction: Experiment<ConstructionData> = {
  name: 'attention-construction',
  id: 'AT1',
  paper: 'attention',
  section: 'Two heads',
  title: 'Two heads that do any number of skip trigrams',
  caption:
    'Head 0 looks at the last token k and adds a to the logit of its successor K + k; head 1 takes a away again, but looks ' +
    'at the source where there is one, and then takes nothing. Left: the largest loss on a sequence with a source, over a, ' +
    'on the closed form. Right: the same over the logits b of attention, which must be sharp, below its bound.',
  seconds: { quick: 2, paper: 2 },
  specs: () => [],
  data: () => ({
    strengths: STRENGTHS,
    sharpnesses: SHARPNESSES,
    strength: BLURRED,
    heads: DESTINATIONS.map(construction),
  }),
  signature,
};
