/**
 * The rows kernel's way with samples of few active features, where h is linear in x. Then y = b + Σ_i x_i G_i with
 * G_i = V W_i (a row of n outputs), and the gradient needs only M_i = Σ_samples x_i dL/dy: a sample costs its
 * active features times n, whatever m is. Once a step G is computed from the weights, and M turned into
 * dV = Mᵀ W and dW = M V.
 */
import type { Family, Training } from '../family.ts';
import { activeRows, append, firstRows, forVectors, nextRows, type RowsPlan, scratchOf } from './active.ts';
import { overGroups } from './steps.ts';
import { advance, call, f32, func, get, i32, int, set, sweep, v, w, when } from './wat.ts';

/** Most vectors of outputs kept in locals. */
const TILE = 8;

/** Most features of which the matrices G and M are worth their memory. */
const FEATURES = 1024;

/** Whether a family's hidden layer is linear and free, so that G is all there is to know. */
export const isLinear = (family: Family, training: Training): boolean =>
  family.hiddenActivation === 'identity' && training.hiddenPenalty === 0 && family.features <= FEATURES;

/**
 * Whether this way is the faster one for an instance of `active` expected features in each of `survivors` samples
 * of a batch: it costs 7 n · active instructions a sample and n² (10 m + 36) a step, the other 7 n (m + 3) a
 * sample, all over 4.
 */
export const isSparse = ({ features: n, hidden: m }: Family, active: number, survivors: number): boolean =>
  active + (n * (1.4 * m + 5)) / survivors < m + 3;

/** Where G and M stand. */
function matrices(plan: RowsPlan) {
  const { gram, row } = scratchOf(plan);
  return { G: gram, M: gram + plan.layout.features * row };
}

/** $gramPrepare(record): G from the weights, M = 0. */
function prepare(plan: RowsPlan): string {
  const { record, features, hidden, stride } = plan.layout;
  const { row, columns } = scratchOf(plan);
  const { G, M } = matrices(plan);
  const tile = (vectors: number[]) => [
    ...vectors.map((t) => set(`y${t}`, v.zero)),
    set('k', get('W')),
    set('column', get('j')),
    sweep('k', i32.add(get('W'), int(4 * hidden)), 4, [
      set('value', v.splat(get('k'), record.weights)),
      ...vectors.map((t) =>
        set(`y${t}`, v.add(get(`y${t}`), v.mul(get('value'), v.load(get('column'), columns + 16 * t)))),
      ),
      advance('column', row),
    ]),
    set('to', i32.add(get('i'), get('j'))),
    ...vectors.flatMap((t) => [
      v.store(get('to'), get(`y${t}`), G + 16 * t),
      v.store(get('to'), v.zero, M + 16 * t),
    ]),
  ];
  return func(
    'gramPrepare',
    ['record'],
    ['i', 'j', 'k', 'W', 'column', 'to'],
    [
      set('W', get('record')),
      sweep('i', int(features * row), row, [
        ...forVectors('j', row / 16, TILE, tile),
        advance('W', 4 * stride),
      ]),
    ],
  );
}

/** $gramSample(record, list, bytes, x): forward and M of one sample with the active features of `list`. */
function sample(plan: RowsPlan): string {
  const { family, layout } = plan;
  const { record, b, gradient, loss } = layout;
  const { row } = scratchOf(plan);
  const { G, M } = matrices(plan);
  const relu = family.outputActivation === 'relu';
  const own = i32.add(get('record'), get('j'));
  const error = (t: number) => {
    const y = get(`y${t}`);
    const x = v.load(i32.add(get('x'), get('j')), 16 * t);
    const db = gradient + 4 * b + 16 * t;
    return [
      set('error', v.sub(relu ? v.pmax(y, v.zero) : y, family.target === 'abs' ? v.abs(x) : x)),
      set('dy', v.mul(get('error'), v.load(own, record.importance + 16 * t))),
      set('loss', v.add(get('loss'), v.mul(get('dy'), get('error')))),
      set(`y${t}`, relu ? w.and(get('dy'), v.gt(y, v.zero)) : get('dy')),
      family.bias ? v.store(get('j'), v.add(v.load(get('j'), db), get(`y${t}`)), db) : '',
    ];
  };
  const tile = (vectors: number[]) => [
    ...vectors.map((t) => set(`y${t}`, v.load(own, record.weights + 4 * b + 16 * t))),
    ...activeRows(plan, 'list', 'bytes', [
      set('row', i32.add(get('row'), i32.add(get('j'), int(G)))),
      ...vectors.map((t) =>
        set(`y${t}`, v.add(get(`y${t}`), v.mul(get('value'), v.load(get('row'), 16 * t)))),
      ),
    ]),
    ...vectors.flatMap(error),
    ...activeRows(plan, 'list', 'bytes', [
      set('row', i32.add(get('row'), i32.add(get('j'), int(M)))),
      ...vectors.map((t) =>
        v.store(get('row'), v.add(v.load(get('row'), 16 * t), v.mul(get('value'), get(`y${t}`))), 16 * t),
      ),
    ]),
  ];
  return func(
    'gramSample',
    ['record', 'list', 'bytes', 'x'],
    ['at', 'end', 'row', 'j'],
    [
      set('loss', v.load(int(loss))),
      ...forVectors('j', row / 16, TILE, tile),
      v.store(int(loss), get('loss')),
    ],
  );
}

/** $gramFinish(record): M to gradients: row i of M is what a sample with x_i = 1 alone would have as dL/dy. */
function finish(plan: RowsPlan): string {
  const { layout } = plan;
  const { record, features, stride } = layout;
  const { row, values, xLists, dyLists } = scratchOf(plan);
  const { M } = matrices(plan);
  return func(
    'gramFinish',
    ['record'],
    ['i', 'j', 'M', 'mask', 'to'],
    [
      f32.store(int(xLists), f32.const(1), values),
      sweep('i', int(features * 4 * stride), 4 * stride, [
        i32.store(int(xLists), get('i')),
        firstRows(layout),
        set('to', int(0)),
        set('j', int(0)),
        sweep('j', int(row), 16, [
          set('dy', v.load(get('M'), M)),
          ...append(layout, 'dy', 'to', dyLists, values),
          nextRows(layout),
          advance('M', 16),
        ]),
        call(
          'backward',
          get('record'),
          int(xLists),
          int(4),
          int(dyLists),
          get('to'),
          i32.add(get('record'), i32.add(get('i'), int(record.weights))),
        ),
      ]),
    ],
  );
}

/** $gramGroups(record, end): forward and backward of the survivors up to byte `end` of the streams. */
function groups(plan: RowsPlan): string {
  const { row, list, x, xLists, xEnds } = scratchOf(plan);
  const one = (s: number) =>
    call('gramSample', get('record'), int(xLists + s * list), i32.load(int(xEnds + 4 * s)), int(x + s * row));
  const group = [
    call('sample', get('record'), get('group')),
    call('inputs', int(row)),
    ...[0, 1, 2, 3].map(one),
  ];
  return func(
    'gramGroups',
    ['record', 'end'],
    ['group', 'until'],
    [
      when(get('end'), [
        call('gramPrepare', get('record')),
        overGroups(group, [call('fold')]),
        call('gramFinish', get('record')),
      ]),
    ],
  );
}

/** The functions of this way, or none if the family has no G. */
export const functions = (plan: RowsPlan): string[] =>
  plan.linear ? [prepare, sample, finish, groups].map((part) => part(plan)) : [];
