/**
 * The kernel for small n · m: lanes are four samples in every phase; h and dL/dh stay in locals.
 */
import { HYPER } from './layout.ts';
import { overGroups } from './steps.ts';
import { isUnrolled, type LanesPlan, prepare, sample, sampleWritten, scratchOf, TILE } from './tiles.ts';
import { advance, call, each, f32, func, get, i32, int, set, sumLanes, sweep, v, w, when } from './wat.ts';

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
    ['group', 'until', 'tile', 'sums', 'listed', 'at'],
    [
      when(get('end'), [
        overGroups(group, [v.store(int(loss), get('loss')), call('fold'), set('loss', v.zero)]),
      ]),
      ...(isUnrolled(plan) ? spill : []),
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
