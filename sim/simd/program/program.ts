/**
 * The kernel of any program: four samples in lanes throughout. Loops go over rows (program/schedule.ts); vectors of few
 * entries are written out in locals, longer ones stand in tiles (placement.ts) and a matrix with long rows is worked off a
 * few of its columns at a time, over the rows that have something to give. A sample in which nothing is active is run
 * once a step and counted.
 */
import { clocksFor } from '../../models/models.ts';
import type { Node } from '../../program/ops.ts';
import { overGroups } from '../steps.ts';
import { advance, call, d, each, f32, func, get, i32, int, set, sweep, v, when } from '../wat.ts';
import * as attack from './attack.ts';
import { collect, copyNumbers, scaleSums, writtenSums } from './copies.ts';
import { drawGroup, drawNothing, sample } from './inputs.ts';
import { readKept } from './least.ts';
import { oneGroup } from './loops.ts';
import { batchNode, measure } from './measure.ts';
import { misfits } from './misfit.ts';
import { GATE, spaceOf } from './placement.ts';
import { inputOf, inputsOf, type ProgramPlan, scalarsOf, uniformOf } from './plan.ts';
import { clearBeyond, fetchSources, idle, noSources, returnSources } from './sources.ts';
import { frequentNodes, tally } from './tally.ts';

/** Splats the clocks of the step. */
function setClocks({ placement, layout, family, training }: ProgramPlan): string[] {
  const names = Object.keys(clocksFor(family, training, 0));
  return placement.program.nodes
    .filter(({ op }) => op === 'clock')
    .map((node) =>
      v.store(int(placement.single.get(node)!), v.splat(int(layout.clock), 4 * names.indexOf(node.name))),
    );
}

/** $prepare(record): splats an instance's numbers into the tiles, clears the sums, and aims a feature attack. */
function prepare(plan: ProgramPlan): string {
  const { placement, layout, attack } = plan;
  const { record, units } = layout;
  const copyGate = (from: number, to: number) => v.store(get('to'), v.splat(get('from'), from), to);
  return func(
    'prepare',
    ['record'],
    ['from', 'to', 'until', 'row', 'at'],
    [
      ...copyNumbers(plan),
      ...setClocks(plan),
      ...(attack?.probe ? copyNumbers({ ...plan, placement: attack.probe }) : []),
      attack && !attack.probe ? call('aim', get('record')) : '',
      set('to', int(placement.gates)),
      set('from', get('record')),
      sweep('to', int(placement.gates + units * GATE.size), GATE.size, [
        copyGate(record.floor, GATE.floor),
        copyGate(record.open, GATE.open),
        copyGate(record.scale, GATE.scale),
        advance('from', 4),
      ]),
    ],
  );
}

/** Leaves the loss of the samples since the last time. */
const foldLoss = ({ layout: { loss } }: ProgramPlan): string[] => [
  v.store(int(loss), get('loss')),
  call('fold'),
  set('loss', v.zero),
];

/** Sums in locals begin at 0, also those that no slope reaches. */
const clearSums = (plan: ProgramPlan): string[] => writtenSums(plan).map(({ name }) => set(name, v.zero));

/** $nothing(record, count): forward and backward of a sample in which nothing is active, counted `count` times. */
function nothing(plan: ProgramPlan): string {
  return func('nothing', ['record', 'count'], scalarsOf(plan), [
    ...readKept(plan),
    ...clearSums(plan),
    ...[...inputsOf(plan.placement), ...uniformOf(plan.placement)].flatMap((own) => drawNothing(plan, own)),
    ...noSources(plan),
    ...oneGroup(plan),
    set('times', f32.splat(f32.mul(f32.from(get('count')), f32.const(0.25)))),
    ...scaleSums(plan),
    ...writtenSums(plan).map(({ name, at }) => v.store(int(at), get(name))),
    set('loss', v.mul(get('loss'), get('times'))),
    ...foldLoss(plan),
  ]);
}

/**
 * $groups(record, end): forward and backward of the survivors, four at a time, up to byte `end` of the streams, and
 * of the samples in which nothing is active.
 */
function groups(plan: ProgramPlan, x: Node): string {
  const zeros = i32.sub(int(plan.layout.batch), i32.shr(get('end'), int(2)));
  const group = [...drawGroup(plan, x), ...fetchSources(plan), ...oneGroup(plan), ...returnSources(plan)];
  return func('groups', ['record', 'end'], scalarsOf(plan), [
    ...(batchNode(plan.placement) ? [call('measure', get('record'), get('end'))] : []),
    ...(frequentNodes(plan).length > 0 ? [call('tally', get('record'), get('end'))] : []),
    ...readKept(plan),
    ...clearBeyond(plan),
    set('zeros', zeros),
    ...(plan.placement.sampleWeight === null
      ? [when(get('zeros'), [call('nothing', get('record'), get('zeros'))])]
      : []), // lanes to spare count for nothing
    ...clearSums(plan),
    when(get('end'), [overGroups(group, foldLoss(plan))]),
    ...writtenSums(plan).map(({ name, at }) => v.store(int(at), v.add(v.load(int(at)), get(name)))),
    ...(plan.layout.sourceWidth > 0 ? [call('idle', get('record'))] : []),
    call('collect'),
    ...each(plan.placement.program.still.length, (k) => call(`misfit${k}`, get('record'))),
  ]);
}

/** $bias(record, zeros) → loss of all samples. */
function bias({ layout }: ProgramPlan): string {
  const value = f32.mul(f32.narrow(d.sum(get('sum'))), f32.const(0.5));
  return func('bias', ['record', 'zeros:f32'], [], [set('sum', v.load(int(layout.total)))], {
    type: 'f32',
    value,
  });
}

/** What moves the samples in adversarial training. */
function attackFunctions(plan: ProgramPlan): string[] {
  if (!plan.attack) return [];
  const { probe } = plan.attack;
  if (!probe) return attack.functions(plan.attack, [], []);
  const probed = { ...plan, placement: probe };
  return attack.functions(plan.attack, oneGroup(probed), scalarsOf(probed));
}

/** The kernel's functions. */
export function functions(plan: ProgramPlan): string[] {
  const x = inputOf(plan.placement)!;
  const drawn = spaceOf(plan.placement, x).written ? [] : [sample(plan, x)];
  const chosen = batchNode(plan.placement);
  const measured = chosen ? [measure(plan, chosen)] : [];
  const frequent = frequentNodes(plan);
  const tallied = frequent.length > 0 ? [tally(plan, frequent)] : [];
  const kept = plan.layout.sourceWidth > 0 ? [idle(plan)] : [];
  const moved = attackFunctions(plan);
  const parts = [
    collect(plan),
    ...misfits(plan),
    ...measured,
    ...tallied,
    ...kept,
    nothing(plan),
    groups(plan, x),
    bias(plan),
  ];
  return [prepare(plan), ...drawn, ...moved, ...parts];
}
