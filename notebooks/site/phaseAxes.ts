/** The quantities that the phase page sets, holds or runs along an axis. */
import type { PhaseState } from './phaseState.ts';

/** A quantity: what it is called, its bounds, and where it stands or between which ends it runs when nobody says. */
interface Quantity {
  name: string;
  least: number;
  most: number;
  held: number;
  ends: readonly [number, number];
  /** Whole numbers; then an axis has a cell for each of them, or so many spread evenly in the logarithm. */
  whole?: 'each' | 'spread';
}

/** Training while one looks: small batches, a rate that falls to 0. */
export const PHASE_STEPS = 1_000;
export const PHASE_BATCH = 128;

export const AXES = ['density', 'importance', 'rate', 'decay', 'steps', 'hidden', 'features'] as const;
export type AxisName = (typeof AXES)[number];

/** Most features, for which the exact loss of a cell takes under a millisecond. */
const MOST_FEATURES = 6;

export const QUANTITIES: Readonly<Record<AxisName, Quantity>> = {
  density: { name: 'density (1 − sparsity)', least: 0.001, most: 1, held: 0.1, ends: [0.01, 1] },
  importance: {
    name: 'importance of the last feature',
    least: 0.01,
    most: 100,
    held: 1,
    ends: [0.1, 10],
  },
  rate: { name: 'learning rate', least: 1e-4, most: 1, held: 0.06, ends: [0.001, 1] },
  decay: { name: 'weight decay', least: 0.001, most: 10, held: 0, ends: [0.01, 10] },
  steps: { name: 'steps of training', least: 1, most: 4_000, held: PHASE_STEPS, ends: [10, 1_000], whole: 'spread' }, // biome-ignore format: one row
  hidden: { name: 'hidden dimensions', least: 1, most: MOST_FEATURES, held: 0, ends: [1, 4], whole: 'each' }, // biome-ignore format: one row
  features: { name: 'features', least: 2, most: MOST_FEATURES, held: 2, ends: [2, 6], whole: 'each' },
};

/** Cells along an axis of whole numbers that are spread: each is a training of its own. */
const SPREAD = 12;

/** Points of the axes of states that have been asked for: every cell asks. */
const known = new WeakMap<PhaseState, Partial<Record<AxisName, number[]>>>();

/** The numbers along an axis of the diagram, from its lower end. */
export function pointsOf(state: PhaseState, axis: AxisName): number[] {
  const own = known.get(state) ?? {};
  known.set(state, own);
  own[axis] ??= spreadOf(state, axis);
  return own[axis];
}

function spreadOf(state: PhaseState, axis: AxisName): number[] {
  const { whole } = QUANTITIES[axis];
  const [from, to] = endsOf(state, axis);
  if (whole === 'each') return Array.from({ length: to - from + 1 }, (_, k) => from + k);
  const count = whole ? Math.min(SPREAD, state.cells) : state.cells;
  const points = Array.from({ length: count }, (_, k) => from * (to / from) ** (k / (count - 1)));
  return whole ? [...new Set(points.map(Math.round))] : points;
}

/** The ends of an axis of the diagram. */
export function endsOf(state: PhaseState, axis: AxisName): readonly [number, number] {
  const value = state[axis];
  return typeof value === 'number' ? [value, value] : value;
}

/** The number at which a quantity stands that is no axis. */
export function heldAt(state: PhaseState, axis: AxisName): number {
  const value = state[axis];
  return typeof value === 'number' ? value : value[0];
}

/** Whether a quantity is one of the axes. */
export const isAxis = ({ x, y }: Pick<PhaseState, 'x' | 'y'>, axis: AxisName): boolean =>
  axis === x || axis === y;

/** Columns and rows of the diagram. */
export function sidesOf(state: PhaseState): [columns: number, rows: number] {
  return [pointsOf(state, state.x).length, pointsOf(state, state.y).length];
}

/** Where a value stands on an axis, 0 … 1 from its lower end; a cell's value is in the middle of its pixel. */
export function placeOf(state: PhaseState, axis: AxisName, value: number): number {
  const points = pointsOf(state, axis);
  const [from, to] = endsOf(state, axis);
  const at = QUANTITIES[axis].whole
    ? points.indexOf(value)
    : (Math.log(value / from) / Math.log(to / from)) * (points.length - 1);
  return (at + 0.5) / points.length;
}
