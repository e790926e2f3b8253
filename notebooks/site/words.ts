/** What a model has become, in words: how many features it keeps and in which shapes, merged ones told apart. */
import { nameComponents } from '../../sim/metrics/polytope.ts';

/** ‖W_i‖ from which a feature counts as kept. */
const KEPT = 0.5;
/** Features closer than this cosine point the same way: one direction for both. */
const MERGED = 0.97;
/** |W_i·W_j| from which two directions belong to one shape; training noise stays below it. */
const TOUCH = 0.2;
/** Degrees that a direction of a shape still in training may lean. */
const LEAN = 6;

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const numberWord = (count: number) => NUMBERS[count] ?? String(count);

const rowOf = (W: ArrayLike<number>, i: number, m: number) =>
  Array.from({ length: m }, (_, k) => W[i * m + k]);
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, k) => sum + x * b[k], 0);
const cosine = (a: readonly number[], b: readonly number[]) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));

/** A model's shape: features kept, those of them that share one direction, and the names of the shapes. */
export interface Shapes {
  features: number;
  kept: number[]; // features from 0
  merged: number[][]; // groups of two or more kept features in one direction
  names: string[]; // of the directions' components, 'unknown' for an irregular one
}

/** Kept features in groups of one direction. */
function directions(W: ArrayLike<number>, kept: readonly number[], m: number): number[][] {
  const groups: number[][] = [];
  for (const i of kept) {
    const own = groups.find(([first]) => cosine(rowOf(W, first, m), rowOf(W, i, m)) > MERGED);
    if (own) own.push(i);
    else groups.push([i]);
  }
  return groups;
}

/** The shapes of rows W (n, m). */
export function shapesOf(W: ArrayLike<number>, n: number, m: number): Shapes {
  const all = Array.from({ length: n }, (_, i) => i);
  const kept = all.filter((i) => dot(rowOf(W, i, m), rowOf(W, i, m)) > KEPT ** 2);
  const groups = directions(W, kept, m);
  const points = Float64Array.from(groups.flatMap(([first]) => rowOf(W, first, m)));
  const shape = { features: groups.length, hidden: m };
  const named = groups.length ? nameComponents({ W: points }, shape, 0, TOUCH, LEAN) : [];
  const names = named.map(({ name, features }) =>
    name === 'unknown' ? `irregular ${features.length}` : name,
  );
  return { features: n, kept, merged: groups.filter((group) => group.length > 1), names };
}

const one = (name: string) => (/^irregular (\d+)$/.test(name) ? name.replace(/^irregular (\d+)/, (_, k) => `irregular ${numberWord(Number(k))}`) : name); // biome-ignore format: one rule
const several = (name: string) => (name.endsWith('x') ? `${name.slice(0, -1)}ces` : `${name}s`);
const article = (name: string) => (/^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`);

/** Names with how often each comes, alone ones last: two digons and a feature of its own. */
function counted(names: readonly string[]): string {
  const shapes = [...new Set(names)].filter((name) => name !== 'single');
  const singles = names.length - names.filter((name) => name !== 'single').length;
  const parts = shapes.map((name) => {
    const count = names.filter((other) => other === name).length;
    return count === 1 ? article(one(name)) : `${numberWord(count)} ${several(one(name))}`;
  });
  if (singles === 1) parts.push('one with a dimension of its own');
  if (singles > 1) parts.push(`${numberWord(singles)} with a dimension of their own`);
  return parts.join(' and ');
}

/** The shape alone: "two digons". Merged features are told first. */
export function shapeInWords({ kept, merged, names }: Shapes): string {
  if (kept.length === 0) return 'nothing';
  const shape = counted(names);
  if (merged.length === 0) return shape;
  const pairs = merged.every((group) => group.length === 2);
  const what = pairs ? (merged.length === 1 ? 'merged pair' : 'merged pairs') : 'merged groups';
  return `${numberWord(merged.length)} ${what}: ${shape}`;
}

/** "4 of 5 kept: two digons". */
export function keptInWords(shapes: Shapes): string {
  return `${shapes.kept.length} of ${shapes.features} kept: ${shapeInWords(shapes)}`;
}
