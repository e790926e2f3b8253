/**
 * The kernel for small n · m: lanes are four samples in every phase. Each feature owns a tile of vectors, its
 * numbers splatted, so that one pointer reaches all of them; h and dL/dh stay in locals.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../features.ts';
import { HYPER, type Layout } from './layout.ts';
import { drawUnit, drawUnits, startSamples } from './sampling.ts';
import { advance, call, f32, func, get, i32, int, set, sumLanes, sweep, v, w, when } from './wat.ts';

/** Bytes of a unit's gate: floor, open and scale, splatted. */
const GATE = { floor: 0, open: 16, scale: 32, size: 48 };

/**
 * A feature's numbers stand in a tile of the first array and what is summed for it in a tile of the second, at
 * the same offsets, so that an inner loop needs few of them: V8 keeps each in a register.
 */
const TILE = { x: 0, importance: 0, b: 16, db: 16, V: 32, dV: 32 };

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
const isUnrolled = ({ layout }: LanesPlan): boolean => layout.shape === 'unrolled';

/** Scratch of the kernel at its place in memory, and offsets inside a tile. */
function scratchOf({ family, layout }: LanesPlan) {
  const size = tileBytes(family);
  const tiles = layout.work;
  const sums = tiles + size * family.features;
  const gates = sums + size * family.features;
  const W = TILE.V + (family.tied ? 0 : 16 * family.hidden);
  return { size, tiles, sums, gates, W, list: gates + GATE.size * layout.units, toSums: sums - tiles };
}

const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));

