/**
 * What both kernels share: one step of one instance, its bias gradient and all-zero samples, the optimiser,
 * and the loop over instances and steps.
 */
import type { Family, OptimizerName } from '../family.ts';
import { LEAST_LENGTH } from '../optimizer.ts';
import { NOISE_DRAWS, NOISE_SAMPLE, SAMPLE_ROUNDS, sampleWord, WORDS } from '../random.ts';
import { HYPER, type Layout, type Place, STEP } from './layout.ts';
import { scalarRound, stepKey } from './sampling.ts';
import {
  advance,
  call,
  d,
  f32,
  func,
  get,
  i32,
  int,
  repeat,
  set,
  shuffle,
  sumLanes,
  sweep,
  v,
  when,
} from './wat.ts';

/** Samples whose loss is summed in float32. */
const FLOAT_SAMPLES = 1024;

/** $fold(): adds the lanes of the last samples' loss to the total. */
export function fold({ loss, total }: Layout): string {
  const high = shuffle([2, 3, 2, 3], get('loss'), get('loss'));
  return func(
    'fold',
    [],
    [],
    [
      set('loss', v.load(int(loss))),
      v.store(int(total), d.add(v.load(int(total)), d.add(d.low(get('loss')), d.low(high)))),
      v.store(int(loss), v.zero),
    ],
  );
}

/**
 * Runs `group` for every four samples from byte `group` up to byte `end` of the streams, at least once, and
 * `folded` after every FLOAT_SAMPLES of them and after the last. Its locals are group and until.
 */
export function overGroups(group: string[], folded: string[]): string {
  const chunk = [
    set('until', i32.add(get('group'), int(4 * FLOAT_SAMPLES))),
    when(i32.lt(get('end'), get('until')), [set('until', get('end'))]),
    sweep('group', get('until'), 16, group),
    ...folded,
  ];
  return repeat(chunk, i32.lt(get('group'), get('end')));
}

/**
 * $bias(record, zeros): sums the lanes of the bias gradient and adds the `zeros` samples in which nothing is
 * active. Those have h = f(0) = 0 and x'_j = g(bj), so each adds I_j g(bj)² to the loss and only b has a
 * gradient. Returns the loss of all samples.
 */
export function bias(family: Family, layout: Layout, own: { sum: string[]; value: string }): string {
  const { record, gradient, total, b, features } = layout;
  const bj = f32.load(get('record'), record.weights + 4 * b);
  const output = family.outputActivation === 'relu' ? f32.max(bj, f32.const(0)) : bj;
  const feature = [
    set('output', output),
    set('pull', f32.mul(f32.mul(get('zeros'), f32.load(get('record'), record.importance)), get('output'))),
    set('twice', f32.add(get('twice'), f32.mul(get('pull'), get('output')))),
    ...own.sum,
    f32.store(get('to'), f32.add(own.value, get('pull')), gradient + 4 * b),
    advance('record', 4),
  ];
  return func(
    'bias',
    ['record', 'zeros:f32'],
    ['to', 'output:f32', 'pull:f32', 'twice:f32'],
    [
      set('sum', v.load(int(total))),
      set('twice', f32.narrow(d.sum(get('sum')))),
      sweep('to', int(4 * features), 4, feature),
    ],
    { type: 'f32', value: f32.mul(get('twice'), f32.const(0.5)) },
  );
}

/** $draw(record, step) → number of samples of that step that are not all zero; their streams wait for $sample. */
export function draw(layout: Layout): string {
  return func(
    'draw',
    ['record', 'step'],
    ['a', 'b', 'mixed'],
    [i32.store(int(layout.word), get('step')), ...stepKey(layout), call('prepare', get('record'))],
    { type: 'i32', value: call('survivors', get('record'), get('a'), get('b')) },
  );
}

/** $step(record, step) → loss of the batch at the present weights; leaves the gradient. */
export function step(layout: Layout): string {
  const zeros = f32.from(i32.sub(int(layout.batch), i32.shl(get('groups'), int(2))));
  return func(
    'step',
    ['record', 'step'],
    ['groups'],
    [
      set('groups', call('draw', get('record'), get('step'))),
      set('groups', i32.shr(i32.add(get('groups'), int(3)), int(2))),
      v.store(int(layout.loss), v.zero),
      v.store(int(layout.total), v.zero),
      call('groups', get('record'), i32.shl(get('groups'), int(4))),
    ],
    { type: 'f32', value: call('bias', get('record'), zeros) },
  );
}

