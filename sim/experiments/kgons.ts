/** What the figures on k-gons share: their phases by name, and the model and inputs of Chen et al. 2023. */
import type { SpecInput } from '../spec.ts';
import { kgonCoefficient, kgonLoss, kgonModel, potential, solveKgon } from '../theory/kgon.ts';

/** c, features of the paper's models in two dimensions. */
export const FEATURES = 6;

/** A k-gon, `positive` of whose dead features have bias 1/(2c). */
export interface KgonPhase {
  name: string; // '4⁺'
  k: number;
  positive: number;
  length: number; // l*
  bias: number; // b*
  level: number; // exact expected loss, summed over features
  half: number; // ½‖w*‖², the biases of dead features at 0 where they are free below it
  lambda: number; // half the rank of the Hessian
}

/** A phase of k-gons among c features. @throws RangeError if there is none */
export function phaseOf(k: number, positive: number, c = FEATURES): KgonPhase {
  const kgon = solveKgon(k);
  if (!kgon || k + positive > c) throw new RangeError(`k: expected a k-gon among ${c}, got ${k}`);
  const { length, bias } = kgon;
  return {
    name: `${k}${'⁺'.repeat(positive)}`,
    k,
    positive,
    length,
    bias,
    level: kgonLoss(c, kgon, positive),
    half: (k * (length ** 2 + bias ** 2) + positive / (4 * c * c)) / 2,
    lambda: kgonCoefficient(c, kgon, positive),
  };
}

/** All phases from k-gons of `least` columns on, the simplest first. */
export const phasesFrom = (least: number, c = FEATURES): KgonPhase[] =>
  Array.from({ length: c - least + 1 }, (_, at) => least + at).flatMap((k) =>
    Array.from({ length: c - k + 1 }, (_, positive) => phaseOf(k, positive, c)),
  );

/** Weights of a phase as a spec takes them: dead features that are free have bias `free`. */
export function weightsOf({ k, positive, length, bias }: KgonPhase, free = -1, c = FEATURES) {
  const { W, b } = kgonModel(c, { k, length, bias }, positive);
  return {
    W: Array.from({ length: c }, (_, i) => [W[2 * i], W[2 * i + 1]]),
    b: Array.from(b, (value) => (value === -1 ? free : value)),
  };
}

/** The model and inputs of the paper: one feature of six at a time, uniform on [0, 1), errors summed. */
export const KGON_MODEL = {
  model: { features: FEATURES, hidden: 2 },
  input: { density: { exactly: 1 } },
} as const satisfies Partial<SpecInput>;

/** A trained model, judged by its exact loss. */
export interface Placed {
  row: number;
  loss: number; // exact expected loss H / (3c)
  half: number; // ½‖w‖², without the biases of dead features
  phase: number; // place among the phases of the nearest level, −1 if none is within `WITHIN`
}

/** A model stands on a level that is so near to its exact loss. */
export const WITHIN = 3e-4; // [CHEN-R]

/** Whether feature i is never on by itself: free to move, with its bias below 0. */
const isDead = (W: ArrayLike<number>, b: ArrayLike<number>, i: number): boolean =>
  b[i] <= 0 && W[2 * i] ** 2 + W[2 * i + 1] ** 2 + b[i] <= 0;

/** Place among phases of the level nearest to an exact loss, −1 if none is within `WITHIN`. */
export function levelAt(loss: number, phases: readonly KgonPhase[]): number {
  const off = phases.map(({ level }) => Math.abs(level - loss));
  const nearest = off.indexOf(Math.min(...off));
  return off[nearest] <= WITHIN ? nearest : -1;
}

/** Where a model (W (c, 2), b (c)) stands among phases. */
export function placeOf(
  row: number,
  W: ArrayLike<number>,
  b: ArrayLike<number>,
  phases: readonly KgonPhase[],
): Placed {
  const loss = potential(W, b) / (3 * b.length);
  const square = (sum: number, w: number) => sum + w * w;
  const biases = Array.from(b).filter((_, i) => !isDead(W, b, i));
  const half = (Array.from(W).reduce(square, 0) + biases.reduce(square, 0)) / 2;
  return { row, loss, half, phase: levelAt(loss, phases) };
}

/** Phases of the figures that speak of the paper's: 4, 4⁺, 4⁺⁺, 5, 5⁺, 6. */
export const paperPhases = (): KgonPhase[] => phasesFrom(4);