/** $prepare(record): splats an instance's numbers into the tiles and clears the sums. */
function prepare(plan: LanesPlan): string {
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
function sampleWritten({ family, layout }: LanesPlan, gates: number): string[] {
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
function sample(plan: LanesPlan): string {
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

/** Where the statements about one feature find its numbers. */
interface Feature {
  tile: string;
  sums: string;
  x: string;
  addTo(name: string, offset: number, value: string): string; // adds to a vector of its sums
}

/** The feature whose tile and sums i32 locals point at. */
const memoryFeature: Feature = {
  tile: get('tile'),
  sums: get('sums'),
  x: v.load(get('tile'), TILE.x),
  addTo: (_, offset, value) => v.store(get('sums'), v.add(v.load(get('sums'), offset), value), offset),
};

function localFeature(plan: LanesPlan, i: number): Feature {
  const { size, tiles, sums } = scratchOf(plan);
  return {
    tile: int(tiles + i * size),
    sums: int(sums + i * size),
    x: get(`x${i}`),
    addTo: (name, _, value) => set(`${name}_${i}`, v.add(get(`${name}_${i}`), value)),
  };
}

/** h += W_i x_i */
function encode(plan: LanesPlan, { tile, x }: Feature): string[] {
  const { W } = scratchOf(plan);
  return [
    set('x', x),
    ...each(plan.layout.hidden, (k) =>
      set(`h${k}`, v.add(get(`h${k}`), v.mul(v.load(tile, W + 16 * k), get('x')))),
    ),
  ];
}

/** h = f(h), and dL/dh starts with the penalty's part. */
function activateHidden({ family, layout, penalised }: LanesPlan): string[] {
  const penalty = v.splat(int(layout.hyper), HYPER.penalty);
  const twice = v.splat(int(layout.hyper), HYPER.penaltyTwice);
  return each(layout.hidden, (k) => {
    const h = get(`h${k}`);
    const activate = family.hiddenActivation === 'relu' ? [set(`h${k}`, v.pmax(h, v.zero))] : [];
    if (!penalised) return [...activate, set(`dh${k}`, v.zero)];
    const up = w.and(v.gt(h, v.zero), penalty);
    const down = w.and(v.gt(v.zero, h), penalty);
    return [
      ...activate,
      set('loss', v.add(get('loss'), v.mul(v.abs(h), twice))),
      set(`dh${k}`, v.sub(up, down)),
    ];
  }).flat();
}

/** Output j: x'_j, its error, its part of the loss, and everything that hangs on dL/dy_j. */
function decode(plan: LanesPlan, { tile, sums, x, addTo }: Feature): string[] {
  const { family, layout } = plan;
  const m = layout.hidden;
  const relu = family.outputActivation === 'relu';
  const V = (k: number) => v.load(tile, TILE.V + 16 * k);
  return [
    set('y', v.load(tile, TILE.b)),
    ...each(m, (k) => set('y', v.add(get('y'), v.mul(V(k), get(`h${k}`))))),
    set('error', v.sub(relu ? v.pmax(get('y'), v.zero) : get('y'), family.target === 'abs' ? v.abs(x) : x)),
    set('dy', v.mul(get('error'), v.load(sums, TILE.importance))),
    set('loss', v.add(get('loss'), v.mul(get('dy'), get('error')))),
    relu ? set('dy', w.and(get('dy'), v.gt(get('y'), v.zero))) : '',
    family.bias ? addTo('db', TILE.db, get('dy')) : '',
    ...each(m, (k) => addTo(`dV${k}`, TILE.dV + 16 * k, v.mul(get('dy'), get(`h${k}`)))),
    ...each(m, (k) => set(`dh${k}`, v.add(get(`dh${k}`), v.mul(get('dy'), V(k))))),
  ];
}

/** dL/dh through f'. */
function hiddenSlope({ family, layout }: LanesPlan): string[] {
  if (family.hiddenActivation === 'identity') return [];
  return each(layout.hidden, (k) => set(`dh${k}`, w.and(get(`dh${k}`), v.gt(get(`h${k}`), v.zero))));
}

/** dW_i += x_i dL/dh */
function encoderGradient(plan: LanesPlan, { x, addTo }: Feature): string[] {
  const { W } = scratchOf(plan);
  const name = plan.family.tied ? 'dV' : 'dW';
  return [
    set('x', x),
    ...each(plan.layout.hidden, (k) => addTo(`${name}${k}`, W + 16 * k, v.mul(get('x'), get(`dh${k}`)))),
  ];
}

/** Sums of a feature: the unrolled kernel's local, and the offset in the tile. */
function sumsOf(plan: LanesPlan): [string, number][] {
  const row = (name: string, offset: number) =>
    each(plan.layout.hidden, (k): [string, number] => [`${name}${k}`, offset + 16 * k]);
  return [
    ...(plan.family.bias ? [['db', TILE.db] as [string, number]] : []),
    ...row('dV', TILE.dV),
    ...(plan.family.tied ? [] : row('dW', scratchOf(plan).W)),
  ];
}

/** Statements for every feature. */
function forFeatures(plan: LanesPlan, body: (plan: LanesPlan, feature: Feature) => string[]): string[] {
  const { size, tiles, sums } = scratchOf(plan);
  if (isUnrolled(plan)) return each(plan.layout.features, (i) => body(plan, localFeature(plan, i))).flat();
  return [
    set('tile', int(tiles)),
    set('sums', int(sums)),
    sweep('tile', int(sums), size, [...body(plan, memoryFeature), advance('sums', size)]),
  ];
}

/** Statements for every feature that is active in one of the four samples, or for all when unrolled. */
function forActive(plan: LanesPlan, body: (plan: LanesPlan, feature: Feature) => string[]): string[] {
  const { list, toSums } = scratchOf(plan);
  if (isUnrolled(plan)) return forFeatures(plan, body);
  return [
    set('at', int(0)),
    when(get('listed'), [
      sweep('at', get('listed'), 4, [
        set('tile', i32.load(get('at'), list)),
        set('sums', i32.add(get('tile'), int(toSums))),
        ...body(plan, memoryFeature),
      ]),
    ]),
  ];
}

/** $groups(record, end): forward and backward of the survivors, four at a time, up to byte `end` of the streams. */
function groups(plan: LanesPlan): string {
  const { layout } = plan;
  const { features: n, hidden: m, loss } = layout;
  const { size, sums } = scratchOf(plan);
  const group = [
    ...(isUnrolled(plan)
      ? sampleWritten(plan, scratchOf(plan).gates)
      : [set('listed', call('sample', get('record'), get('group')))]),
    ...each(m, (k) => set(`h${k}`, v.zero)),
    ...forActive(plan, encode),
    ...activateHidden(plan),
    ...forFeatures(plan, decode),
    ...hiddenSlope(plan),
    ...forActive(plan, encoderGradient),
  ];
  const spill = each(n, (i) =>
    sumsOf(plan).map(([name, offset]) => v.store(int(sums + i * size), get(`${name}_${i}`), offset)),
  ).flat();
  return func(
    'groups',
    ['record', 'end'],
    ['group', 'tile', 'sums', 'listed', 'at'],
    [
      set('loss', v.zero),
      when(get('end'), [sweep('group', get('end'), 16, group)]),
      ...(isUnrolled(plan) ? spill : []),
      v.store(int(loss), get('loss')),
      call('collect'),
    ],
  );
}

/** $collect(): adds the lanes of the sums into the flat gradient, all but the bias. */
function collect(plan: LanesPlan): string {
  const { family, layout } = plan;
  const { hidden: m, features: n, gradient, V } = layout;
  const { size, sums, W } = scratchOf(plan);
  const row = (from: number, to: number) =>
    each(m, (k) => [
      set('sum', v.load(get('sums'), from + 16 * k)),
      ...sumLanes('sum'),
      f32.store(get('to'), v.lane(0, get('sum')), gradient + 4 * (to + k)),
    ]).flat();
  return func(
    'collect',
    [],
    ['sums', 'to'],
    [
      set('sums', int(sums)),
      sweep('sums', int(sums + n * size), size, [
        ...row(W, 0),
        ...(family.tied ? [] : row(TILE.dV, V)),
        advance('to', 4 * m),
      ]),
    ],
  );
}

/** The kernel's functions. */
export function functions(plan: LanesPlan): string[] {
  const parts = isUnrolled(plan) ? [prepare, collect, groups] : [prepare, sample, collect, groups];
  return parts.map((part) => part(plan));
}

/** The bias gradient of the feature at byte `to`, before the all-zero samples: four lanes of its sums. */
export function biasGradient(plan: LanesPlan) {
  const { size, sums } = scratchOf(plan);
  const lanes = i32.mul(i32.shr(get('to'), int(2)), int(size));
  return {
    sum: [set('sum', v.load(lanes, sums + TILE.db)), ...sumLanes('sum')],
    value: v.lane(0, get('sum')),
  };
}