const hyperparameter = ({ hyper }: Layout, offset: number) => v.splat(int(hyper), offset);
const fromRecord = (offset: number) => v.load(get('record'), offset);
const keep = (name: string, offset: number) => v.store(get('record'), get(name), offset);

/** Goes along the row of `columns` weights at address row, each in turn in local weight. */
function alongRow({ record }: Layout, columns: number, body: string[]): string {
  return [
    set('at', get('row')),
    sweep('at', i32.add(get('row'), int(4 * columns)), 4, [
      set('weight', f32.load(get('at'), record.weights)),
      ...body,
    ]),
  ].join('\n');
}

/** $pull(owner, entry): moves the rows of the trained matrices towards length 1, by optimizer.ts. */
export function pull(layout: Layout): string {
  const { places, record } = layout;
  const rowLength = f32.add(f32.sqrt(get('sum')), f32.const(LEAST_LENGTH));
  const away = f32.sub(f32.const(1), f32.div(f32.const(1), rowLength));
  const scaled = f32.mul(get('weight'), get('factor'));
  const body = places.flatMap(({ at, rows, columns, stride, trained, isMatrix }, t) => {
    if (!trained || !isMatrix) return [];
    const rate = f32.mul(f32.load(get('owner'), record.rate + 4 * t), f32.load(get('entry'), STEP.rate));
    const oneRow = [
      set('sum', f32.const(0)),
      alongRow(layout, columns, [set('sum', f32.add(get('sum'), f32.mul(get('weight'), get('weight'))))]),
      set('factor', f32.sub(f32.const(1), f32.mul(get('strength'), away))),
      alongRow(layout, columns, [f32.store(get('at'), scaled, record.weights)]),
    ];
    return [
      set('strength', f32.mul(rate, f32.load(get('owner'), record.pull))),
      set('row', i32.add(get('owner'), int(4 * at))),
      sweep('row', i32.add(get('owner'), int(4 * (at + rows * stride))), 4 * stride, oneRow),
    ];
  });
  const scalars = ['row', 'at', 'sum:f32', 'weight:f32', 'factor:f32', 'strength:f32'];
  return func('pull', ['owner', 'entry'], scalars, body);
}

/** Weight decay of local weight: decoupled for AdamW, else part of the gradient, local g. */
function decay(optimizer: OptimizerName): string {
  return optimizer === 'adamw'
    ? set('weight', v.mul(get('weight'), get('keep')))
    : set('g', v.add(get('g'), v.mul(get('decay'), get('weight'))));
}

/** Momentum in local first, and the step of local weight. */
function sgdStep(layout: Layout): string[] {
  const momentum = hyperparameter(layout, HYPER.momentum);
  return [
    set('first', v.add(v.mul(momentum, fromRecord(layout.record.first)), get('g'))),
    set('weight', v.sub(get('weight'), v.mul(get('rate'), get('first')))),
  ];
}

/** The moments, locals first and second, and the step of local weight. */
function adamStep(layout: Layout): string[] {
  const { record } = layout;
  const constant = (offset: number) => hyperparameter(layout, offset);
  const tiny = v.all(1e-30); // added and taken away, it rounds to 0 what would decay into slow subnormals
  return [
    set(
      'first',
      v.add(v.mul(constant(HYPER.beta1), fromRecord(record.first)), v.mul(constant(HYPER.rest1), get('g'))),
    ),
    set('first', v.sub(v.add(get('first'), tiny), tiny)),
    set('second', v.mul(constant(HYPER.rest2), v.mul(get('g'), get('g')))),
    set('second', v.add(v.mul(constant(HYPER.beta2), fromRecord(record.second)), get('second'))),
    keep('second', record.second),
    set('g', v.add(v.mul(v.sqrt(get('second')), get('correct2')), constant(HYPER.epsilon))),
    set('weight', v.sub(get('weight'), v.div(v.mul(get('rate1'), get('first')), get('g')))),
  ];
}

