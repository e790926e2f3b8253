/**
 * The kernel of a training set: the tied toy model x' = ReLU(W f(Wᵀx) + b) on a training set, all samples at every step.
 *
 * Of the T·n pairs of a sample and an output nearly all have x = 0, and what they add needs no x: with z = w·h + b and
 * r = ReLU(z), the bias gains s r, w gains s r h and h gains s r w, where s = 2 w_j / (n T). The few pairs with x ≠ 0
 * are corrected: −s x in place of s r where z > 0, found sample by sample and added up feature by feature. An output whose z
 * is below 0 over the whole box that holds all h is off: it adds nothing. One whose z is above 0 there is on for all samples,
 * and Σ1, Σh and Σhhᵀ say all that it adds. The others are looped over, four samples a vector: a few outputs in one pass over
 * all samples (passes.ts), or, in few dimensions, cell by cell. Samples that are neighbours in hidden space stand in one cell
 * (order.ts, cells.ts), over which most outputs are off or on, and only the cells that an output's edge z = 0 runs through are
 * looped over (crossings.ts).
 * Ranges of samples, outputs and features are done one after the other or each by a thread of a team (team.ts). Sums are taken
 * in an order that depends on nothing but the table.
 */
import type { Family } from '../../family.ts';
import type { Layout } from '../layout.ts';
import { call, each, f32, func, get, int, set, when } from '../wat.ts';
import { crossings } from './crossings.ts';
import { orders } from './order.ts';
import { finish, mixed, outputs } from './outputs.ts';
import type { Kernel } from './parts.ts';
import { passes } from './passes.ts';
import { type FixedPlan, LINE } from './plan.ts';
import { correct, gather, hidden, sums } from './samples.ts';
import { doTask, team } from './team.ts';

/** $step(record, step) → loss on the training set at the present weights; leaves the gradient. */
function step(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const parts = each(plan.ranges, (r) => int(layout.work + plan.total + LINE * r));
  const total = parts.map((at) => `(f64.load ${at})`).reduce((a, b) => `(f64.add ${a} ${b})`);
  return func(
    'step',
    ['record', 'step'],
    ['list'],
    [
      ...parts.map((at) => `(f64.store ${at} (f64.const 0))`),
      doTask(kernel, 'hidden', int(0)),
      ...(plan.cells ? [call('order', get('record'))] : []),
      call('sums', get('record')),
      set('list', call('outputs', get('record'))),
      when(get('list'), [doTask(kernel, 'mixed', get('list'))]),
      doTask(kernel, 'correct', get('list')),
      doTask(kernel, 'gather', int(0)),
    ],
    { type: 'f32', value: f32.narrow(total) },
  );
}

/** The functions of the kernel: all that comes before the optimiser. */
export function functions(family: Family, layout: Layout, plan: FixedPlan, isShared: boolean): string[] {
  const kernel = { plan, layout, family };
  return [
    hidden(kernel),
    ...(plan.cells ? [...orders(kernel), ...crossings(kernel)] : passes(kernel)),
    sums(kernel),
    ...team(kernel, isShared),
    outputs(kernel),
    mixed(kernel),
    finish(kernel),
    correct(kernel),
    gather(kernel),
    step(kernel),
  ];
}
