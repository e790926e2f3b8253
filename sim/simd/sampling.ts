/**
 * Kernel text of features.ts and random.ts: the same integers and the same float32 values, four samples at a
 * time.
 */
import type { Family } from '../family.ts';
import { type Unit, unitsOf } from '../gates.ts';
import { FOLD, KEY_ROUNDS, MASK, MULTIPLIER, SAMPLE_ROUNDS, WORDS } from '../random.ts';
import { drawGated, magnitudeOf } from './gating.ts';
import type { Layout } from './layout.ts';
import { func, get, i32, int, set, sweep, v, w } from './wat.ts';

/** One round of four streams held in locals a and b; b is the draw. */
export function round(a: string, b: string): string[] {
  return [
    set('mixed', w.and(w.mul(get(b), w.all(MULTIPLIER)), w.all(MASK))),
    set('mixed', w.xor(w.xor(get('mixed'), w.shr(get('mixed'), int(FOLD))), get(a))),
    set(a, get(b)),
    set(b, get('mixed')),
  ];
}

/** One round of one stream held in i32 locals a and b. */
export function scalarRound(): string[] {
  return [
    set('mixed', i32.and(i32.mul(get('b'), int(MULTIPLIER)), int(MASK))),
    set('mixed', i32.xor(i32.xor(get('mixed'), i32.shr(get('mixed'), int(FOLD))), get('a'))),
    set('a', get('b')),
    set('b', get('mixed')),
  ];
}

/** Statements of $survivors that keep places: of every four samples, and behind them all. */
function keepPlaces({ placeOf, idle, idleEnd, compact, batch }: Layout): { each: string[]; last: string[] } {
  const others = v.load(i32.shl(i32.xor(get('mask'), int(15)), int(4)), compact);
  const each = [
    set('place', w.add(w.splat(i32.shr(get('word'), int(2))), w.lanes([0, 1, 2, 3]))),
    v.store(get('to'), w.swizzle(get('place'), get('front')), placeOf),
    v.store(get('still'), w.swizzle(get('place'), others), idle),
    set('still', i32.add(get('still'), i32.shl(i32.popcnt(i32.xor(get('mask'), int(15))), int(2)))),
  ];
  const beyond = w.all(Math.ceil(batch / 4) * 4);
  return {
    each,
    last: [v.store(get('to'), beyond, placeOf), i32.store(int(idleEnd), get('still'))],
  };
}

/**
 * $survivors(record, step) → count. First draws of a whole batch; the streams of the samples that are not all
 * zero, or of all if `all`, are moved together into streamA and streamB, in order. Behind them stand four lanes that
 * draw nothing. Where a program has sources, the places of these samples, and of the others, are kept in order, too; a
 * lane that draws nothing has a place behind all.
 */
export function survivors(layout: Layout, all = false): string {
  const { record, words, streamA, streamB, compact, batch, units } = layout;
  const places = layout.sourceWidth > 0 ? keepPlaces(layout) : null;
  const padding = (4 - (batch % 4)) % 4;
  const onePass = [
    set('a', get('keyA')),
    set('b', w.xor(get('keyB'), v.load(get('word'), words))),
    ...Array(SAMPLE_ROUNDS).fill(round('a', 'b').join('\n')),
    set('mask', w.bitmask(w.gt(get('b'), get('none')))),
    set('front', v.load(i32.shl(get('mask'), int(4)), compact)),
    v.store(get('to'), w.swizzle(get('a'), get('front')), streamA),
    v.store(get('to'), w.swizzle(get('b'), get('front')), streamB),
    ...(places?.each ?? []),
    set('to', i32.add(get('to'), i32.shl(i32.popcnt(get('mask')), int(2)))),
  ];
  const dropPadding = i32.shl(i32.popcnt(i32.shr(get('mask'), int(4 - padding))), int(2));
  return func(
    'survivors',
    ['record', 'stepA', 'stepB'],
    ['word', 'to', 'mask', 'still'],
    [
      set('keyA', w.splat(get('stepA'))),
      set('keyB', w.splat(get('stepB'))),
      set('none', all ? w.all(-1) : v.splat(get('record'), record.floor + 4 * (units - 1))),
      sweep('word', int(4 * batch), 16, onePass),
      padding ? set('to', i32.sub(get('to'), dropPadding)) : '',
      v.store(get('to'), w.all(0), streamA),
      v.store(get('to'), w.all(-1), streamB),
      ...(places?.last ?? []),
    ],
    { type: 'i32', value: i32.shr(get('to'), int(2)) },
  );
}

