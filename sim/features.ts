/**
 * Input distributions: how a sample's features are drawn from its stream, in float32 arithmetic that every
 * engine repeats exactly. gates.ts says what the words of the gates are.
 *
 * With independent gates the first draw u₀ of a sample alone decides which unit is the first active one (inverse CDF
 * over the products of closed gates), so an all-zero sample costs one draw. Then each unit draws in order:
 *   independent feature  one draw u: before the first active unit it is 0; at it, the value is u·2^-24; after
 *                        it, the gate opens if u < P and the value is u/P, so one draw gives gate and value.
 *   set                  one gate draw u, then one value draw for each member. A correlated set turns all its
 *                        members on together; an anticorrelated one the member that the gate draw points at.
 * With the other gatings every sample draws all its words:
 *   exactly       for each feature a gate draw u and a value draw; of r features to come and c of them still wanted, the
 *                 next is one of them if u r < c 2^24.
 *   copula        u₀ is the common normal; for each feature a gate draw, its own normal, and a value draw.
 *   gaussian      a normal draw for each feature, ε; then z = L ε row by row, and a value draw for each feature.
 *   tree          for each feature a gate draw, a draw for its children and a value draw; children that exclude each
 *                 other share their parent's draw, each its own stretch of it.
 *   curves        u₀ is the point; one gate draw and one value draw a, and x_i = a cos(π d_i/(2 width)) for a
 *                 distance d_i below the width, else 0 (Anthropic, May 2023: ℓ = 4 width, of a curve of length 1).
 *   latent        u₀ and one draw are the point; one gate draw, then for each feature a gate draw and a value draw.
 *   trigrams      u₀ is the last token, a destination; one gate draw, whether a source comes before it; then a draw for each
 *                 token before the last, the first of them being the source if the gate is open and any other token if
 *                 not; and one for the token that follows: the destination's own if the gate is open, else any. Where
 *                 a token stands is not kept: x_v is how often v does, + 16 if it is last, + 256 if it follows.
 * A value draw v in [0, 1) is a magnitude v, 2v − 1, 1 or max(0, mean + sd · normalOf(v)).
 */
import type { Family, Gating } from './family.ts';
import { type Gates, gatesOf, type Unit, unitsOf } from './gates.ts';
import { type Latent, latentOf, opens } from './latent.ts';
import { normalOf } from './normal.ts';
import type { Problem } from './problem.ts';
import {
  draw,
  INIT_STEP,
  type Stream,
  sampleStream,
  sampleWord,
  stepKey,
  uniformStream,
  unit,
  WORDS,
} from './random.ts';

const { fround } = Math;
const UNIT_SCALE = 1 / WORDS; // exact in float32

/** Taylor series of cos(π u/2) in u², float32: (−1)^k (π/2)^2k / (2k)! */
export const COSINE: readonly number[] = [0, 1, 2, 3, 4, 5].map((k) => {
  let term = 1;
  for (let j = 1; j <= 2 * k; j++) term *= Math.PI / 2 / j;
  return fround(k % 2 === 0 ? term : -term);
});

/** What the entry of a token has beside its count, if it is the last of its sequence, or follows it: digits of base 16. */
export const LAST_TOKEN = 16;
export const NEXT_TOKEN = 256;

/** What drawing a sample of an instance takes. */
export interface Drawing {
  family: Family;
  units: Unit[];
  gates: Gates;
  mean: number; // of normal magnitudes, float32
  sd: number;
  latent: Latent | null; // of latent points
  factor: Float32Array; // of correlated gates: rows of L
}

export function drawingOf(problem: Problem, i: number): Drawing {
  const [mean, sd] = problem.magnitude.subarray(2 * i);
  const { family } = problem;
  const width = problem.factor.length / problem.instances;
  const { latent } = family;
  return {
    family,
    units: unitsOf(family),
    gates: gatesOf(problem, i),
    mean: fround(mean),
    sd: fround(sd),
    factor: Float32Array.from(problem.factor.subarray(i * width, (i + 1) * width)),
    latent: latent
      ? latentOf(latent.shape, latent.points === 'places', problem.sharpness[i], family.features)
      : null,
  };
}

/** The magnitude that v in [0, 1] stands for. */
function magnitudeOf({ family, mean, sd }: Drawing, v: number): number {
  switch (family.magnitude) {
    case 'unit':
      return v;
    case 'signed':
      return fround(2 * v - 1);
    case 'one':
      return 1;
    case 'normal': {
      const word = Math.min(WORDS - 1, Math.trunc(fround(v * WORDS)));
      return Math.max(0, fround(mean + fround(sd * normalOf(word))));
    }
  }
}

const drawMagnitude = (own: Drawing, stream: Stream): number => magnitudeOf(own, draw(stream) * UNIT_SCALE);

