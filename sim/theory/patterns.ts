/**
 * Activity patterns of an input distribution: which features are active together, and with what probability.
 * Given the pattern, the active values are independent uniforms.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../features.ts';

/** What one gate can do: the features it turns on, and the probability of that. */
function outcomesOf(unit: Unit, p: number): [probability: number, active: number[]][] {
  const members = Array.from({ length: unit.size }, (_, j) => unit.start + j);
  if (unit.kind !== 'anticorrelated') return [[1 - p, []], [p, members]]; // biome-ignore format: a table
  return [[1 - p, []], ...members.map((i): [number, number[]] => [p / unit.size, [i]])];
}

/**
 * Calls `visit` with each activity pattern (feature indices, rising) and its probability. Patterns less probable
 * than `negligible` are left out; their total probability is returned. density is (n), of which a set's first
 * feature counts.
 */
export function visitPatterns(
  family: Family,
  density: ArrayLike<number>,
  negligible: number,
  visit: (active: readonly number[], probability: number) => void,
): number {
  const units = unitsOf(family);
  const outcomes = units.map((unit) => outcomesOf(unit, density[unit.start]));
  let skipped = 0;
  const descend = (depth: number, active: number[], probability: number) => {
    if (probability <= negligible) skipped += probability;
    else if (depth === units.length) visit(active, probability);
    else for (const [p, more] of outcomes[depth]) descend(depth + 1, [...active, ...more], probability * p);
  };
  descend(0, [], 1);
  return skipped;
}
