/**
 * The one random generator, drawn bit for bit the same by every engine.
 *
 * A stream is a pair (a, b) of 24-bit words and a round is a Feistel step
 *
 *     (a, b) → (b, a ⊕ F(b)),   F(x) = p ⊕ (p >> 11),   p = x · 0xb5ca6d mod 2^24,
 *
 * whose new word is the draw. Every intermediate word stays below 2^24, so an engine whose only number is a
 * float32 computes it too, and F is a bijection, so each draw is exactly uniform. Keys are absorbed one word
 * at a time: seed and instance give the instance key, the step gives the step key, the sample the stream.
 */
import { cos, log, sin } from './elementary.ts';

/** Multiplier of F: odd, 24 bits. */
export const MULTIPLIER = 0xb5ca6d;
/** Right shift that folds the strong high bits of the product onto its weak low ones. */
export const FOLD = 11;
export const MASK = 0xffffff;
/** 2^24, the number of values a draw can take. */
export const WORDS = 0x1000000;
/** Rounds after a seed, instance or step word has been absorbed. */
export const KEY_ROUNDS = 6;
/** Rounds after a sample word has been absorbed; the draw of the last of them is the first draw of the sample. */
export const SAMPLE_ROUNDS = 3;

/** State of one stream: two words in [0, 2^24). */
export type Stream = [a: number, b: number];

/** F(x), a bijection of [0, 2^24). */
export function mix(x: number): number {
  const p = Math.imul(x, MULTIPLIER) & MASK;
  return p ^ (p >>> FOLD);
}

/** Advances `stream` by one round in place and returns the draw, an integer in [0, 2^24). */
export function draw(stream: Stream): number {
  const next = stream[0] ^ mix(stream[1]);
  stream[0] = stream[1];
  stream[1] = next;
  return next;
}

function advance(stream: Stream, rounds: number): Stream {
  for (let r = 0; r < rounds; r++) draw(stream);
  return stream;
}

function absorb(stream: Stream, word: number, rounds: number): Stream {
  return advance([stream[0], stream[1] ^ word], rounds);
}

/**
 * Key of one instance from the experiment's seed, an integer in [0, 2^48), and the instance's row in the
 * sweep, an integer in [0, 2^24). Shards keep the row, so they draw the same samples.
 */
export function instanceKey(seed: number, instance: number): Stream {
  const high = Math.floor(seed / WORDS);
  const seeded = absorb([0x5eed01 ^ high, 0], seed % WORDS, KEY_ROUNDS);
  return absorb(seeded, instance, KEY_ROUNDS);
}

/** Key of one training step, an integer in [0, 2^24), from an instance key. */
export function stepKey(instance: Stream, step: number): Stream {
  return absorb(instance, step, KEY_ROUNDS);
}

/** Flipped in a sample's number before it is mixed, so that no small number stays small. */
export const SAMPLE_SALT = 0x2f6e2b;

/**
 * Word that stands for a sample's place in its batch, far from its neighbours' in bits. A bijection, so no two
 * samples of a batch are the same.
 */
export function sampleWord(sample: number): number {
  return mix(mix(mix(sample ^ SAMPLE_SALT)));
}

/** sampleWord of samples 0 … batch − 1. Shape (batch). */
export function sampleWords(batch: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, s) => sampleWord(s));
}

/**
 * Stream of one sample, ready to draw from: the word is absorbed and all but the last of the sample rounds
 * are done, so that the first `draw` is the SAMPLE_ROUNDS-th round.
 */
export function sampleStream(step: Stream, word: number): Stream {
  return absorb(step, word, SAMPLE_ROUNDS - 1);
}

/** Flipped in the second word of a sample's stream after its first draw: what starts the stream of its uniform numbers. */
export const UNIFORM_SALT = 0x51a9d3;

/** Stream of the uniform numbers of a sample, beside those of its features; the first `draw` gives the first of them. */
export function uniformStream(step: Stream, word: number): Stream {
  const stream = sampleStream(step, word);
  draw(stream);
  return absorb(stream, UNIFORM_SALT, SAMPLE_ROUNDS);
}

/** A draw as a number in [0, 1): draw · 2^-24. */
export function unit(word: number): number {
  return word / WORDS;
}

/** Step number, outside of any training run, whose keys feed initial weights. */
export const INIT_STEP = 0xffffff;
/** Place in a batch, beyond any sample's, whose stream at a step feeds the noise of its update. */
export const NOISE_SAMPLE = 0xfffffe;
/** Draws of one number of noise. */
export const NOISE_DRAWS = 4;

/**
 * Noise of an update: the sum of four draws, of mean 0 and variance 1, (u1 + u2 + u3 + u4 − 2) √3. Its first three
 * moments are a normal's, which is all that a Langevin step of small size keeps of it; its largest number is 2√3.
 */
export function noiseDraw(stream: Stream): number {
  let sum = 0;
  for (let k = 0; k < NOISE_DRAWS; k++) sum += draw(stream);
  return ((sum - 2 * WORDS) * Math.sqrt(3)) / WORDS;
}

/** First of the step numbers that feed held-out samples; training steps stay below it. */
export const HELD_OUT_STEP = 0x800000;

/** Stream of an instance's initial weights of tensor number `part`. */
export const initStream = (instance: Stream, part: number): Stream =>
  sampleStream(stepKey(instance, INIT_STEP), sampleWord(part));

/**
 * `count` independent standard normals for one instance, by Box–Muller from pairs of draws of one stream.
 * `part` separates tensors (0 = encoder W, 1 = decoder V, 2 = b). Shape (count).
 */
export function normals(instance: Stream, part: number, count: number): Float64Array {
  const stream = initStream(instance, part);
  const out = new Float64Array(count);
  for (let i = 0; i < count; i += 2) {
    const radius = Math.sqrt(-2 * log((draw(stream) + 0.5) / WORDS));
    const angle = 2 * Math.PI * unit(draw(stream));
    out[i] = radius * cos(angle);
    if (i + 1 < count) out[i + 1] = radius * sin(angle);
  }
  return out;
}
