/**
 * Input distributions: how a sample's features are drawn from its stream, in float32 arithmetic that every
 * engine repeats exactly.
 *
 * A *unit* is a thing with one gate: an independent feature or a set. The first draw u₀ of a sample alone
 * decides which unit is the first active one (inverse CDF over the products of closed gates), so an all-zero
 * sample costs one draw. Then each unit draws in order:
 *   independent feature  one draw u: before the first active unit it is 0; at it, the value is u·2^-24; after
 *                        it, the gate opens if u < P and the value is u/P, so one draw gives gate and value.
 *   set                  one gate draw u, then one value draw for each member. A correlated set turns all its
 *                        members on together; an anticorrelated one the member that the gate draw points at.
 * Signed magnitudes map a value v to 2v − 1.
 */
import type { Family, FeatureSet } from './family.ts';
import type { Problem } from './problem.ts';
import { draw, type Stream, sampleStream, sampleWord, stepKey, WORDS } from './random.ts';

/** A gate: `size` 1 is an independent feature. `start` is the unit's first feature. */
export interface Unit {
  kind: FeatureSet['kind'] | 'independent';
  start: number;
  size: number;
}

/** The units of a family, in feature order. */
export function unitsOf(family: Family): Unit[] {
  const units: Unit[] = [];
  let start = 0;
  for (const set of family.sets) {
    units.push({ kind: set.kind, start, size: set.size });
    start += set.size;
  }
  for (; start < family.features; start++) units.push({ kind: 'independent', start, size: 1 });
  return units;
}

/** Integer thresholds of one instance, from the densities of its features. U = number of units. */
export interface Gates {
  open: Int32Array; // (U) P: the gate is open if draw < P; P = round(density · 2^24)
  scale: Float32Array; // (U) 1/P in float32; 0 where P = 0
  first: Int32Array; // (U + 1) unit k is the first active one if first[k + 1] <= u0 < first[k]; u0 < first[U]: none
}

/** Gates of units whose gate probabilities are `probability` (U). */
export function gatesOf(probability: ArrayLike<number>): Gates {
  const units = probability.length;
  const open = new Int32Array(units);
  const scale = new Float32Array(units);
  const first = new Int32Array(units + 1);
  let closed = 1; // probability that every gate so far is closed
  first[0] = WORDS;
  for (let k = 0; k < units; k++) {
    open[k] = Math.round(probability[k] * WORDS);
    scale[k] = open[k] > 0 ? 1 / open[k] : 0;
    closed *= 1 - probability[k];
    first[k + 1] = Math.round(closed * WORDS);
  }
  return { open, scale, first };
}

/** Gates of every instance of a problem, concatenated: open and scale (I, U), first (I, U + 1). */
export function problemGates(problem: Problem): Gates {
  const units = unitsOf(problem.family);
  const count = units.length;
  const gates: Gates = {
    open: new Int32Array(problem.instances * count),
    scale: new Float32Array(problem.instances * count),
    first: new Int32Array(problem.instances * (count + 1)),
  };
  const probability = new Float64Array(count);
  for (let i = 0; i < problem.instances; i++) {
    units.forEach((unit, k) => {
      probability[k] = problem.density[i * problem.family.features + unit.start];
    });
    const own = gatesOf(probability);
    gates.open.set(own.open, i * count);
    gates.scale.set(own.scale, i * count);
    gates.first.set(own.first, i * (count + 1));
  }
  return gates;
}

const UNIT_SCALE = 1 / WORDS; // exact in float32

/** Draws one sample into `x` (n) from its stream. Values are float32 numbers. */
export function drawSample(
  family: Family,
  units: Unit[],
  gates: Gates,
  stream: Stream,
  x: Float32Array,
): void {
  const u0 = draw(stream);
  x.fill(0);
  if (u0 < gates.first[units.length]) return;
  const signed = family.magnitude === 'signed';
  const magnitude = (v: number) => (signed ? Math.fround(2 * v - 1) : v);
  for (let k = 0; k < units.length; k++) {
    const unit = units[k];
    const isFirst = u0 >= gates.first[k + 1] && u0 < gates.first[k];
    const isAfter = u0 >= gates.first[k];
    const u = draw(stream);
    const isOpen = isFirst || (isAfter && u < gates.open[k]);
    const v = Math.fround(u * (isFirst ? UNIT_SCALE : gates.scale[k])); // in [0, 1] if open
    if (unit.kind === 'independent') {
      if (isOpen) x[unit.start] = magnitude(v);
      continue;
    }
    const chosen = Math.min(unit.size - 1, Math.floor(Math.fround(v * unit.size)));
    for (let j = 0; j < unit.size; j++) {
      const value = magnitude(draw(stream) * UNIT_SCALE);
      if (isOpen && (unit.kind === 'correlated' || j === chosen)) x[unit.start + j] = value;
    }
  }
}

/**
 * The batch that instance `row` of a problem sees at step `step` (counted from the problem's first step).
 * Shape (batch, n), float32.
 */
export function drawBatch(problem: Problem, row: number, step: number): Float32Array {
  const { family, training } = problem;
  const units = unitsOf(family);
  const gates = gatesOf(units.map((u) => problem.density[row * family.features + u.start]));
  const key = stepKey([problem.keys[row * 2], problem.keys[row * 2 + 1]], problem.firstStep + step);
  const batch = new Float32Array(training.batch * family.features);
  for (let s = 0; s < training.batch; s++) {
    const x = batch.subarray(s * family.features, (s + 1) * family.features);
    drawSample(family, units, gates, sampleStream(key, sampleWord(s)), x);
  }
  return batch;
}
