/** What attention heads do with sequences, and what they lose on skip trigrams and elsewhere, in nats a sequence. */
import { exp, log } from '../elementary.ts';
import type { Family } from '../family.ts';
import { drawBatch, LAST_TOKEN, NEXT_TOKEN } from '../features.ts';
import { headNames } from '../models/attention.ts';
import { type Params, type Problem, takeFrom } from '../problem.ts';
import { HELD_OUT_STEP } from '../random.ts';

type Vector = ArrayLike<number>;

/** Heads of one model over V tokens: each with the rows of its QK, from what token to what, and of its OV. (V, V) both. */
export interface Heads {
  tokens: number;
  heads: { QK: Vector; OV: Vector }[];
}

/** A sequence as its counts (V), its last token and the one that follows. */
export interface Sequence {
  counts: Float64Array;
  last: number;
  next: number;
}

/** The heads of model i of a family. */
export function headsAt(
  params: Params,
  { features: V, hidden }: Pick<Family, 'features' | 'hidden'>,
  i: number,
): Heads {
  const matrix = (name: string) => takeFrom(params[name], [i], V * V);
  const heads = Array.from({ length: hidden }, (_, h) => {
    const { QK, OV } = headNames(h);
    return { QK: matrix(QK), OV: matrix(OV) };
  });
  return { tokens: V, heads };
}

/** The sequence that a sample (V) says. */
export function sequenceOf(sample: Vector): Sequence {
  const values = Array.from(sample);
  const has = (value: number, digit: number) => Math.floor(value / digit) % LAST_TOKEN === 1;
  return {
    counts: Float64Array.from(values, (value) => value % LAST_TOKEN),
    last: values.findIndex((value) => has(value, LAST_TOKEN)),
    next: values.findIndex((value) => has(value, NEXT_TOKEN)),
  };
}

/** Sequences of model i's inputs that training never saw. */
export function heldOutSequences(problem: Problem, i: number, samples: number): Sequence[] {
  const own = { ...problem, firstStep: HELD_OUT_STEP, training: { ...problem.training, batch: samples } };
  const V = problem.family.features;
  const batch = drawBatch(own, i, 0);
  return Array.from({ length: samples }, (_, s) => sequenceOf(batch.subarray(s * V, (s + 1) * V)));
}

/** Shares of every head's attention, (V) each: c_v e^{QK[q, v]} over its sum, q the last token. */
export function sharesOf({ tokens: V, heads }: Heads, { counts, last }: Sequence): Float64Array[] {
  return heads.map(({ QK }) => {
    const row = Array.from({ length: V }, (_, v) => QK[last * V + v]);
    const top = Math.max(...row.filter((_, v) => counts[v] > 0));
    const weights = Float64Array.from(row, (logit, v) => (counts[v] > 0 ? counts[v] * exp(logit - top) : 0));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / sum);
  });
}

/** What every head adds to the logits, (V) each: Σ_v a_v OV[v]. */
export function headOutputs(own: Heads, sequence: Sequence): Float64Array[] {
  const V = own.tokens;
  return sharesOf(own, sequence).map((shares, h) => {
    const out = new Float64Array(V);
    shares.forEach((share, v) => {
      for (let o = 0; share > 0 && o < V; o++) out[o] += share * own.heads[h].OV[v * V + o];
    });
    return out;
  });
}

/** −ln of the probability of every token to follow, (V). */
export function surprises(own: Heads, sequence: Sequence): Float64Array {
  const outputs = headOutputs(own, sequence);
  const logits = outputs[0].map((_, o) => outputs.reduce((sum, out) => sum + out[o], 0));
  const top = logits.reduce((most, logit) => Math.max(most, logit), Number.NEGATIVE_INFINITY);
  const whole = top + log(logits.reduce((sum, logit) => sum + exp(logit - top), 0));
  return logits.map((logit) => whole - logit);
}

/** Loss on sequences with a source, and on those without above ln V, the next token's own distribution being known. */
export interface TrigramLoss {
  trigram: number;
  rest: number;
  excess: number; // the loss above the floor, p · trigram + (1 − p) · rest
}

const meanOf = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Losses of heads on sequences, sources being before the last token with probability `density`. */
export function trigramLoss(
  own: Heads,
  sequences: Sequence[],
  destinations: number,
  density: number,
): TrigramLoss {
  const [withSource, without] = [true, false].map((has) =>
    sequences.filter(({ counts }) => counts[0] > 0 === has),
  );
  const trigram = meanOf(withSource.map((one) => surprises(own, one)[one.last + destinations]));
  const rest = meanOf(without.map((one) => meanOf([...surprises(own, one)]))) - log(own.tokens);
  const part = (share: number, loss: number) => (share > 0 ? share * loss : 0);
  return { trigram, rest, excess: part(density, trigram) + part(1 - density, rest) };
}

/** Losses of model i of a group on so many sequences that training never saw. */
export function scoreTrigrams(problem: Problem, params: Params, i: number, samples: number): TrigramLoss {
  const { family } = problem;
  const sequences = heldOutSequences(problem, i, samples);
  const density = problem.density[i * family.features];
  return trigramLoss(headsAt(params, family, i), sequences, family.trigrams!.destinations, density);
}
