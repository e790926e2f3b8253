/**
 * Kernel text of the magnitudes, and of the gatings in which every sample draws all its words (features.ts). Locals:
 * a and b the streams, u0 the first draw, i32 gate where the next feature's gate stands.
 */
import type { Family } from '../family.ts';
import { COSINE, LAST_TOKEN, NEXT_TOKEN } from '../features.ts';
import { STEP_BITS } from '../normal.ts';
import { MASK, WORDS } from '../random.ts';
import type { Layout } from './layout.ts';
import { type DrawPlace, round } from './sampling.ts';
import { advance, call, f32, func, get, i32, int, set, sweep, v, w } from './wat.ts';

const UNIT_SCALE = v.all(1 / WORDS);
const LAST = 2 ** STEP_BITS - 1;

/** $normalOf(word) → the normal of a word, and $normals(words) → those of four. */
export function normals({ normal }: Layout): string[] {
  const [h, l] = [get('h'), get('l')];
  const isHigh = i32.eq(h, int(LAST));
  const middle = (place: string) => f32.load(i32.shl(place, int(2)), normal.middle);
  const rise = f32.sub(middle(i32.add(h, int(1))), middle(h));
  const one = func(
    'normalOf',
    ['word'],
    ['h', 'l', 'tail:f32'],
    [
      set('h', i32.shr(get('word'), int(STEP_BITS))),
      set('l', i32.and(get('word'), int(LAST))),
      set('tail', f32.load(i32.shl(f32.select(i32.sub(int(LAST), l), l, isHigh), int(2)), normal.tail)),
      set('tail', f32.select(f32.sub(f32.const(0), get('tail')), get('tail'), isHigh)),
    ],
    {
      type: 'f32',
      value: f32.select(
        get('tail'),
        f32.add(middle(h), f32.mul(rise, f32.mul(f32.from(l), f32.const(1 / (LAST + 1))))),
        i32.or(isHigh, i32.eq(h, int(0))),
      ),
    },
  );
  const lanes = [1, 2, 3].reduce(
    (out, lane) => v.replace(lane, out, call('normalOf', w.lane(lane, get('words')))),
    f32.splat(call('normalOf', w.lane(0, get('words')))),
  );
  const four = func('normals', ['given:v128'], [], [set('words', w.and(get('given'), w.all(MASK)))], {
    type: 'v128',
    value: lanes,
  });
  return [one, four];
}

/** The magnitude that four numbers in [0, 1] stand for; local record is the instance's. */
export function magnitudeOf({ magnitude }: Family, { record }: Layout, value: string): string {
  switch (magnitude) {
    case 'unit':
      return value;
    case 'signed':
      return v.sub(v.add(value, value), v.all(1));
    case 'one':
      return v.all(1);
    case 'normal': {
      const word = w.min(w.fromFloats(v.mul(value, v.all(WORDS))), w.all(WORDS - 1));
      const [mean, sd] = [0, 4].map((at) => v.splat(get('record'), record.magnitude + at));
      return v.pmax(v.add(mean, v.mul(sd, call('normals', word))), v.zero);
    }
  }
}

/** i32 locals of the texts. */
export const GATED_SCALARS = ['node', 'up', 'parent'];

/** What the texts of the gatings share. */
interface Gated {
  family: Family;
  layout: Layout;
  gateBytes: number;
  place: DrawPlace;
}

/** A value draw, and what the feature gets of it: nothing if the gate is shut, or the lane holds no sample. */
function storeDrawn({ family, layout, place }: Gated): string[] {
  const value = magnitudeOf(family, layout, v.mul(v.fromInts(get('b')), UNIT_SCALE));
  const isOpen = w.and(get('isOpen'), get('isSample'));
  return [...round('a', 'b'), set('value', value), ...place.store(0, w.and(get('value'), isOpen))];
}

/** Runs `body` for every feature. */
function overFeatures({ layout, gateBytes }: Gated, body: string[]): string[] {
  return [
    set('runEnd', i32.add(get('gate'), int(layout.units * gateBytes))),
    sweep('gate', get('runEnd'), gateBytes, body),
  ];
}

function exactly(own: Gated): string[] {
  const { layout, place } = own;
  const isOpen = w.or(
    v.lt(v.mul(v.fromInts(get('b')), get('left')), v.mul(get('wanted'), v.all(WORDS))),
    v.ge(get('wanted'), get('left')),
  );
  return [
    set('wanted', v.fromInts(place.open)),
    set('left', v.all(layout.features)),
    ...overFeatures(own, [
      ...round('a', 'b'),
      set('isOpen', isOpen),
      set('wanted', v.sub(get('wanted'), w.and(v.all(1), get('isOpen')))),
      set('left', v.sub(get('left'), v.all(1))),
      ...storeDrawn(own),
    ]),
  ];
}

function copula(own: Gated): string[] {
  const { place } = own;
  const normal = v.add(v.mul(place.floor, get('common')), v.mul(place.open, call('normals', get('b'))));
  return [
    set('common', call('normals', get('u0'))),
    ...overFeatures(own, [...round('a', 'b'), set('isOpen', v.lt(normal, place.scale)), ...storeDrawn(own)]),
  ];
}

function gaussian(own: Gated): string[] {
  const { layout, place } = own;
  const { noise, features, record } = layout;
  const term = v.mul(v.load(get('node')), v.splat(get('up'), record.factor));
  return [
    set('node', int(noise)),
    sweep('node', int(noise + 16 * features), 16, [
      ...round('a', 'b'),
      v.store(get('node'), call('normals', get('b'))),
    ]),
    set('up', get('record')),
    set('parent', int(noise)),
    ...overFeatures(own, [
      advance('parent', 16), // the end of this feature's row
      set('normal', v.zero),
      set('node', int(noise)),
      sweep('node', get('parent'), 16, [set('normal', v.add(get('normal'), term)), advance('up', 4)]),
      set('isOpen', v.lt(get('normal'), place.scale)),
      ...storeDrawn(own),
    ]),
  ];
}

