/**
 * Skip trigrams over V tokens that no single head can tell apart by itself: 0 … k → K + k for each last token k of 1 … K,
 * where a source 0 stands before it with probability p, and any token with the same probability where none does. Losses in
 * nats a sequence.
 */
import { exp, log } from '../elementary.ts';
import { headNames } from '../models/attention.ts';
import type { Params } from '../problem.ts';

/** Least loss that any model can have: ln V where no source stands before, 0 where one does. */
export const trigramFloor = (tokens: number, density: number): number => (1 - density) * log(tokens);

/**
 * What a model loses above that floor at best that sees the last token alone: entropy of p e_{K + k} + (1 − p)/V, less
 * the floor.
 */
export function blindExcess(tokens: number, density: number): number {
  const other = (1 - density) / tokens;
  const entropy = [density + other, ...new Array(tokens - 1).fill(other)].reduce(
    (sum, p) => sum - (p > 0 ? p * log(p) : 0),
    0,
  );
  return entropy - trigramFloor(tokens, density);
}

/** What the two heads lose on a trigram if their attention is all or nothing: ln(1 + (V − 1) e^−a). */
export const constructionExcess = (tokens: number, a: number): number => log(1 + (tokens - 1) * exp(-a));

/**
 * The most that they lose on any trigram at a finite sharpness b, in sequences of `length` tokens. The first head looks
 * elsewhere, and the second at the last token, with at most (length − 1) e^−b, so that no other logit comes nearer to that
 * of K + k than a (1 − 3 (length − 1) e^−b).
 */
export function sharpnessBound(tokens: number, length: number, a: number, sharpness: number): number {
  return constructionExcess(tokens, a * (1 - 3 * (length - 1) * exp(-sharpness)));
}

/**
 * Two heads for any number of trigrams (Circuits Updates, July 2023). Both look at the last token k itself, the first
 * adding a to the logit of K + k and the second taking it away again; but a source, at which the second rather looks,
 * adds nothing. `sharpness` is the logit of attention to k, twice it that to a source: the other tokens get e^−sharpness.
 */
export function twoHeads(tokens: number, destinations: number, a: number, sharpness: number): Params {
  const size = tokens * tokens;
  const [adds, removes] = [headNames(0), headNames(1)];
  const heads: Params = {};
  for (const name of [adds.QK, adds.OV, removes.QK, removes.OV]) heads[name] = new Float32Array(size);
  for (let k = 1; k <= destinations; k++) {
    const [self, source, next] = [k * tokens + k, k * tokens, k * tokens + destinations + k];
    heads[adds.QK][self] = heads[removes.QK][self] = sharpness;
    heads[removes.QK][source] = 2 * sharpness;
    heads[adds.OV][next] = a;
    heads[removes.OV][next] = -a;
  }
  return heads;
}