function drawIndependent(own: Drawing, stream: Stream, u0: number, x: Float32Array): void {
  const { ints, floats, units: count } = own.gates;
  if (u0 <= ints[count - 1]) return;
  let before = false; // u₀ reached a unit before this one
  for (let k = 0; k < count; k++) {
    const unit = own.units[k];
    const u = draw(stream);
    const isFirst: boolean = !before && u0 > ints[k];
    const isOpen = isFirst || (before && u < ints[count + k]);
    before ||= isFirst;
    const isAlone = unit.kind === 'independent';
    if (isAlone && !isOpen) continue;
    const v = fround(u * (isFirst ? UNIT_SCALE : floats[2 * count + k])); // in [0, 1] if open
    if (isAlone) x[unit.start] = magnitudeOf(own, v);
    else drawUnit(own, unit, isOpen, v, stream, x);
  }
}

/** A correlated or anticorrelated set; v is in [0, 1] if it is open. */
function drawUnit(
  own: Drawing,
  unit: Unit,
  isOpen: boolean,
  v: number,
  stream: Stream,
  x: Float32Array,
): void {
  const chosen = Math.min(unit.size - 1, Math.floor(fround(v * unit.size)));
  for (let j = 0; j < unit.size; j++) {
    const value = drawMagnitude(own, stream);
    if (isOpen && (unit.kind === 'correlated' || j === chosen)) x[unit.start + j] = value;
  }
}

function drawExactly(own: Drawing, stream: Stream, _u0: number, x: Float32Array): void {
  let wanted = own.gates.ints[own.gates.units];
  for (let i = 0; i < x.length; i++) {
    const left = x.length - i;
    const isOpen = fround(draw(stream) * left) < wanted * WORDS || wanted >= left;
    const value = drawMagnitude(own, stream);
    if (!isOpen) continue;
    x[i] = value;
    wanted--;
  }
}

function drawCopula(own: Drawing, stream: Stream, u0: number, x: Float32Array): void {
  const { floats, units } = own.gates;
  const common = normalOf(u0);
  for (let i = 0; i < x.length; i++) {
    const normal = fround(fround(floats[i] * common) + fround(floats[units + i] * normalOf(draw(stream))));
    const value = drawMagnitude(own, stream);
    if (normal < floats[2 * units + i]) x[i] = value;
  }
}

function drawGaussian(own: Drawing, stream: Stream, _u0: number, x: Float32Array): void {
  const { floats, units } = own.gates;
  const noise = Float32Array.from(x, () => normalOf(draw(stream)));
  for (let i = 0, at = 0; i < x.length; i++) {
    let normal = 0;
    for (let j = 0; j <= i; j++) normal = fround(normal + fround(noise[j] * own.factor[at++]));
    const value = drawMagnitude(own, stream);
    if (normal < floats[2 * units + i]) x[i] = value;
  }
}

function drawTree(own: Drawing, stream: Stream, _u0: number, x: Float32Array): void {
  const { ints, units } = own.gates;
  const { parents, exclusive } = own.family;
  const open = new Uint8Array(units);
  const forChildren = new Int32Array(units);
  for (let i = 0; i < x.length; i++) {
    const parent = parents![i];
    const u = draw(stream);
    const word = exclusive && parent >= 0 ? forChildren[parent] : u;
    const isWelcome = parent < 0 || open[parent] === 1;
    open[i] = Number(isWelcome ? word >= ints[i] && word < ints[units + i] : u < ints[2 * units + i]);
    forChildren[i] = draw(stream);
    const value = drawMagnitude(own, stream);
    if (open[i]) x[i] = value;
  }
}

/** Distance of two points of a circle of length 1. */
function aroundCircle(p: number, q: number): number {
  const d = Math.abs(fround(p - q));
  return Math.min(d, fround(1 - d));
}

/** Place on its loop of a point of a figure-eight, two circles that touch at 0. */
const onLoop = (p: number): number => fround(fround(2 * p) - Math.floor(fround(2 * p)));

/** Distance of two points of a figure-eight of length 1, along it. */
function aroundEight(p: number, q: number): number {
  const [s, t] = [onLoop(p), onLoop(q)];
  const isSame = Math.floor(fround(2 * p)) === Math.floor(fround(2 * q));
  const twice = isSame ? aroundCircle(s, t) : fround(Math.min(s, fround(1 - s)) + Math.min(t, fround(1 - t)));
  return fround(twice * 0.5);
}

/** cos(π u/2) of the square of u, 0 from u = 1 on; float32, to 5e-7. */
function bump(square: number): number {
  if (square >= 1) return 0;
  const sum = COSINE.reduceRight((rest, term) => fround(term + fround(square * rest)), 0);
  return Math.max(0, sum);
}

