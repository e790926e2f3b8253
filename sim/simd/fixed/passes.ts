/**
 * Mixed outputs over all samples of a range, ROWS in one pass: it reads h and writes dL/dh once for all of them. For few
 * samples or many hidden units, where most cells of a partition would be neither off nor on.
 */
import { advance, call, each, func, get, i32, int, repeat, set, sweep, v, when } from '../wat.ts';
import { addOutput, keepSums, loadSamples, startOutput, storeSlopes } from './output.ts';
import { countsAt, type Kernel } from './parts.ts';

const ROWS = 4;

/** Tag of the locals of output number r of a pass. */
const tagOf = (r: number): string => `_${r}`;

/**
 * $passR(record, at, out, from, to): R outputs, whose offsets stand in the list from byte `at` on, over the samples
 * from byte `from` of a plane up to byte `to`: their sums at `out`, and dL/dh of the samples.
 */
function pass(kernel: Kernel, R: number): string {
  const rows = each(R, (r) => [r, tagOf(r)] as const);
  return func(
    `pass${R}`,
    ['record', 'at', 'out', 'from', 'to'],
    ['t', 'counts', 'row', 'own'],
    [
      set('counts', countsAt(kernel)),
      ...rows.flatMap(([r, tag]) => startOutput(kernel, r, tag)),
      set('t', get('from')),
      sweep('t', get('to'), 16, [
        ...loadSamples(kernel, v.load(i32.add(get('counts'), get('t')))),
        ...rows.flatMap(([, tag]) => addOutput(kernel, tag)),
        ...storeSlopes(kernel),
      ]),
      ...rows.flatMap(([r, tag]) => keepSums(kernel, r, tag)),
    ],
  );
}

/** Runs the list from byte 0 up to local list over the vectors of samples from number `from` up to number `to`, their sums from local out on. */
export function runPasses({ plan: { m } }: Kernel): string[] {
  const next = (R: number) => [
    call(`pass${R}`, ...['record', 't', 'out', 'from', 'to'].map(get)),
    advance('out', 4 * R * (m + 2)),
    advance('t', 4 * R),
  ];
  const fits = (R: number) => i32.lt(i32.add(get('t'), int(4 * R - 1)), get('list'));
  const bytes = ['from', 'to'].map((name) => set(name, i32.shl(get(name), int(4))));
  return [...bytes, set('t', int(0)), ...[ROWS, 1].map((R) => when(fits(R), [repeat(next(R), fits(R))]))];
}

/** The functions of the passes. */
export const passes = (kernel: Kernel): string[] => [pass(kernel, ROWS), pass(kernel, 1)];
