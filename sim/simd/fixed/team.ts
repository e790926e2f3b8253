/**
 * What is done range by range, of samples, outputs or features, by one thread or by several that share its memory. Who takes
 * a range does not show in the result: a range writes its own sums, and what belongs to its own samples, outputs or features.
 */
import { atomic, call, func, get, i32, int, repeat, set, when } from '../wat.ts';
import type { Kernel } from './parts.ts';
import { TASKS, type Task, TEAM } from './plan.ts';

/** Address of the words that threads share. */
const teamAt = ({ layout, plan }: Kernel) => int(layout.work + plan.team);

/** $range(r): does the task that is handed out on range r. */
function range(kernel: Kernel): string {
  const team = teamAt(kernel);
  const word = (at: number) => i32.load(team, at);
  const own = (task: Task, number: number) =>
    when(i32.eq(word(TEAM.task), int(number)), [call(task, word(TEAM.record), word(TEAM.list), get('r'))]);
  return func('range', ['r'], [], TASKS.map(own));
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

/** $share(record, list, task): hands the task out, works along, and comes back when all ranges are done. */
function share(kernel: Kernel): string {
  const team = teamAt(kernel);
  const all = int(kernel.plan.ranges);
  const missing = i32.lt(get('seen'), all);
  return func(
    'share',
    ['record', 'list', 'task'],
    ['seen'],
    [
      i32.store(team, get('record'), TEAM.record),
      i32.store(team, get('list'), TEAM.list),
      i32.store(team, get('task'), TEAM.task),
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

/** Does a task, a function of (record, list, r), on all ranges: at once if there is one. */
export const doTask = ({ plan }: Kernel, task: Task, list: string): string =>
  plan.ranges === 1
    ? call(task, get('record'), list, int(0))
    : call('share', get('record'), list, int(TASKS.indexOf(task)));

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

/** The functions of a team: none where one range is all; where memory is one thread's own there is nobody to help. */
export const team = (kernel: Kernel, isShared: boolean): string[] =>
  kernel.plan.ranges === 1
    ? []
    : [range(kernel), work(kernel), share(kernel), ...(isShared ? [help(kernel), release(kernel)] : [])];
