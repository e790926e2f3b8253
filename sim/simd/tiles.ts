/**
 * What the lanes kernel keeps in memory: each unit's gate and each feature's numbers in vectors of four samples,
 * so that one pointer reaches all of them, and the samples drawn into them.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../features.ts';
import type { Layout } from './layout.ts';
import { drawUnit, drawUnits, startSamples } from './sampling.ts';
import { advance, each, func, get, i32, int, set, sweep, v, w } from './wat.ts';

/** Bytes of a unit's gate: floor, open and scale, splatted. */
const GATE = { floor: 0, open: 16, scale: 32, size: 48 };

/**
 * A feature's numbers stand in a tile of the first array and what is summed for it in a tile of the second, at
 * the same offsets, so that an inner loop needs few of them: V8 keeps each in a register.
 */
export const TILE = { x: 0, importance: 0, b: 16, db: 16, V: 32, dV: 32 };

/** Bytes of a feature's tile: x, b and a row of V (and of W). */
const tileBytes = ({ hidden, tied }: Family): number => TILE.V + 16 * hidden * (tied ? 1 : 2);

/** Bytes of the kernel's scratch. */
export const lanesBytes = (family: Family): number =>
  (2 * tileBytes(family) + GATE.size + 4) * family.features + 4;

/** What the kernel is generated for. */
export interface LanesPlan {
  family: Family;
  layout: Layout;
  /** λ Σ|h| is in the loss. */
  penalised: boolean;
}

/** Whether the text is repeated for each feature, x and the gradients in locals, instead of looping. */
export const isUnrolled = ({ layout }: LanesPlan): boolean => layout.shape === 'unrolled';

/** Scratch of the kernel at its place in memory, and offsets inside a tile. */
export function scratchOf({ family, layout }: LanesPlan) {
  const size = tileBytes(family);
  const tiles = layout.work;
  const sums = tiles + size * family.features;
  const gates = sums + size * family.features;
  const W = TILE.V + (family.tied ? 0 : 16 * family.hidden);
  return { size, tiles, sums, gates, W, list: gates + GATE.size * layout.units, toSums: sums - tiles };
}

/** $prepare(record): splats an instance's numbers into the tiles and clears the sums. */
export function prepare(plan: LanesPlan): string {
  const { family, layout } = plan;
  const { record, hidden: m, features: n, units, V, b } = layout;
  const { size, tiles, sums, gates, W, toSums } = scratchOf(plan);
  const copy = (from: number, to: number) => v.store(get('to'), v.splat(get('from'), from), to);
  const row = (from: number, to: number) => each(m, (k) => copy(from + 4 * k, to + 16 * k));
  const overTiles = (step: number, body: string[]) => [
    set('to', int(tiles)),
    set('from', get('record')),
    sweep('to', int(sums), size, [...body, advance('from', step)]),
  ];
  return func(
    'prepare',
    ['record'],
    ['to', 'from'],
    [
      set('to', int(sums)),
      sweep('to', int(sums + n * size), 16, [v.store(get('to'), v.zero)]),
      ...overTiles(4, [
        copy(record.importance, toSums + TILE.importance),
        copy(record.weights + 4 * b, TILE.b),
      ]),
      ...overTiles(4 * m, [
        ...row(record.weights, W),
        ...(family.tied ? [] : row(record.weights + 4 * V, TILE.V)),
      ]),
      set('to', int(gates)),
      set('from', get('record')),
      sweep('to', int(gates + units * GATE.size), GATE.size, [
        copy(record.floor, GATE.floor),
        copy(record.open, GATE.open),
        copy(record.scale, GATE.scale),
        advance('from', 4),
      ]),
    ],
  );
}

/** The gate at `gate`. */
const gateAt = (gate: string) => ({
  floor: v.load(gate, GATE.floor),
  open: v.load(gate, GATE.open),
  scale: v.load(gate, GATE.scale),
});

/** Draws four samples into the locals x0 … */
export function sampleWritten({ family, layout }: LanesPlan, gates: number): string[] {
  const draw = (unit: Unit, k: number) =>
    drawUnit(family, unit, {
      ...gateAt(int(gates + k * GATE.size)),
      store: (j, value) => [set(`x${unit.start + j}`, value)],
    });
  return [...startSamples(layout), ...unitsOf(family).flatMap(draw)];
}

/**
 * $sample(record, group) → end of the list: draws four samples into the tiles, and lists the tiles of the features
 * that one of them has active.
 */
export function sample(plan: LanesPlan): string {
  const { size, tiles, gates, list } = scratchOf(plan);
  const store = (_: number, value: string) => [
    set('x', value),
    v.store(get('tile'), get('x'), TILE.x),
    i32.store(get('listed'), get('tile'), list),
    set('listed', i32.add(get('listed'), i32.shl(w.any(get('x')), int(2)))),
    advance('tile', size),
  ];
  return func(
    'sample',
    ['record', 'group'],
    ['tile', 'gate', 'runEnd', 'listed'],
    [
      ...startSamples(plan.layout),
      set('tile', int(tiles)),
      set('gate', int(gates)),
      ...drawUnits(plan.family, GATE.size, { ...gateAt(get('gate')), store }),
    ],
    { type: 'i32', value: get('listed') },
  );
}

/** Where $sample leaves feature 0 of four samples, and the bytes to the next feature. */
export const drawnAt = (plan: LanesPlan) => ({
  start: plan.layout.work + TILE.x,
  step: scratchOf(plan).size,
});
