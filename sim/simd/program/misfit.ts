/** Kernel text of losses of the weights alone: factor · weight · ‖W − AᵀB‖² / ‖W‖², once a step, behind the samples. */
import type { Node } from '../../program/ops.ts';
import { advance, f32, func, get, i32, int, set, sweep, when } from '../wat.ts';
import { floatOf, type ProgramPlan } from './plan.ts';

/** Bytes from a record to a tensor's weights. */
const weightsOf = (plan: ProgramPlan, tensor: Node): number =>
  plan.layout.record.weights + 4 * floatOf(plan, tensor);

const grow = (name: string, part: string): string => set(name, f32.add(get(name), part));
const squareOf = (name: string): string => f32.mul(get(name), get(name));

/** Leaves W − AᵀB at the defect, and in f32 locals total and size the squares of its entries and of W's. */
function leave(plan: ProgramPlan, [W, A, B]: Node[]): string[] {
  const [rows, columns] = W.shape;
  const [parts] = A.shape;
  const product = f32.mul(f32.load(get('a'), weightsOf(plan, A)), f32.load(get('b'), weightsOf(plan, B)));
  const entry = [
    set('sum', f32.load(get('w'), weightsOf(plan, W))),
    grow('size', squareOf('sum')),
    set('a', i32.add(get('record'), get('i'))),
    set('b', i32.add(get('record'), get('j'))),
    set('end', i32.add(get('a'), int(4 * rows * parts))),
    sweep('a', get('end'), 4 * rows, [set('sum', f32.sub(get('sum'), product)), advance('b', 4 * columns)]),
    f32.store(get('e'), get('sum')),
    grow('total', squareOf('sum')),
    advance('e', 4),
    advance('w', 4),
  ];
  return [
    set('e', int(plan.defect)),
    set('w', get('record')),
    set('i', int(0)),
    sweep('i', int(4 * rows), 4, [set('j', int(0)), sweep('j', int(4 * columns), 4, entry)]),
  ];
}

/**
 * Takes scale · Σ_k E_k M_k off the gradient of every entry of `into` (parts, length), M a row (long) of `other`, the
 * entries E of the defect from `first` bytes on, `step` bytes apart; the next entry's begin `next` bytes on.
 */
function giveBack(plan: ProgramPlan, into: Node, other: Node, step: number, next: number): string[] {
  const [parts, length] = into.shape;
  const long = other.shape[1];
  const gradient = plan.layout.gradient + 4 * floatOf(plan, into);
  const product = f32.mul(f32.load(get('e')), f32.load(get('b'), weightsOf(plan, other)));
  const entry = [
    set('sum', f32.const(0)),
    set('e', get('j')),
    set('b', get('a')),
    set('end', i32.add(get('a'), int(4 * long))),
    sweep('b', get('end'), 4, [grow('sum', product), advance('e', step)]),
    f32.store(get('to'), f32.sub(f32.load(get('to'), gradient), f32.mul(get('scale'), get('sum'))), gradient),
    advance('to', 4),
  ];
  return [
    set('to', int(0)),
    set('a', get('record')),
    set('i', int(0)),
    sweep('i', int(parts), 1, [
      set('j', int(plan.defect)),
      sweep('j', int(plan.defect + next * length), next, entry),
      advance('a', 4 * long),
    ]),
  ];
}

/** $misfit<k>(record): adds the loss number k and its gradients; nothing where its weight is 0. */
function misfit(plan: ProgramPlan, { args, factor }: Node, k: number): string {
  const [W, A, B, weight] = args;
  const { record, total } = plan.layout;
  const columns = W.shape[1];
  const { at } = record.columns.find(({ name }) => name === weight.name)!;
  const own = f32.load(get('record'), at);
  const place = `(i32.const ${total})`;
  const body = [
    ...leave(plan, args),
    set('scale', f32.div(f32.mul(f32.const(2 * factor), own), get('size'))),
    `(f64.store ${place} (f64.add (f64.load ${place}) (f64.promote_f32 ${f32.mul(get('scale'), get('total'))})))`,
    ...(A.trained ? giveBack(plan, A, B, 4, 4 * columns) : []),
    ...(B.trained ? giveBack(plan, B, A, 4 * columns, 4) : []),
  ];
  return func(
    `misfit${k}`,
    ['record'],
    ['e', 'w', 'a', 'b', 'i', 'j', 'to', 'end', 'sum:f32', 'size:f32', 'total:f32', 'scale:f32'],
    [when(f32.ne(own, f32.const(0)), body)],
  );
}

export const misfits = (plan: ProgramPlan): string[] =>
  plan.placement.program.still.map((node, k) => misfit(plan, node, k));
