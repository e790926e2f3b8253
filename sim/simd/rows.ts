/**
 * The kernel for large n · m: four samples are drawn in lanes, then each becomes two short lists of (row, value)
 * pairs, the inputs that are not 0 and the outputs with a gradient, and only those rows of W and V are touched,
 * four hidden units a vector. Only the decoder is dense, four outputs a vector, from a transposed copy of V.
 *
 * V8 keeps the address of every distinct offset of a loop in a register, or on the stack when there are many, so
 * inner loops here use few offsets and move pointers instead.
 */
import {
  accumulate,
  activeRows,
  append,
  firstRows,
  forVectors,
  inputs,
  nextRows,
  outputError,
  type RowsPlan,
  SAMPLES,
  scratchOf,
} from './active.ts';
import { GATED_SCALARS } from './gating.ts';
import { HYPER } from './layout.ts';
import { drawUnits, startSamples } from './sampling.ts';
import { overGroups } from './steps.ts';
import { advance, call, each, f32, func, get, i32, int, set, sweep, v, w, when } from './wat.ts';

/** Most vectors of hidden units that one pass keeps in locals, twice: h and dL/dh. */
const TILE = 6;
/** $prepare(record): clears the gradients and transposes V. */
function prepare(plan: RowsPlan): string {
  const { layout } = plan;
  const { gradient, weights, stride, hidden, features, record, V } = layout;
  const { columns, row } = scratchOf(plan);
  const fromV = record.weights + 4 * V;
  return func(
    'prepare',
    ['record'],
    ['at', 'from', 'to', 'end'],
    [
      sweep('at', int(4 * weights), 16, [v.store(get('at'), v.zero, gradient)]),
      set('at', int(0)),
      sweep('at', int(4 * hidden), 4, [
        set('from', i32.add(get('record'), get('at'))),
        set('end', i32.add(get('to'), int(4 * features))),
        sweep('to', get('end'), 4, [
          f32.store(get('to'), f32.load(get('from'), fromV), columns),
          advance('from', 4 * stride),
        ]),
        advance('to', row - 4 * features),
      ]),
    ],
  );
}

/** $sample(record, group): draws four samples, a vector a feature. */
function sample(plan: RowsPlan): string {
  const { family, layout, source } = plan;
  if (source) return func('sample', ['record', 'group'], [], [call('read', get('record'), get('group'))]);
  const { record } = layout;
  const { drawn } = scratchOf(plan);
  const place = {
    floor: v.splat(get('gate'), record.floor),
    open: v.splat(get('gate'), record.open),
    scale: v.splat(get('gate'), record.scale),
    store: (_: number, value: string) => [v.store(get('to'), value, drawn), advance('to', 16)],
  };
  return func(
    'sample',
    ['record', 'group'],
    ['gate', 'runEnd', 'to', ...GATED_SCALARS],
    [...startSamples(layout), set('gate', get('record')), ...drawUnits(family, layout, 4, place)],
  );
}

/** Where $sample leaves feature 0 of four samples, and the bytes to the next feature. */
export const drawnAt = (plan: RowsPlan) => ({ start: scratchOf(plan).drawn, step: 16 });

/** $encode(record, list, bytes, to): h = f(Σ W_i x_i) of one sample, over its active inputs. */
function encode(plan: RowsPlan): string {
  const { family, layout } = plan;
  const relu = family.hiddenActivation === 'relu';
  const pass = (vectors: number[]) => [
    ...vectors.map((t) => set(`h${t}`, v.zero)),
    ...activeRows(plan, 'list', 'bytes', [
      set('row', i32.add(get('row'), i32.add(get('k'), get('W')))),
      ...vectors.map((t) => accumulate(`h${t}`, 'row', 16 * t)),
    ]),
    set('out', i32.add(get('to'), get('k'))),
    ...vectors.map((t) => v.store(get('out'), relu ? v.pmax(get(`h${t}`), v.zero) : get(`h${t}`), 16 * t)),
  ];
  return func(
    'encode',
    ['record', 'list', 'bytes', 'to'],
    ['at', 'end', 'row', 'W', 'k', 'out'],
    [
      set('W', i32.add(get('record'), int(layout.record.weights))),
      ...forVectors('k', layout.stride / 4, TILE, pass),
    ],
  );
}

