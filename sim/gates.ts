/**
 * The numbers by which the gates of an instance's samples are decided: three words for each unit (features.ts), which
 * every engine reads alike. What they are depends on the family's gating:
 *
 *                 floor                        open                    scale
 *   independent   first[k + 1] − 1             P                       1/P, float32
 *   exactly       –                            k, of all features      –
 *   copula        λ, float32                   √(1 − λ²), float32      Φ⁻¹(p), float32
 *   gaussian      –                       –                       Φ⁻¹(p), float32
 *   tree          P of the siblings before     the same + P            P when the parent is shut
 *   latent        –                       P of a point            –
 *   trigrams      –                       P of a source           –
 *   curves        place on the curve, float32  P of a point            1/width, float32
 *
 * P is a probability times 2^24, rounded: a gate is open if a draw, an integer, is below it. first[k + 1] is that of
 * no unit up to k being open, in a sample of independent gates: its first draw u₀ decides which is the first.
 */
import type { Family } from './family.ts';
import { normalQuantile } from './normal.ts';
import type { Problem } from './problem.ts';
import { WORDS } from './random.ts';

/** A gate: `size` 1 is an independent feature. `start` is the unit's first feature. */
export interface Unit {
  kind: 'correlated' | 'anticorrelated' | 'independent';
  start: number;
  size: number;
}

/** The units of a family, in feature order: its sets, then each feature by itself. */
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

/** Words of the gates of one instance: floor (U), open (U), scale (U), as integers and as the floats they may be. */
export interface Gates {
  units: number;
  ints: Int32Array; // (3 U)
  floats: Float32Array; // the same bytes
}

const thresholdOf = (probability: number): number => Math.round(probability * WORDS);

/** Independent gates of units with these probabilities (U). */
function independent(probability: ArrayLike<number>, { units, ints, floats }: Gates): void {
  let closed = 1; // probability that every gate so far is closed
  for (let k = 0; k < units; k++) {
    const P = thresholdOf(probability[k]);
    closed *= 1 - probability[k];
    ints[k] = Math.round(closed * WORDS) - 1;
    ints[units + k] = P;
    floats[2 * units + k] = P > 0 ? 1 / P : 0;
  }
}

/** Φ⁻¹(p) as a threshold: infinite where a gate is never or always open. */
function normalThreshold(p: number): number {
  if (p <= 1 / WORDS) return Number.NEGATIVE_INFINITY;
  return p >= 1 - 1 / WORDS ? Number.POSITIVE_INFINITY : normalQuantile(p);
}

function copula(density: Float64Array, loading: Float64Array, { units, floats }: Gates): void {
  for (let k = 0; k < units; k++) {
    floats[k] = loading[k];
    floats[units + k] = Math.sqrt(1 - loading[k] * loading[k]);
    floats[2 * units + k] = normalThreshold(density[k]);
  }
}

function tree(
  { parents, exclusive }: Family,
  density: Float64Array,
  alone: Float64Array,
  gates: Gates,
): void {
  const { units, ints } = gates;
  const taken = new Int32Array(units); // of a parent's draw, by the children so far
  for (let k = 0; k < units; k++) {
    const parent = parents![k];
    const P = thresholdOf(density[k]);
    const from = exclusive && parent >= 0 ? taken[parent] : 0;
    if (parent >= 0) taken[parent] += P;
    ints[k] = from;
    ints[units + k] = from + P;
    ints[2 * units + k] = parent >= 0 ? thresholdOf(alone[k]) : 0;
  }
}

function curve(density: Float64Array, width: number, { units, ints, floats }: Gates): void {
  for (let k = 0; k < units; k++) {
    floats[k] = k / units;
    ints[units + k] = thresholdOf(density[k]);
    floats[2 * units + k] = 1 / width;
  }
}

/** Row i of a column of a problem. */
function rowOf(column: Float64Array, { instances }: Problem, i: number): Float64Array {
  const width = column.length / instances;
  return column.subarray(i * width, (i + 1) * width);
}

/** Gates of instance i of a problem. */
export function gatesOf(problem: Problem, i: number): Gates {
  const { family } = problem;
  const own = unitsOf(family);
  const ints = new Int32Array(3 * own.length);
  const gates: Gates = { units: own.length, ints, floats: new Float32Array(ints.buffer) };
  const density = rowOf(problem.density, problem, i);
  switch (family.gating) {
    case 'independent':
      independent(
        own.map(({ start }) => density[start]),
        gates,
      );
      break;
    case 'exactly':
      ints.fill(Math.round(density[0] * family.features), own.length, 2 * own.length);
      break;
    case 'copula':
      copula(density, rowOf(problem.loading, problem, i), gates);
      break;
    case 'gaussian':
      gates.floats.set(Float64Array.from(density, normalThreshold), 2 * own.length);
      break;
    case 'latent':
    case 'trigrams':
      gates.ints.fill(thresholdOf(density[0]), own.length, 2 * own.length);
      break;
    case 'tree':
      tree(family, density, rowOf(problem.alone, problem, i), gates);
      break;
    default:
      curve(density, problem.curveWidth[i], gates);
  }
  return gates;
}
