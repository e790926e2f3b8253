/**
 * Activity patterns of an input distribution: which features are active together, and with what probability.
 * Given the pattern, the active values are independent uniforms.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../gates.ts';

/** What one gate can do: the features it turns on, and the probability of that. */
function outcomesOf(unit: Unit, p: number): [probability: number, active: number[]][] {
  const members = Array.from({ length: unit.size }, (_, j) => unit.start + j);
  if (unit.kind !== 'anticorrelated') return [[1 - p, []], [p, members]]; // biome-ignore format: a table
  return [[1 - p, []], ...members.map((i): [number, number[]] => [p / unit.size, [i]])];
}

/** Probability that features i and l are active together, P(i active) on the diagonal. Shape (n, n). */
export function coactivity(family: Family, density: ArrayLike<number>): Float64Array {
  const n = family.features;
  const out = new Float64Array(n * n);
  for (const one of unitsOf(family)) {
    for (const other of unitsOf(family)) {
      for (let i = one.start; i < one.start + one.size; i++) {
        for (let l = other.start; l < other.start + other.size; l++) {
          out[i * n + l] = together(one, other, i === l, density);
        }
      }
    }
  }
  return out;
}

/** Probability that a member of one unit and a member of another, maybe the same one, are active. */
function together(one: Unit, other: Unit, same: boolean, density: ArrayLike<number>): number {
  const marginal = (unit: Unit) => density[unit.start] / (unit.kind === 'anticorrelated' ? unit.size : 1);
  if (one.start !== other.start) return marginal(one) * marginal(other);
  return same || one.kind !== 'anticorrelated' ? marginal(one) : 0;
}

/**
 * Calls `visit` with each activity pattern (feature indices, rising; valid during the call) and its probability, but
 * for patterns less probable than `negligible`. density is (n), of which a set's first feature counts.
 */
export function visitPatterns(
  family: Family,
  density: ArrayLike<number>,
  negligible: number,
  visit: (active: readonly number[], probability: number) => void,
): void {
  const units = unitsOf(family);
  const outcomes = units.map((unit) => outcomesOf(unit, density[unit.start]));
  const active: number[] = [];
  const descend = (depth: number, probability: number) => {
    if (probability <= negligible) return;
    if (depth === units.length) return visit(active, probability);
    for (const [p, more] of outcomes[depth]) {
      for (const feature of more) active.push(feature);
      descend(depth + 1, probability * p);
      active.length -= more.length;
    }
  };
  descend(0, 1);
}