function drawCurve(own: Drawing, stream: Stream, u0: number, x: Float32Array): void {
  const { ints, floats, units } = own.gates;
  const point = u0 * UNIT_SCALE;
  const isOpen = draw(stream) < ints[units];
  const value = drawMagnitude(own, stream);
  if (!isOpen) return;
  const distance = own.family.gating === 'circle' ? aroundCircle : aroundEight;
  for (let i = 0; i < x.length; i++) {
    const u = fround(distance(point, floats[i]) * floats[2 * units + i]);
    x[i] = fround(value * bump(fround(u * u)));
  }
}

function drawLatent(own: Drawing, stream: Stream, u0: number, x: Float32Array): void {
  const { ints, units } = own.gates;
  const thresholds = opens(own.latent!, u0, draw(stream));
  const isOpen = draw(stream) < ints[units];
  for (let i = 0; i < x.length; i++) {
    const isActive = draw(stream) < thresholds[i];
    const value = drawMagnitude(own, stream);
    if (isOpen && isActive) x[i] = value;
  }
}

/** One of `count` things, each as likely as another, for a word. */
function pickOf(word: number, count: number): number {
  return Math.min(count - 1, Math.floor(fround(fround(word * count) * UNIT_SCALE)));
}

function drawTrigrams(own: Drawing, stream: Stream, u0: number, x: Float32Array): void {
  const { ints, units } = own.gates;
  const { destinations, length } = own.family.trigrams!;
  const last = 1 + pickOf(u0, destinations);
  const isOpen = draw(stream) < ints[units];
  x[last] += 1 + LAST_TOKEN;
  for (let place = 0; place < length - 1; place++) {
    const token = 1 + pickOf(draw(stream), x.length - 1);
    x[place === 0 && isOpen ? 0 : token]++;
  }
  const any = pickOf(draw(stream), x.length);
  x[isOpen ? last + destinations : any] += NEXT_TOKEN;
}

const RULES: Record<Gating, (own: Drawing, stream: Stream, u0: number, x: Float32Array) => void> = {
  independent: drawIndependent,
  exactly: drawExactly,
  copula: drawCopula,
  gaussian: drawGaussian,
  tree: drawTree,
  circle: drawCurve,
  'figure-eight': drawCurve,
  latent: drawLatent,
  trigrams: drawTrigrams,
};

/** Draws one sample into `x` (n) from its stream. Values are float32 numbers. */
export function drawSample(own: Drawing, stream: Stream, x: Float32Array): void {
  const u0 = draw(stream);
  x.fill(0);
  RULES[own.family.gating](own, stream, u0, x);
}

/** Key of the samples of a step of an instance. */
export function batchKey({ keys, firstStep }: Problem, row: number, step: number): Stream {
  return stepKey([keys[row * 2], keys[row * 2 + 1]], firstStep + step);
}

/**
 * The batch that instance `row` of a problem sees at step `step` (counted from the problem's first step).
 * Shape (batch, n), float32.
 */
export function drawBatch(problem: Problem, row: number, step: number): Float32Array {
  const { family, training } = problem;
  const own = drawingOf(problem, row);
  const key = batchKey(problem, row, step);
  const batch = new Float32Array(training.batch * family.features);
  for (let s = 0; s < training.batch; s++) {
    const x = batch.subarray(s * family.features, (s + 1) * family.features);
    drawSample(own, sampleStream(key, sampleWord(s)), x);
  }
  return batch;
}

/**
 * The first sources of an instance's places in the batch, `width` numbers each, uniform on [0, 1), and moments of 0 behind
 * them. Shape (batch, 3 width); the numbers are float32.
 */
export function firstSources(
  { keys, training: { batch } }: Problem,
  row: number,
  width: number,
): Float64Array {
  const key: Stream = [keys[2 * row], keys[2 * row + 1]];
  const out = new Float64Array(3 * batch * width);
  for (let s = 0; width > 0 && s < batch; s++) {
    const stream = uniformStream(stepKey(key, INIT_STEP), sampleWord(s));
    for (let k = 0; k < width; k++) out[3 * s * width + k] = unit(draw(stream));
  }
  return out;
}

/** The uniform numbers of the same batch, `count` a sample, that a program may ask for. Shape (batch, count), float32. */
export function drawUniform(problem: Problem, row: number, step: number, count: number): Float32Array {
  const key = batchKey(problem, row, step);
  const out = new Float32Array(problem.training.batch * count);
  for (let s = 0; count > 0 && s < problem.training.batch; s++) {
    const stream = uniformStream(key, sampleWord(s));
    for (let k = 0; k < count; k++) out[s * count + k] = unit(draw(stream));
  }
  return out;
}
