/**
 * The kernel for small n · m: lanes are four samples in every phase. Each feature owns a tile of vectors, its
 * numbers splatted, so that one pointer reaches all of them; h and dL/dh stay in locals.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../features.ts';
import { HYPER, type Layout } from './layout.ts';
import { drawUnit, startSamples } from './sampling.ts';
import { advance, call, func, get, i32, int, set, sumLanes, sweep, v, w, when } from './wat.ts';

/** Vectors of a feature's tile. Gates of unit k stand in tile k. */
const TILE = { floor: 0, open: 16, scale: 32, x: 48, b: 64, importance: 80, db: 96, W: 128 };

/** Bytes of a feature's tile: its vectors, and a row of W and of dW (and of V and dV). */
export const tileBytes = ({ hidden, tied }: Family): number => TILE.W + 16 * hidden * (tied ? 2 : 4);

/** What the kernel is generated for. */
export interface LanesPlan {
  family: Family;
  layout: Layout;
  /** λ Σ|h| is in the loss. */
  penalised: boolean;
  /** Repeat the text for each feature instead of looping, and keep the gradients in locals. */
  unrolled: boolean;
}

function tileOf({ family, layout }: LanesPlan) {
  const { hidden } = family;
  const dW = TILE.W + 16 * hidden;
  return {
    size: tileBytes(family),
    dW,
    V: family.tied ? TILE.W : dW + 16 * hidden,
    dV: family.tied ? dW : dW + 32 * hidden,
    start: layout.work,
    end: layout.work + tileBytes(family) * layout.features,
  };
}

const each = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, k) => make(k));

/** $prepare(record): splats an instance's numbers into the tiles and clears the gradients. */
function prepare(plan: LanesPlan): string {
  const { family, layout } = plan;
  const { record, hidden: m, units, V, b } = layout;
  const tile = tileOf(plan);
  const copy = (from: number, to: number) => v.store(get('tile'), v.splat(get('from'), from), to);
  const row = (from: number, to: number) => each(m, (k) => copy(from + 4 * k, to + 16 * k));
  const weights = record.weights;
  return func(
    'prepare',
    ['record'],
    ['tile', 'from'],
    [
      set('tile', int(tile.start)),
      set('from', get('record')),
      sweep('tile', int(tile.start + units * tile.size), tile.size, [
        copy(record.floor, TILE.floor),
        copy(record.open, TILE.open),
        copy(record.scale, TILE.scale),
        advance('from', 4),
      ]),
      set('tile', int(tile.start)),
      set('from', get('record')),
      sweep('tile', int(tile.end), tile.size, [
        copy(record.importance, TILE.importance),
        copy(weights + 4 * b, TILE.b),
        v.store(get('tile'), v.zero, TILE.db),
        ...each(m, (k) => v.store(get('tile'), v.zero, tile.dW + 16 * k)),
        ...(family.tied ? [] : each(m, (k) => v.store(get('tile'), v.zero, tile.dV + 16 * k))),
        advance('from', 4),
      ]),
      set('tile', int(tile.start)),
      set('from', get('record')),
      sweep('tile', int(tile.end), tile.size, [
        ...row(weights, TILE.W),
        ...(family.tied ? [] : row(weights + 4 * V, tile.V)),
        advance('from', 4 * m),
      ]),
    ],
  );
}

/** Text of each independent unit or set in feature order; independent units in one loop unless unrolled. */
function sample(plan: LanesPlan): string[] {
  const { family, unrolled } = plan;
  const tile = tileOf(plan);
  const units = unitsOf(family);
  const draw = (unit: Unit, base: string, xBase: string) =>
    drawUnit(family, unit, {
      floor: v.load(base, TILE.floor),
      open: v.load(base, TILE.open),
      scale: v.load(base, TILE.scale),
      store: (j, value) =>
        unrolled ? set(`x${unit.start + j}`, value) : v.store(xBase, value, TILE.x + j * tile.size),
    });
  const at = (index: number) => int(tile.start + index * tile.size);
  const sets = unrolled ? units.length : family.sets.length;
  const text = units.slice(0, sets).flatMap((unit, k) => draw(unit, at(k), at(unit.start)));
  if (sets === units.length) return text;
  const shift = (units[sets].start - sets) * tile.size;
  const shifted = shift ? i32.add(get('tile'), int(shift)) : get('tile');
  return [
    ...text,
    set('tile', at(sets)),
    sweep('tile', at(units.length), tile.size, draw(units[sets], get('tile'), shifted)),
  ];
}

/** Where the statements about one feature find its numbers. */
interface Feature {
  base: string; // its tile
  x: string;
  addTo(name: string, offset: number, value: string): string; // adds to an accumulator of the tile
}

const memoryFeature = (base: string): Feature => ({
  base,
  x: v.load(base, TILE.x),
  addTo: (_, offset, value) => v.store(base, v.add(v.load(base, offset), value), offset),
});

function localFeature(plan: LanesPlan, i: number): Feature {
  const tile = tileOf(plan);
  return {
    base: int(tile.start + i * tile.size),
    x: get(`x${i}`),
    addTo: (name, _, value) => set(`${name}_${i}`, v.add(get(`${name}_${i}`), value)),
  };
}