/** Langevin's step of local weight, by optimizer.ts: w − ε/2 (nβ g + γ (w − w*)) + √ε noise. */
function langevinStep({ record, langevin }: Layout): string[] {
  const own = (offset: number) => v.splat(get('owner'), record.langevin + offset);
  const pull = v.mul(own(4), v.sub(get('weight'), fromRecord(record.first)));
  return [
    set('g', v.add(v.mul(own(0), get('g')), pull)),
    set('weight', v.sub(get('weight'), v.mul(v.mul(v.all(0.5), get('rate')), get('g')))),
    set('weight', v.add(get('weight'), v.mul(v.sqrt(get('rate')), v.load(get('from'), langevin)))),
  ];
}

/** $noise(record, step): the noise of an update, weight after weight as the reference draws it. */
export function noise(layout: Layout): string {
  const sum = [
    set('sum', int(-2 * WORDS)),
    ...Array(NOISE_DRAWS).fill([...scalarRound(), set('sum', i32.add(get('sum'), get('b')))].join('\n')),
  ];
  const value = f32.mul(f32.from(get('sum')), f32.const(Math.sqrt(3) / WORDS));
  const one = [...sum, f32.store(get('to'), value, layout.langevin)];
  const tensors = layout.places.filter(({ trained }) => trained);
  const body = tensors.flatMap(({ at, rows, columns, stride }) => [
    set('row', int(4 * at)),
    sweep('row', int(4 * (at + rows * stride)), 4 * stride, [
      set('to', get('row')),
      set('end', i32.add(get('row'), int(4 * columns))),
      sweep('to', get('end'), 4, one),
    ]),
  ]);
  const start = [
    ...stepKey(layout),
    set('b', i32.xor(get('b'), int(sampleWord(NOISE_SAMPLE)))),
    ...Array(SAMPLE_ROUNDS - 1).fill(scalarRound().join('\n')),
  ];
  return func(
    'noise',
    ['record', 'step'],
    ['a', 'b', 'mixed', 'sum', 'row', 'to', 'end'],
    [...start, ...body],
  );
}

/** Locals decay, rate, rate1, correct2 and keep: the coefficients of one step of tensor t of the instance at `owner`. */
function stepRates({ record }: Layout, t: number): string[] {
  return [
    set('decay', v.splat(get('owner'), record.decay + 4 * t)),
    set('rate', v.mul(v.splat(get('owner'), record.rate + 4 * t), v.splat(get('entry'), STEP.rate))),
    set('rate1', v.mul(get('rate'), v.splat(get('entry'), STEP.correct1))),
    set('correct2', v.splat(get('entry'), STEP.correct2)),
    set('keep', v.sub(v.all(1), v.mul(get('rate'), get('decay')))),
  ];
}

/** Runs of neighbouring trained tensors, from float to float; `apart` keeps every tensor by itself. */
function runsOf(
  { places, weights }: Layout,
  apart: boolean,
  taken: (place: Place) => boolean = () => true,
): { from: number; to: number; tensor: number }[] {
  const runs: { from: number; to: number; tensor: number }[] = [];
  places.forEach((place, tensor) => {
    const { at, trained } = place;
    const to = places[tensor + 1]?.at ?? weights;
    const last = runs[runs.length - 1];
    if (!trained || !taken(place)) return;
    if (last?.to === at && !apart) last.to = to;
    else runs.push({ from: at, to, tensor });
  });
  return runs;
}

/** Scales the gradient of the tensors that are clipped together. */
function clipSet(layout: Layout, limit: number, name: string): string[] {
  const { gradient } = layout;
  const overTrained = (body: string[]) =>
    runsOf(layout, false, (place) => place.clip === name).flatMap(({ from, to }) => [
      set('at', int(4 * from)),
      sweep('at', int(4 * to), 16, body),
    ]);
  const norm = `(f32.sqrt ${v.lane(0, get('sum'))})`;
  const wanted = f32.div(f32.const(limit), f32.add(norm, f32.const(1e-6)));
  return [
    set('sum', v.zero),
    ...overTrained([
      set('g', v.load(get('at'), gradient)),
      set('sum', v.add(get('sum'), v.mul(get('g'), get('g')))),
    ]),
    ...sumLanes('sum'),
    set('factor', f32.splat(f32.min(f32.const(1), wanted))),
    ...overTrained([v.store(get('at'), v.mul(v.load(get('at'), gradient), get('factor')), gradient)]),
  ];
}

