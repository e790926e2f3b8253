/** What the figures of attention heads share: their inputs, and heads that are built by hand. */
import { expandGrid } from '../grid.ts';
import { type Heads, headsAt, heldOutSequences, type Sequence } from '../metrics/attention.ts';
import { parseSpec, type SpecInput } from '../spec.ts';
import { twoHeads } from '../theory/trigrams.ts';

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
