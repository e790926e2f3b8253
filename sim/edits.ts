/**
 * What changes in dictionaries between two steps of their training, and not by a gradient: dead latents begin again,
 * masks say which latents are dead, prefixes are drawn anew. Every engine that can `write` takes it, with the same numbers.
 */
import { exp, lengthOf, log, square } from './elementary.ts';
import type { Resample } from './family.ts';
import { hiddenAside } from './hidden.ts';
import { type DictionaryWeights, decodeAll, encodeAll } from './metrics/encode.ts';
import { type Params, type Problem, takeParams } from './problem.ts';
import { draw, type Stream, sampleStream, sampleWord, stepKey, unit } from './random.ts';

/** Something that happens after every so many steps, the first time after `first`, the last before `end`. */
interface Edit {
  every: number;
  first: number;
  end: number;
  /** Changes `params`, and marks in `cleared` the entries whose moments begin again. */
  apply(problem: Problem, params: Params, cleared: Params, step: number): void;
}

/** Step number, beside those of initial weights and of dictionaries, whose keys feed the edits. */
const EDIT_STEP = 0xfffffd;

/** Draws of instance i for the edit after `step` steps. */
function streamAt({ keys }: Problem, i: number, step: number): Stream {
  return sampleStream(stepKey([keys[2 * i], keys[2 * i + 1]], EDIT_STEP), sampleWord(step));
}

/** What an instance makes of samples that it is not trained on. T samples, m dimensions, L latents. */
interface Codes {
  h: Float64Array; // (T, m)
  errors: Float64Array; // (T) ‖h − ĥ‖²
  dead: number[]; // latents that fire on none of them
}

function codesAt(problem: Problem, params: Params, i: number, samples: number, step: number): Codes {
  const { family, active } = problem;
  const { latents: L, ...shape } = family.dictionary!;
  const m = family.hidden;
  const { W, ...rest } = takeParams(params, family, [i]);
  const weights = rest as unknown as DictionaryWeights;
  const firing = { ...shape, latents: L, active: active[i] };
  const h = hiddenAside(problem, i, W, samples, 2 + step);
  const z = encodeAll(weights, firing, h);
  const output = decodeAll(weights, firing, z);
  const errors = new Float64Array(h.length / m);
  h.forEach((value, at) => {
    errors[Math.floor(at / m)] += square(value - output[at]);
  });
  const fires = new Uint8Array(L);
  z.forEach((code, at) => {
    if (code > 0) fires[at % L] = 1;
  });
  return { h, errors, dead: [...fires.keys()].filter((latent) => fires[latent] === 0) };
}

/** A sample, as likely as the square of its loss; −1 where there is no loss. */
function drawByLoss(errors: Float64Array, stream: Stream): number {
  const total = errors.reduce((sum, error) => sum + square(error), 0);
  let rest = unit(draw(stream)) * total;
  return errors.findIndex((error) => {
    rest -= square(error);
    return rest < 0;
  });
}

/** Mean length of the encoder's rows of latents that are alive, 1 if none is. */
function aliveLength(encoder: Float32Array, m: number, dead: readonly number[]): number {
  const L = encoder.length / m;
  const alive = Array.from({ length: L }, (_, latent) => latent).filter((latent) => !dead.includes(latent));
  const sum = alive.reduce(
    (all, latent) => all + lengthOf(encoder.subarray(latent * m, (latent + 1) * m)),
    0,
  );
  return alive.length > 0 ? sum / alive.length : 1;
}

/** Sets row `row` of tensor `name`, if there is one, and clears its moments. */
function setRow(params: Params, cleared: Params, name: string, row: number, values: ArrayLike<number>): void {
  params[name]?.set(values, row * values.length);
  cleared[name]?.fill(1, row * values.length, (row + 1) * values.length);
}

/**
 * Dead latents of instance i point again at samples of large loss: the decoder's row is the unit vector v of h − b, the
 * encoder's v times a share of the mean length of those alive, biases are 0 (Bricken et al. 2023).
 */