/** $clip(): scales the gradient so that its norm over the trained tensors, or over each set of them, is at most `limit`. */
export function clip(layout: Layout, limit: number): string {
  const names = new Set(layout.places.filter(({ trained }) => trained).map((place) => place.clip));
  return func(
    'clip',
    [],
    ['at'],
    [...names].flatMap((name) => clipSet(layout, limit, name)),
  );
}

/** The step of local weight from local g, and the moments that it leaves. */
function moveOf(optimizer: OptimizerName, layout: Layout): string[] {
  if (optimizer === 'sgld') return langevinStep(layout);
  return [...(optimizer === 'sgd' ? sgdStep(layout) : adamStep(layout)), keep('first', layout.record.first)];
}

/**
 * $update(record, entry): one optimiser step by optimizer.ts; `entry` is the step's row of coefficients. `apart`: the
 * tensors of an instance have rates of their own.
 */
export function update(layout: Layout, optimizer: OptimizerName, apart: boolean): string {
  const { record, gradient } = layout;
  const four = [
    set('g', v.load(get('from'), gradient)),
    set('weight', fromRecord(record.weights)),
    decay(optimizer),
    ...moveOf(optimizer, layout),
    keep('weight', record.weights),
    advance('record', 16),
  ];
  const body = runsOf(layout, apart).flatMap(({ from, to, tensor }) => [
    ...stepRates(layout, tensor),
    set('from', int(4 * from)),
    set('record', i32.add(get('owner'), int(4 * from))),
    sweep('from', int(4 * to), 16, four),
  ]);
  return func('update', ['owner', 'entry'], ['from', 'record'], body);
}

/** Statements that take on the clocks of a step. */
const copyClocks = ({ clock, entry, table }: Layout): string[] =>
  Array.from({ length: (entry - STEP.clocks) / 16 }, (_, k) =>
    v.store(int(clock), v.load(get('entry'), table + STEP.clocks + 16 * k), 16 * k),
  );

/**
 * $train(instances, steps, step, word, losses): `steps` updates of every instance from step number `step`;
 * `word` is the generator's number of that step. The loss of instance i goes to losses + 4 (slot · instances + i)
 * if its step has a slot. A loss that is not finite ends the instance before its update.
 */
export function train(layout: Layout, does: { clip: boolean; noise: boolean; pull: boolean }): string {
  const { record, table, records } = layout;
  const slot = i32.load(get('entry'), table + STEP.slot);
  const finite = f32.lt(f32.abs(get('loss')), '(f32.const inf)');
  const place = i32.add(get('losses'), i32.shl(i32.add(i32.mul(slot, get('instances')), get('i')), int(2)));
  const oneStep = [
    ...copyClocks(layout),
    layout.shape === 'program' ? f32.store(int(layout.rise), f32.load(get('entry'), table + STEP.rise)) : '',
    set('loss', call('step', get('record'), i32.add(get('word'), get('s')))),
    `(if ${finite} (then
      ${when(i32.ge(slot, int(0)), [f32.store(place, get('loss'))])}
      ${does.clip ? call('clip') : ''}
      ${does.noise ? call('noise', get('record'), i32.add(get('word'), get('s'))) : ''}
      ${does.pull ? call('pull', get('record'), i32.add(get('entry'), int(table))) : ''}
      ${call('update', get('record'), i32.add(get('entry'), int(table)))}
    ) (else
      ${i32.store(get('record'), i32.add(get('step'), get('s')), record.diverged)}
      ${set('s', get('steps'))}
    ))`,
    advance('entry', layout.entry),
  ];
  const instance = [
    set('s', int(0)),
    set('entry', int(0)),
    when(i32.negative(i32.load(get('record'), record.diverged)), [sweep('s', get('steps'), 1, oneStep)]),
    advance('record', record.size),
  ];
  return func(
    'train',
    ['instances', 'steps', 'step', 'word', 'losses'],
    ['i', 's', 'record', 'entry', 'loss:f32'],
    [set('record', int(records)), sweep('i', get('instances'), 1, instance)],
  );
}
