/**
 * The mixed outputs, range of samples by range of samples, by one thread or by several that share its memory. Who takes a
 * range does not show in the result: a range writes its own sums and its own samples' dL/dh.
 */
import { atomic, call, func, get, i32, int, repeat, set, when } from '../wat.ts';
import { runCrossings } from './crossings.ts';
import type { Kernel } from './parts.ts';
import { runPasses } from './passes.ts';
import { TEAM } from './plan.ts';

/** Address of the words that threads share. */
const teamAt = ({ layout, plan }: Kernel) => int(layout.work + plan.team);

/** $range(r): runs the list on range r, a range of groups of cells if there are any, else of vectors of samples. */
function range(kernel: Kernel): string {
  const { plan, layout } = kernel;
  const { m, n, cells, places, ranges } = plan;
  const bytes = 4 * n * (m + 2);
  const border = (r: string) => i32.div(i32.mul(r, int((cells || places) / 4)), int(ranges));
  return func(
    'range',
    ['r'],
    ['record', 'list', 't', 'out', 'from', 'to'],
    [
      set('record', i32.load(teamAt(kernel), TEAM.record)),
      set('list', i32.load(teamAt(kernel), TEAM.list)),
      set('from', border(get('r'))),
      set('to', border(i32.add(get('r'), int(1)))),
      set('out', i32.add(int(layout.work + plan.parts), i32.mul(get('r'), int(bytes)))),
      ...(cells ? runCrossings(kernel) : runPasses(kernel)),
    ],
  );
}

/** $work(): takes ranges until there are none, and tells who waits for the last. */
function work(kernel: Kernel): string {
  const team = teamAt(kernel);
  const take = set('r', i32.sub(atomic.add(team, int(-1), TEAM.left), int(1)));
  const left = i32.ge(get('r'), int(0));
  return func(
    'work',
    [],
    ['r'],
    [
      take,
      when(left, [
        repeat([call('range', get('r')), `(drop ${atomic.add(team, int(1), TEAM.done)})`, atomic.wake(team, TEAM.done), take], left), // biome-ignore format: one line
      ]),
    ],
  );
}

/** $share(record, list): hands the list out, works along, and comes back when all ranges are done. */
function share(kernel: Kernel): string {
  const team = teamAt(kernel);
  const all = int(kernel.plan.ranges);
  const missing = i32.lt(get('seen'), all);
  return func(
    'share',
    ['record', 'list'],
    ['seen'],
    [
      i32.store(team, get('record'), TEAM.record),
      i32.store(team, get('list'), TEAM.list),
      atomic.store(team, int(0), TEAM.done),
      atomic.store(team, all, TEAM.left),
      `(drop ${atomic.add(team, int(1), TEAM.epoch)})`,
      atomic.wake(team, TEAM.epoch),
      call('work'),
      set('seen', atomic.load(team, TEAM.done)),
      when(missing, [
        repeat([atomic.wait(team, get('seen'), TEAM.done), set('seen', atomic.load(team, TEAM.done))], missing), // biome-ignore format: one line
      ]),
    ],
  );
}

/** $help(): works along until the call is over. What it has seen it reads before it looks for work, so that nothing is slept through. */
function help(kernel: Kernel): string {
  const team = teamAt(kernel);
  const over = atomic.load(team, TEAM.ended);
  const turn = [
    call('work'),
    atomic.wait(team, get('seen'), TEAM.epoch),
    set('seen', atomic.load(team, TEAM.epoch)),
  ];
  return func('help', [], ['seen'], [set('seen', atomic.load(team, TEAM.epoch)), when(`(i32.eqz ${over})`, [repeat(turn, `(i32.eqz ${over})`)])]); // biome-ignore format: one line
}

/** $release(): the call is over, helpers go home. */
function release(kernel: Kernel): string {
  const team = teamAt(kernel);
  return func('release', [], [], [atomic.store(team, int(1), TEAM.ended), `(drop ${atomic.add(team, int(1), TEAM.epoch)})`, atomic.wake(team, TEAM.epoch)]); // biome-ignore format: one line
}

/** The functions of a team; where memory is one thread's own there is nobody to help. */
export const team = (kernel: Kernel, isShared: boolean): string[] => [
  range(kernel),
  work(kernel),
  share(kernel),
  ...(isShared ? [help(kernel), release(kernel)] : []),
];
