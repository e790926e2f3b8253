/**
 * The rows kernel's way with samples of few active features, where h is linear in x. Then y = b + Σ_i x_i G_i with
 * G_i = V W_i (a row of n outputs), and the gradient needs only M_i = Σ_samples x_i dL/dy: a sample costs its
 * active features times n, whatever m is. Once a step G is computed from the weights, and M turned into
 * dV = Mᵀ W and dW = M V.
 */
import type { Family, Training } from '../family.ts';
import {
  accumulate,
  activeRows,
  append,
  firstRows,
  forVectors,
  nextRows,
  outputError,
  type RowsPlan,
  scratchOf,
} from './active.ts';
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

/** Vectors of row i of G, from byte i32 local j on: Σ_k W_ik times row k of V transposed. Clears those of M. */
function productTile(plan: RowsPlan, vectors: number[]): string[] {
  const { record, hidden } = plan.layout;
  const { row, columns } = scratchOf(plan);
  const { G, M } = matrices(plan);
  return [
    ...vectors.map((t) => set(`y${t}`, v.zero)),
    set('k', get('W')),
    set('column', get('j')),
    sweep('k', i32.add(get('W'), int(4 * hidden)), 4, [
      set('value', v.splat(get('k'), record.weights)),
      ...vectors.map((t) => accumulate(`y${t}`, 'column', columns + 16 * t)),
      advance('column', row),
    ]),
    set('to', i32.add(get('i'), get('j'))),
    ...vectors.flatMap((t) => [
      v.store(get('to'), get(`y${t}`), G + 16 * t),
      v.store(get('to'), v.zero, M + 16 * t),
    ]),
  ];
}

/** $gramPrepare(record): G from the weights, M = 0. */
function prepare(plan: RowsPlan): string {
  const { features, stride } = plan.layout;
  const { row } = scratchOf(plan);
  const oneRow = [
    ...forVectors('j', row / 16, TILE, (vectors) => productTile(plan, vectors)),
    advance('W', 4 * stride),
  ];
  return func(
    'gramPrepare',
    ['record'],
    ['i', 'j', 'k', 'W', 'column', 'to'],
    [set('W', get('record')), sweep('i', int(features * row), row, oneRow)],
  );
}

/** Turns outputs y_t into dL/dy in place, and adds to the loss and the bias gradient. */
function differentiate({ family, layout }: RowsPlan, t: number): string[] {
  const { record, b, gradient } = layout;
  const y = get(`y${t}`);
  const x = v.load(i32.add(get('x'), get('j')), 16 * t);
  const importance = v.load(i32.add(get('record'), get('j')), record.importance + 16 * t);
  const db = gradient + 4 * b + 16 * t;
  return [
    ...outputError(family, y, x, importance),
    set(`y${t}`, family.outputActivation === 'relu' ? w.and(get('dy'), v.gt(y, v.zero)) : get('dy')),
    family.bias ? v.store(get('j'), v.add(v.load(get('j'), db), y), db) : '',
  ];
}

/** Vectors of outputs, from byte i32 local j on: y = b + Σ x_i G_i, then M_i += x_i dL/dy. */
function sampleTile(plan: RowsPlan, vectors: number[]): string[] {
  const { record, b } = plan.layout;
  const { G, M } = matrices(plan);
  const own = i32.add(get('record'), get('j'));
  const rowOf = (matrix: number) => set('row', i32.add(get('row'), i32.add(get('j'), int(matrix))));
  const addTo = (t: number) =>
    v.store(get('row'), v.add(v.load(get('row'), 16 * t), v.mul(get('value'), get(`y${t}`))), 16 * t);
  return [
    ...vectors.map((t) => set(`y${t}`, v.load(own, record.weights + 4 * b + 16 * t))),
    ...activeRows(plan, 'list', 'bytes', [
      rowOf(G),
      ...vectors.map((t) => accumulate(`y${t}`, 'row', 16 * t)),
    ]),
    ...vectors.flatMap((t) => differentiate(plan, t)),
    ...activeRows(plan, 'list', 'bytes', [rowOf(M), ...vectors.map(addTo)]),
  ];
}

/** $gramSample(record, list, bytes, x): forward and M of one sample with the active features of `list`. */
function sample(plan: RowsPlan): string {
  const { loss } = plan.layout;
  const { row } = scratchOf(plan);
  return func(
    'gramSample',
    ['record', 'list', 'bytes', 'x'],
    ['at', 'end', 'row', 'j'],
    [
      set('loss', v.load(int(loss))),
      ...forVectors('j', row / 16, TILE, (vectors) => sampleTile(plan, vectors)),
      v.store(int(loss), get('loss')),
    ],
  );
}

/** Lists the entries of a row of M that are not 0, from i32 local M on, as a sample's dL/dy; local to is its end. */
function listRow(plan: RowsPlan): string[] {
  const { layout } = plan;
  const { row, values, dyLists } = scratchOf(plan);
  return [
    firstRows(layout),
    set('to', int(0)),
    set('j', int(0)),
    sweep('j', int(row), 16, [
      set('dy', v.load(get('M'), matrices(plan).M)),
      ...append(layout, 'dy', 'to', dyLists, values),
      nextRows(layout),
      advance('M', 16),
    ]),
  ];
}

/** $gramFinish(record): M to gradients: row i of M is what a sample with x_i = 1 alone would have as dL/dy. */
function finish(plan: RowsPlan): string {
  const { record, features, stride } = plan.layout;
  const { values, xLists, dyLists } = scratchOf(plan);
  const W = i32.add(get('record'), i32.add(get('i'), int(record.weights))); // row i, as its hidden layer
  const lists = [int(xLists), int(4), int(dyLists), get('to')];
  const oneRow = [
    i32.store(int(xLists), get('i')),
    ...listRow(plan),
    call('backward', get('record'), ...lists, W),
  ];
  return func(
    'gramFinish',
    ['record'],
    ['i', 'j', 'M', 'mask', 'to'],
    [
      f32.store(int(xLists), f32.const(1), values),
      sweep('i', int(features * 4 * stride), 4 * stride, oneRow),
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