/** $penalty(): adds λ Σ|h| of four samples to the loss. */
function penalty(plan: RowsPlan): string {
  const { stride, hyper, loss } = plan.layout;
  const { h } = scratchOf(plan);
  const sum = v.mul(get('size'), v.splat(int(hyper), HYPER.penaltyTwice));
  return func(
    'penalty',
    [],
    ['at'],
    [
      sweep('at', int(16 * stride), 16, [set('size', v.add(get('size'), v.abs(v.load(get('at'), h))))]),
      v.store(int(loss), v.add(v.load(int(loss)), sum)),
    ],
  );
}

/** Locals y{s}_{q}: bias plus the decoder of each sample, from byte i32 local j on. */
function multiplyTile(plan: RowsPlan, vectors: number[]): string[] {
  const { record, hidden, b, stride } = plan.layout;
  const { columns, h, row } = scratchOf(plan);
  const own = i32.add(get('record'), get('j'));
  return [
    ...vectors.flatMap((q) => [
      set('column', v.load(own, record.weights + 4 * b + 16 * q)),
      ...SAMPLES.map((s) => set(`y${s}_${q}`, get('column'))),
    ]),
    set('k', int(0)),
    set('from', get('j')),
    sweep('k', int(4 * hidden), 4, [
      ...vectors.map((q) => set(`column${q}`, v.load(get('from'), columns + 16 * q))),
      ...SAMPLES.flatMap((s) => [
        set('value', v.splat(get('k'), h + 4 * stride * s)),
        ...vectors.map((q) =>
          set(`y${s}_${q}`, v.add(get(`y${s}_${q}`), v.mul(get('value'), get(`column${q}`)))),
        ),
      ]),
      advance('from', row),
    ]),
  ];
}

/** Loss and dL/dy of vector q of sample s: to the bias gradient and to the sample's list. */
function differentiate(plan: RowsPlan, s: number, q: number): string[] {
  const { family, layout } = plan;
  const { x, row, list, values, dyLists } = scratchOf(plan);
  const y = get(`y${s}_${q}`);
  const input = v.load(get('j'), x + s * row + 16 * q);
  const bias = layout.gradient + 4 * layout.b + 16 * q;
  return [
    ...outputError(family, y, input, get('importance')),
    family.outputActivation === 'relu' ? set('dy', w.and(get('dy'), v.gt(y, v.zero))) : '',
    family.bias ? v.store(get('j'), v.add(v.load(get('j'), bias), get('dy')), bias) : '',
    ...append(layout, 'dy', `to${s}`, dyLists + s * list, values),
  ];
}

/**
 * `count` vectors of outputs, from byte i32 local `j` on, of all four samples: x', the loss and dL/dy, which goes
 * to the samples' lists.
 */
function decodeTile(plan: RowsPlan, count: number): string[] {
  const { layout } = plan;
  const vectors = each(count, (q) => q);
  const own = i32.add(get('record'), get('j'));
  return [
    ...multiplyTile(plan, vectors),
    ...vectors.flatMap((q) => [
      set('importance', v.load(own, layout.record.importance + 16 * q)),
      ...SAMPLES.flatMap((s) => differentiate(plan, s, q)),
      nextRows(layout),
    ]),
  ];
}

/** $decode(record): x', the loss and dL/dy of four samples, dense, two vectors of outputs at a time. */
function decode(plan: RowsPlan): string {
  const { layout } = plan;
  const { dyEnds, row } = scratchOf(plan);
  const pairs = Math.floor(row / 32) * 32;
  return func(
    'decode',
    ['record'],
    ['j', 'k', 'from', 'mask', ...SAMPLES.map((s) => `to${s}`)],
    [
      firstRows(layout),
      set('loss', v.load(int(layout.loss))),
      pairs ? sweep('j', int(pairs), 32, decodeTile(plan, 2)) : '',
      ...(row > pairs ? decodeTile(plan, 1) : []),
      v.store(int(layout.loss), get('loss')),
      ...SAMPLES.map((s) => i32.store(int(dyEnds), get(`to${s}`), 4 * s)),
    ],
  );
}

/** Local dh{t} before any output: 0, or the penalty's ±λ where the hidden unit is not 0. */
function startHidden({ layout: { hyper }, penalised }: RowsPlan, t: number): string {
  if (!penalised) return set(`dh${t}`, v.zero);
  const h = get(`h${t}`);
  const penalty = v.splat(int(hyper), HYPER.penalty);
  return set(`dh${t}`, v.sub(w.and(v.gt(h, v.zero), penalty), w.and(v.gt(v.zero, h), penalty)));
}

