/** Mixed outputs cell by cell: over most cells they are off or on, and only those that their edge z = 0 runs through are looped over. */
import { advance, call, each, func, get, i32, int, repeat, set, sweep, v, w, when } from '../wat.ts';
import { addCells, boundOf, cells, countsOf, samplesOf, settle, VECTORS } from './cells.ts';
import { addOutput, keepSums, loadSamples, startOutput, storeSlopes } from './output.ts';
import type { Kernel } from './parts.ts';
import { CELL, GROUP } from './plan.ts';

/** The cells of the group that are in the bits of local left, one after the other, sample by sample. */
function addMixed(kernel: Kernel): string[] {
  const cell = i32.mul(i32.ctz(get('left')), int(4 * CELL));
  const samples = (j: number) => [
    ...loadSamples(kernel, countsOf(kernel, j), j),
    ...addOutput(kernel),
    ...storeSlopes(kernel, j),
  ];
  return [
    repeat(
      [
        set('t', i32.add(get('base'), cell)),
        ...each(VECTORS, samples).flat(),
        set('left', i32.and(get('left'), i32.sub(get('left'), int(1)))),
      ],
      get('left'),
    ),
  ];
}

/** The output over a group of cells: nothing where it is off, the closed form where it is on, samples where it is neither. */
function addGroup(kernel: Kernel): string[] {
  return [
    set('left', w.bitmask(v.le(boundOf(kernel, v.pmax), v.zero))),
    when(i32.lt(get('left'), int(15)), [
      set('on', v.lt(v.zero, boundOf(kernel, v.pmin))),
      when(w.any(get('on')), addCells(kernel)),
      set('left', i32.sub(int(15), i32.or(get('left'), w.bitmask(get('on'))))),
      when(get('left'), addMixed(kernel)),
    ]),
  ];
}

/**
 * $cross(record, at, out, from, to): the output whose offset stands at byte `at` of the list, over the groups of cells whose
 * records are from byte `from` up to byte `to`: its sums at `out`, and dL/dh of samples and cells.
 */
function cross(kernel: Kernel): string {
  return func(
    'cross',
    ['record', 'at', 'out', 'from', 'to'],
    ['group', 'base', 't', 'left', 'row', 'own'],
    [
      ...startOutput(kernel),
      set('group', get('from')),
      set('base', samplesOf(kernel, get('from'))),
      sweep('group', get('to'), kernel.plan.cell.size, [...addGroup(kernel), advance('base', 4 * GROUP)]),
      ...keepSums(kernel),
    ],
  );
}

/** Runs the list up to local list over the groups of cells from number `from` up to number `to`, its sums from local out on. */
export function runCrossings({ plan: { m, cell } }: Kernel): string[] {
  return [
    ...['from', 'to'].map((name) => set(name, i32.mul(get(name), int(cell.size)))),
    call('cells', get('from'), get('to')),
    set('t', int(0)),
    sweep('t', get('list'), 4, [
      call('cross', ...['record', 't', 'out', 'from', 'to'].map(get)),
      advance('out', 4 * (m + 2)),
    ]),
    call('settle', get('from'), get('to')),
  ];
}

/** The functions of cells and of outputs that cross them. */
export const crossings = (kernel: Kernel): string[] => [cells(kernel), cross(kernel), settle(kernel)];