/** h += W_i x_i */
function encode({ layout }: LanesPlan, { base, x }: Feature): string[] {
  return each(layout.hidden, (k) =>
    set(`h${k}`, v.add(get(`h${k}`), v.mul(v.load(base, TILE.W + 16 * k), x))),
  );
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
function decode(plan: LanesPlan, { base, x, addTo }: Feature): string[] {
  const { family, layout } = plan;
  const tile = tileOf(plan);
  const m = layout.hidden;
  const relu = family.outputActivation === 'relu';
  const goal = family.target === 'abs' ? v.abs(x) : x;
  return [
    set('y', v.load(base, TILE.b)),
    ...each(m, (k) => set('y', v.add(get('y'), v.mul(v.load(base, tile.V + 16 * k), get(`h${k}`))))),
    set('error', v.sub(relu ? v.pmax(get('y'), v.zero) : get('y'), goal)),
    set('dy', v.mul(get('error'), v.load(base, TILE.importance))),
    set('loss', v.add(get('loss'), v.mul(get('dy'), get('error')))),
    relu ? set('dy', w.and(get('dy'), v.gt(get('y'), v.zero))) : '',
    family.bias ? addTo('db', TILE.db, get('dy')) : '',
    ...each(m, (k) => addTo(`dV${k}`, tile.dV + 16 * k, v.mul(get('dy'), get(`h${k}`)))),
    ...each(m, (k) => set(`dh${k}`, v.add(get(`dh${k}`), v.mul(get('dy'), v.load(base, tile.V + 16 * k))))),
  ];
}

/** dL/dh through f'. */
function hiddenSlope({ family, layout }: LanesPlan): string[] {
  if (family.hiddenActivation === 'identity') return [];
  return each(layout.hidden, (k) => set(`dh${k}`, w.and(get(`dh${k}`), v.gt(get(`h${k}`), v.zero))));
}

/** dW_i += x_i dL/dh */
function encoderGradient(plan: LanesPlan, { x, addTo }: Feature): string[] {
  const tile = tileOf(plan);
  const name = plan.family.tied ? 'dV' : 'dW';
  return each(plan.layout.hidden, (k) => addTo(`${name}${k}`, tile.dW + 16 * k, v.mul(x, get(`dh${k}`))));
}

/** Accumulators of the unrolled kernel: local name and tile offset. */
function accumulators(plan: LanesPlan): [string, number][] {
  const { family, layout } = plan;
  const tile = tileOf(plan);
  const row = (name: string, offset: number) =>
    each(layout.hidden, (k): [string, number] => [`${name}${k}`, offset + 16 * k]);
  return [
    ...(family.bias ? [['db', TILE.db] as [string, number]] : []),
    ...row('dV', tile.dV),
    ...(family.tied ? [] : row('dW', tile.dW)),
  ];
}

/** $groups(record, end): forward and backward of the survivors, four at a time, up to byte `end` of the streams. */
function groups(plan: LanesPlan): string {
  const { layout, unrolled } = plan;
  const { features: n, hidden: m, loss } = layout;
  const tile = tileOf(plan);
  const features = (body: (plan: LanesPlan, feature: Feature) => string[]): string[] =>
    unrolled
      ? each(n, (i) => body(plan, localFeature(plan, i))).flat()
      : [
          set('tile', int(tile.start)),
          sweep('tile', int(tile.end), tile.size, body(plan, memoryFeature(get('tile')))),
        ];
  const group = [
    ...startSamples(layout),
    ...sample(plan),
    ...each(m, (k) => set(`h${k}`, v.zero)),
    ...features(encode),
    ...activateHidden(plan),
    ...features(decode),
    ...hiddenSlope(plan),
    ...features(encoderGradient),
  ];
  const spill = unrolled
    ? each(n, (i) =>
        accumulators(plan).map(([name, offset]) =>
          v.store(int(tile.start + i * tile.size), get(`${name}_${i}`), offset),
        ),
      ).flat()
    : [];
  return func(
    'groups',
    ['record', 'end'],
    ['group', 'tile'],
    [
      set('loss', v.zero),
      when(get('end'), [sweep('group', get('end'), 16, group)]),
      ...spill,
      v.store(int(loss), get('loss')),
      call('collect'),
    ],
  );
}

/** $collect(): sums the lanes of the tiles' gradients into the flat gradient, all but the bias. */
function collect(plan: LanesPlan): string {
  const { family, layout } = plan;
  const { hidden: m, gradient, V } = layout;
  const tile = tileOf(plan);
  const row = (from: number, to: number) =>
    each(m, (k) => [
      set('sum', v.load(get('tile'), from + 16 * k)),
      ...sumLanes('sum'),
      `(f32.store offset=${gradient + 4 * (to + k)} ${get('to')} ${v.lane(0, get('sum'))})`,
    ]).flat();
  return func(
    'collect',
    [],
    ['tile', 'to'],
    [
      set('tile', int(tile.start)),
      sweep('tile', int(tile.end), tile.size, [
        ...row(tile.dW, 0),
        ...(family.tied ? [] : row(tile.dV, V)),
        advance('to', 4 * m),
      ]),
    ],
  );
}

/** The kernel's functions. */
export function functions(plan: LanesPlan): string[] {
  return [prepare, collect, groups].map((part) => part(plan));
}

/** The bias gradient of the feature at byte `to`, before the all-zero samples: four lanes of its tile. */
export function biasGradient(plan: LanesPlan) {
  const tile = tileOf(plan);
  const lanes = i32.mul(i32.shr(get('to'), int(2)), int(tile.size));
  return {
    sum: [set('sum', v.load(lanes, tile.start + TILE.db)), ...sumLanes('sum')],
    value: v.lane(0, get('sum')),
  };
}