/** Adds `value` to vector t of the gradient at i32 local to. */
const addTo = (t: number, value: string) =>
  v.store(get('to'), v.add(v.load(get('to'), 16 * t), value), 16 * t);

/** Over the outputs with a gradient: dh_t += dy V_t and dV_t += dy h_t. */
function backOutputs(plan: RowsPlan, vectors: number[]): string[] {
  const { gradient, V } = plan.layout;
  return activeRows(plan, 'dyList', 'dyBytes', [
    set('row', i32.add(get('row'), get('k'))),
    set('to', i32.add(get('row'), int(gradient + 4 * V))),
    set('row', i32.add(get('row'), get('V'))),
    ...vectors.flatMap((t) => [
      accumulate(`dh${t}`, 'row', 16 * t),
      addTo(t, v.mul(get('value'), get(`h${t}`))),
    ]),
  ]);
}

/** Over the active inputs: dW_t += x dh_t. */
function backInputs(plan: RowsPlan, vectors: number[]): string[] {
  return activeRows(plan, 'xList', 'xBytes', [
    set('to', i32.add(get('row'), i32.add(get('k'), int(plan.layout.gradient)))),
    ...vectors.map((t) => addTo(t, v.mul(get('value'), get(`dh${t}`)))),
  ]);
}

/** Gradients of vectors of hidden units, from byte i32 local k on. */
function backTile(plan: RowsPlan, vectors: number[]): string[] {
  const shut = (t: number) => set(`dh${t}`, w.and(get(`dh${t}`), v.gt(get(`h${t}`), v.zero)));
  return [
    set('own', i32.add(get('h'), get('k'))),
    ...vectors.flatMap((t) => [set(`h${t}`, v.load(get('own'), 16 * t)), startHidden(plan, t)]),
    ...backOutputs(plan, vectors),
    ...(plan.family.hiddenActivation === 'relu' ? vectors.map(shut) : []),
    ...backInputs(plan, vectors),
  ];
}

/** $backward(record, xList, xBytes, dyList, dyBytes, h): gradients of one sample, over its active rows. */
function backward(plan: RowsPlan): string {
  const { record, V, stride } = plan.layout;
  return func(
    'backward',
    ['record', 'xList', 'xBytes', 'dyList', 'dyBytes', 'h'],
    ['at', 'end', 'row', 'to', 'V', 'k', 'own'],
    [
      set('V', i32.add(get('record'), int(record.weights + 4 * V))),
      ...forVectors('k', stride / 4, TILE, (vectors) => backTile(plan, vectors)),
    ],
  );
}

/** Forward and backward of the four samples at byte i32 local group of the streams. */
function oneGroup(plan: RowsPlan): string[] {
  const { stride } = plan.layout;
  const { h, list, xLists, dyLists, xEnds, dyEnds } = scratchOf(plan);
  const hOf = (s: number) => int(h + 4 * stride * s);
  const listOf = (start: number, ends: number, s: number) => [
    int(start + s * list),
    i32.load(int(ends + 4 * s)),
  ];
  return [
    call('sample', get('record'), get('group')),
    call('inputs', int(4 * stride)),
    ...SAMPLES.map((s) => call('encode', get('record'), ...listOf(xLists, xEnds, s), hOf(s))),
    plan.penalised ? call('penalty') : '',
    call('decode', get('record')),
    ...SAMPLES.map((s) =>
      call('backward', get('record'), ...listOf(xLists, xEnds, s), ...listOf(dyLists, dyEnds, s), hOf(s)),
    ),
  ];
}

/** $groups(record, end): forward and backward of the survivors, four at a time, up to byte `end` of the streams. */
function groups(plan: RowsPlan): string {
  const sparse = i32.load(get('record'), plan.layout.record.sparse);
  const byGram = [call('gramGroups', get('record'), get('end')), '(return)'];
  return func(
    'groups',
    ['record', 'end'],
    ['group', 'until'],
    [plan.linear ? when(sparse, byGram) : '', when(get('end'), [overGroups(oneGroup(plan), [call('fold')])])],
  );
}

/** The kernel's functions. */
export function functions(plan: RowsPlan): string[] {
  const parts = [prepare, sample, inputs, encode, penalty, decode, backward, groups];
  return parts.map((part) => part(plan));
}

/** The bias gradient of the feature at byte `to`, before the all-zero samples: already summed. */
export const biasGradient = ({ layout }: RowsPlan) => ({
  sum: [],
  value: f32.load(get('to'), layout.gradient + 4 * layout.b),
});