function resample(problem: Problem, params: Params, cleared: Params, i: number, step: number): void {
  const { hidden: m, dictionary } = problem.family;
  const { latents: L, threshold, resample } = dictionary!;
  const { samples, encoder } = resample as Resample;
  const { h, errors, dead } = codesAt(problem, params, i, samples, step);
  const own = params.encoder.subarray(i * L * m, (i + 1) * L * m);
  const length = encoder * aliveLength(own, m, dead);
  const stream = streamAt(problem, i, step);
  for (const latent of dead) {
    const at = drawByLoss(errors, stream);
    const v = h.subarray(at * m, (at + 1) * m).map((value, k) => value - params.decoderBias[i * m + k]);
    const norm = lengthOf(v);
    if (at < 0 || norm === 0) continue;
    const row = i * L + latent;
    const set = (name: string, values: ArrayLike<number>) => setRow(params, cleared, name, row, values);
    set(
      'decoder',
      v.map((value) => value / norm),
    );
    set(
      'encoder',
      v.map((value) => (length * value) / norm),
    );
    set('encoderBias', [0]);
    set('threshold', [threshold]);
    set('gain', [1]);
    set('gateBias', [0]);
  }
}

/** Marks the latents of instance i that are dead. */
function markDead(problem: Problem, params: Params, _cleared: Params, i: number, step: number): void {
  const { latents: L, auxiliary } = problem.family.dictionary!;
  const { dead } = codesAt(problem, params, i, auxiliary!.samples, step);
  params.dead.fill(0, i * L, (i + 1) * L);
  for (const latent of dead) params.dead[i * L + latent] = 1;
}

/**
 * A prefix of L latents out of a uniform u in [0, 1): the whole part of (1 − u (1 − L^−α))^(−1/α), a Pareto number of
 * exponent α cut off at L. In [1, L − 1].
 */
export function drawnPrefix(u: number, L: number, exponent: number): number {
  const tail = 1 - u * (1 - exp(-exponent * log(L)));
  const long = exp(-log(tail) / exponent);
  return Math.min(L - 1, Math.floor(long));
}

/** Draws the prefixes of instance i, ascending. */
function drawPrefixes(problem: Problem, params: Params, _cleared: Params, i: number, step: number): void {
  const { latents: L, drawnPrefixes } = problem.family.dictionary!;
  const { count, exponent } = drawnPrefixes!;
  const stream = streamAt(problem, i, step);
  const lengths = Array.from({ length: count }, () => drawnPrefix(unit(draw(stream)), L, exponent));
  lengths
    .sort((a, b) => a - b)
    .forEach((length, k) => {
      params[`prefix${k}`].fill(0, i * L, (i + 1) * L).fill(1, i * L, i * L + length);
    });
}

/** Does something with every instance in turn. */
function overInstances(
  change: (problem: Problem, params: Params, cleared: Params, i: number, step: number) => void,
) {
  return (problem: Problem, params: Params, cleared: Params, step: number) => {
    for (let i = 0; i < problem.instances; i++) change(problem, params, cleared, i, step);
  };
}

function editsOf({ family: { dictionary }, training: { steps } }: Problem): Edit[] {
  if (!dictionary) return [];
  const { resample: rule, auxiliary, drawnPrefixes } = dictionary;
  const edits: Edit[] = [];
  if (rule) {
    const end = Math.min(steps, rule.every * rule.times + 1);
    edits.push({ every: rule.every, first: rule.every, end, apply: overInstances(resample) });
  }
  if (auxiliary) {
    const { every } = auxiliary;
    edits.push({ every, first: every, end: steps, apply: overInstances(markDead) });
  }
  if (drawnPrefixes)
    edits.push({ every: drawnPrefixes.every, first: 0, end: steps, apply: overInstances(drawPrefixes) });
  return edits;
}

/** Whether an edit is due after `step` steps. */
const isDue = ({ every, first, end }: Edit, step: number): boolean =>
  step >= first && step < end && (step - first) % every === 0;

/** The first step after `step` at which an edit is due, ∞ if none will be. */
export function nextEdit(problem: Problem, step: number): number {
  const next = editsOf(problem).map(({ every, first, end }) => {
    const own = step < first ? first : step + every - ((step - first) % every);
    return own < end ? own : Number.POSITIVE_INFINITY;
  });
  return Math.min(Number.POSITIVE_INFINITY, ...next);
}

/** Weights of a problem after the edits that are due after `step` steps, and what of the moments is cleared; null of none. */
export function edited(
  problem: Problem,
  step: number,
): ((params: Params) => { params: Params; cleared: Params }) | null {
  const due = editsOf(problem).filter((edit) => isDue(edit, step));
  if (due.length === 0) return null;
  return (before) => {
    const copies = Object.entries(before).map(([name, values]) => [name, values.slice()]);
    const params: Params = Object.fromEntries(copies);
    const zeros = Object.entries(before).map(([name, { length }]) => [name, new Float32Array(length)]);
    const cleared: Params = Object.fromEntries(zeros);
    for (const { apply } of due) apply(problem, params, cleared, step);
    return { params, cleared };
  };
}