/** Statements that set i32 locals a and b to the key of step `step` of the instance at `record`. */
export function stepKey(layout: Layout): string[] {
  return [
    set('a', i32.load(get('record'), layout.record.key)),
    set('b', i32.xor(i32.load(get('record'), layout.record.key + 4), get('step'))),
    ...Array(KEY_ROUNDS).fill(scalarRound().join('\n')),
  ];
}

/** Where a kernel keeps a unit's numbers, as expressions of vectors, and where it wants a feature's values. */
export interface DrawPlace {
  floor: string;
  open: string;
  scale: string;
  store(feature: number, value: string): string[];
}

/**
 * Draws one unit of four samples. Locals: a, b the streams; u0 the first draw; before: u0 reached a unit before
 * this one. `store` gets the index of the feature inside the unit.
 */
export function drawUnit(
  family: Family,
  unit: Pick<Unit, 'kind' | 'size'>,
  layout: Layout,
  place: DrawPlace,
): string[] {
  const magnitude = (value: string) => magnitudeOf(family, layout, value);
  const unitScale = v.all(1 / WORDS);
  const gate = [
    ...round('a', 'b'),
    set('reached', w.gt(get('u0'), place.floor)),
    set('isFirst', w.andnot(get('reached'), get('before'))),
    set('isOpen', w.or(get('isFirst'), w.and(get('before'), w.gt(place.open, get('b'))))),
    set('before', get('reached')),
    set('value', `(v128.bitselect ${unitScale} ${place.scale} ${get('isFirst')})`),
    set('value', v.mul(v.fromInts(get('b')), get('value'))),
  ];
  if (unit.kind === 'independent') {
    return [...gate, ...place.store(0, w.and(magnitude(get('value')), get('isOpen')))];
  }
  const text = [...gate];
  if (unit.kind === 'anticorrelated') {
    const scaled = v.floor(v.mul(get('value'), v.all(unit.size)));
    text.push(set('chosen', v.pmin(scaled, v.all(unit.size - 1))));
  }
  for (let j = 0; j < unit.size; j++) {
    const picked =
      unit.kind === 'correlated' ? get('isOpen') : w.and(get('isOpen'), v.eq(get('chosen'), v.all(j)));
    const value = magnitude(v.mul(v.fromInts(get('b')), unitScale));
    text.push(...round('a', 'b'), ...place.store(j, w.and(value, picked)));
  }
  return text;
}

/**
 * Draws all units, i32 local gate moving by `gateBytes` from unit to unit. Neighbours of one kind and size share
 * their text in a loop, so `place` must find and store by pointers that move along.
 */
export function drawUnits(family: Family, layout: Layout, gateBytes: number, place: DrawPlace): string[] {
  if (family.gating !== 'independent') return drawGated(family, layout, gateBytes, place);
  const runs: { unit: Unit; count: number }[] = [];
  for (const unit of unitsOf(family)) {
    const last = runs.at(-1);
    if (last?.unit.kind === unit.kind && last.unit.size === unit.size) last.count++;
    else runs.push({ unit, count: 1 });
  }
  return runs.flatMap(({ unit, count }) => [
    set('runEnd', i32.add(get('gate'), int(count * gateBytes))),
    sweep('gate', get('runEnd'), gateBytes, drawUnit(family, unit, layout, place)),
  ]);
}

/** Starts four samples: streams from streamA and streamB at byte offset `group`. */
export function startSamples(layout: Layout): string[] {
  return [
    set('a', v.load(get('group'), layout.streamA)),
    set('b', v.load(get('group'), layout.streamB)),
    set('u0', get('b')),
    set('before', w.all(0)),
  ];
}