function tree(own: Gated): string[] {
  const { family, layout, place } = own;
  const { states, parents } = layout.tree;
  const orphan = states + 32 * layout.features; // the state of no parent: its draw is the feature's own
  const word = family.exclusive ? get('word') : get('b');
  const isWelcome = w.andnot(w.gt(place.open, word), w.gt(place.floor, word));
  return [
    set('node', int(states)),
    set('up', int(0)),
    ...overFeatures(own, [
      ...round('a', 'b'),
      set('parent', i32.load(get('up'), parents)),
      ...(family.exclusive
        ? [v.store(int(orphan), get('b'), 16), set('word', v.load(get('parent'), 16))]
        : []),
      set('isOpen', v.select(isWelcome, w.gt(place.scale, get('b')), v.load(get('parent')))),
      v.store(get('node'), get('isOpen')),
      ...round('a', 'b'),
      v.store(get('node'), get('b'), 16),
      ...storeDrawn(own),
      advance('node', 32),
      advance('up', 4),
    ]),
  ];
}

/** Distance of two points of a circle of length 1. */
function aroundCircle(p: string, q: string): string[] {
  return [
    set('apart', v.abs(v.sub(p, q))),
    set('distance', v.pmin(v.sub(v.all(1), get('apart')), get('apart'))),
  ];
}

const toTouch = (s: string): string => v.pmin(v.sub(v.all(1), s), s);

/** Distance along a figure-eight of length 1, two circles that touch at 0. */
function aroundEight(p: string, q: string): string[] {
  return [
    set('s', v.add(p, p)),
    set('t', v.add(q, q)),
    set('isSame', v.eq(v.floor(get('s')), v.floor(get('t')))),
    set('s', v.sub(get('s'), v.floor(get('s')))),
    set('t', v.sub(get('t'), v.floor(get('t')))),
    ...aroundCircle(get('s'), get('t')),
    set('across', v.add(toTouch(get('s')), toTouch(get('t')))),
    set('distance', v.mul(v.select(get('distance'), get('across'), get('isSame')), v.all(0.5))),
  ];
}

function curve(own: Gated): string[] {
  const { family, layout, place } = own;
  const around = family.gating === 'circle' ? aroundCircle : aroundEight;
  const cosine = COSINE.reduceRight((rest, term) => v.add(v.all(term), v.mul(get('u'), rest)), v.zero);
  const bump = [
    set('u', v.mul(get('distance'), place.scale)),
    set('u', v.mul(get('u'), get('u'))),
    set('value', w.and(v.pmax(cosine, v.zero), v.lt(get('u'), v.all(1)))),
    set('value', v.mul(get('height'), get('value'))),
  ];
  return [
    set('point', v.mul(v.fromInts(get('u0')), UNIT_SCALE)),
    ...round('a', 'b'),
    set('isOpen', w.and(w.gt(place.open, get('b')), get('isSample'))),
    ...round('a', 'b'),
    set('height', magnitudeOf(family, layout, v.mul(v.fromInts(get('b')), UNIT_SCALE))),
    ...overFeatures(own, [
      ...around(get('point'), place.floor),
      ...bump,
      ...place.store(0, w.and(get('value'), get('isOpen'))),
    ]),
  ];
}

/** One of `count` things for each of four words, as floats. */
const pickOf = (words: string, count: number): string =>
  v.pmin(v.floor(v.mul(v.mul(v.fromInts(words), v.all(count)), UNIT_SCALE)), v.all(count - 1));

/** 1 where two vectors are equal, times `size`. */
const where = (p: string, q: string, size: number): string => w.and(v.eq(p, q), v.all(size));

function trigrams(own: Gated): string[] {
  const { family, layout, place } = own;
  const { destinations, length } = family.trigrams!;
  const earlier = Array.from({ length: length - 1 }, (_, k) => `token${k}`);
  const any = v.add(pickOf(get('b'), layout.features - 1), v.all(1));
  const follows = v.select(
    v.add(get('last'), v.all(destinations)),
    pickOf(get('b'), layout.features),
    get('isOpen'),
  );
  const counts = [...earlier, 'last'].map((token) => where(get(token), get('feature'), 1));
  const value = [
    ...counts,
    where(get('last'), get('feature'), LAST_TOKEN),
    where(get('next'), get('feature'), NEXT_TOKEN),
  ].reduce((sum, part) => v.add(sum, part));
  return [
    set('last', v.add(pickOf(get('u0'), destinations), v.all(1))),
    ...round('a', 'b'),
    set('isOpen', w.gt(place.open, get('b'))),
    ...earlier.flatMap((token, k) => [
      ...round('a', 'b'),
      set(token, k === 0 ? w.andnot(any, get('isOpen')) : any), // the source is token 0
    ]),
    ...round('a', 'b'),
    set('next', follows),
    set('feature', v.zero),
    ...overFeatures(own, [
      ...place.store(0, w.and(value, get('isSample'))),
      set('feature', v.add(get('feature'), v.all(1))),
    ]),
  ];
}

/** Draws the features of four samples whose gates do not open independently. */
export function drawGated(family: Family, layout: Layout, gateBytes: number, place: DrawPlace): string[] {
  const own: Gated = { family, layout, gateBytes, place };
  const text = {
    exactly,
    copula,
    gaussian,
    tree,
    circle: curve,
    'figure-eight': curve,
    independent: () => [],
    latent: () => [],
    trigrams,
  };
  return [set('isSample', w.gt(get('u0'), w.all(-1))), ...text[family.gating](own)];
}
