/**
 * Which two signals a sequence holds, for attention: token 0 reads off, 1 … 4 are signals, 5 … 11 noise, and 12 … 21 the
 * unordered pairs of signals, one of which follows. Every signal says part of the answer, and says it whatever the other
 * one is, so that one head is enough (the OV-coherent case).
 */
import { exp, log } from '../elementary.ts';
import { headNames } from '../models/attention.ts';
import type { Params } from '../problem.ts';

export const SIGNALS = 4;
export const FIRST_NOISE = 5;
export const FIRST_PAIR = 12;
export const PAIR_TOKENS = 22;

/** The token of a pair of signals, in any order. */
export function pairToken(a: number, b: number): number {
  const [low, high] = [Math.min(a, b) - 1, Math.max(a, b) - 1];
  return FIRST_PAIR + (high * (high + 1)) / 2 + low;
}

/** Entropy of the pair, two signals being drawn one after the other: what a model loses that sees none. */
export const pairEntropy = (): number => log(16) - (3 / 4) * log(2);

/**
 * One head that looks at both signals alike. Signal a adds s to the logit of every pair with another signal and 4s/3 to that
 * with itself: halves of two of them leave the right pair s/3 above the next.
 */
export function pairHead(s: number, sharpness: number): Params {
  const [QK, OV] = [0, 1].map(() => new Float32Array(PAIR_TOKENS * PAIR_TOKENS));
  const names = headNames(0);
  for (let a = 1; a <= SIGNALS; a++) {
    QK[a] = sharpness;
    for (let b = 1; b <= SIGNALS; b++) OV[a * PAIR_TOKENS + pairToken(a, b)] = a === b ? (4 * s) / 3 : s;
  }
  return { [names.QK]: QK, [names.OV]: OV };
}

/** What it loses on two signals that differ, and on one that comes twice, if it looks at nothing else. */
export function pairExcess(s: number): { mixed: number; same: number } {
  const none = PAIR_TOKENS - 10; // tokens that are no pair
  return {
    mixed: log(1 + 2 * exp(-s / 3) + 4 * exp(-s / 2) + (3 + none) * exp(-s)),
    same: log(1 + 3 * exp(-s / 3) + (6 + none) * exp((-4 * s) / 3)),
  };
}
