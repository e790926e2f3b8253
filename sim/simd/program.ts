/**
 * The kernel of any program: four samples in lanes throughout. Loops go over rows (program/schedule.ts); vectors of few
 * entries are written out in locals, longer ones stand in tiles (placement.ts) and a matrix with long rows is worked off a
 * few of its columns at a time, over the rows that have something to give. A sample in which nothing is active is run
 * once a step and counted.
 */
import type { Family } from '../family.ts';
import { unitsOf } from '../features.ts';
import { isLoss, isSummed, type Node } from '../program/ops.ts';
import type { Loop } from '../program/schedule.ts';
import { forVectors } from './active.ts';
import type { AttackPlan } from './attack.ts';
import * as attack from './attack.ts';
import type { Layout } from './layout.ts';
import {
  backwardRow,
  baseOf,
  clearSlope,
  forwardRow,
  type Group,
  leastName,
  listEnd,
  lossScale,
  type Row,
  read,
  rowOf,
  SHORT,
  sumName,
  sumSlopes,
  valueName,
} from './operations.ts';
import {
  GATE,
  isApart,
  isFused,
  isWide,
  isWritten,
  loopSpace,
  type Placement,
  type Space,
  type Spot,
  spaceOf,
} from './placement.ts';
import { drawUnit, drawUnits, startSamples } from './sampling.ts';
import { overGroups } from './steps.ts';
import {
  advance,
  call,
  d,
  each,
  f32,
  func,
  get,
  i32,
  int,
  repeat,
  set,
  sumLanes,
  sweep,
  v,
  w,
  when,
} from './wat.ts';

/** Vectors that a pass over rows keeps in locals: sums alone, and sums beside factors. */
const PASS = { sums: 7, both: 5 };

/** What the kernel is generated for. */
export interface ProgramPlan {
  family: Family;
  layout: Layout;
  placement: Placement;
  warmsUp: boolean; // λ rises over the first steps
  attack: AttackPlan | null; // in adversarial training
}

/** Statements for all rows of a space, by pointers tile and sums. */
function sweepRows({ tiles, sums, size, length }: Space, body: string[]): string[] {
  if (body.length === 0) return [];
  return [
    set('tile', int(tiles)),
    set('sums', int(sums)),
    sweep('tile', int(tiles + size * length), size, [...body, advance('sums', size)]),
  ];
}

/** Statements for the rows on a node's list. */
function sweepList({ placement }: Group, node: Node, body: string[]): string[] {
  const { tiles, sums } = spaceOf(placement, node);
  const end = listEnd(placement, node);
  const row = [
    set('tile', i32.load(get('at'), placement.lists.get(node)!)),
    set('sums', i32.add(get('tile'), int(sums - tiles))),
  ];
  return [set('at', int(0)), when(get(end), [sweep('at', get(end), 4, [...row, ...body])])];
}

/** Statements for the rows of a loop, or those on the list of one of its nodes: written out or repeated. */
function overRows(group: Group, loop: Loop, list: Node | null, make: (row: Row) => string[]): string[] {
  const space = loopSpace(group.placement, loop);
  if (space.written) return each(space.length, (i) => make(rowOf(group, loop, i))).flat();
  const row = rowOf(group, loop, null, list === null);
  const body = make(row);
  return [...row.before, ...(list ? sweepList(group, list, body) : sweepRows(space, body))];
}

/** The list of a node, if it has one. */
const listOf = ({ placement }: Group, node: Node): Node | null => (placement.lists.has(node) ? node : null);

/** Where the slope of a node stands in memory; of a tensor that is its gradient. */
const slopeSpot = ({ slope, value }: Placement, node: Node): Spot =>
  isSummed(node) ? { side: 'sums', at: value.get(node)!.at } : slope.get(node)!;

/** Where vector k (bytes in local k) of a long vector stands: local own, and the bytes from there to vector t. */
function columnsOf(
  { placement }: Group,
  node: Node,
): { own: string; step: number; spot: (slope: boolean) => number } {
  const { tiles, sums, size } = spaceOf(placement, node);
  const base = (side: 'tile' | 'sums') => (side === 'tile' ? 0 : sums - tiles);
  const spot = (slope: boolean) => {
    const { side, at } = slope ? slopeSpot(placement, node) : placement.value.get(node)!;
    return base(side) + at;
  };
  return {
    own: set('own', i32.add(int(tiles), i32.mul(i32.shr(get('k'), int(4)), int(size)))),
    step: size,
    spot,
  };
}

/** Runs `pass` over the columns of a product, at most `most` at a time, with pointers own and row. */
function overColumns(
  group: Group,
  node: Node,
  long: Node,
  most: number,
  pass: (vectors: number[]) => string[],
): string[] {
  const { own } = columnsOf(group, long);
  return forVectors('k', node.args[0].shape[1], most, (vectors) => [own, ...pass(vectors)]);
}

/** Entry t of the present columns of a row of a tensor: its weight, or its sum. */
function entry(row: Row, tensor: Node, side: 'tile' | 'sums', t: number): [base: string, at: number] {
  const { at } = row.group.placement.value.get(tensor)!;
  return [i32.add(baseOf(row, tensor, side), get('k')), at + 16 * t];
}

/** y_j = Σ_k W_jk h_k, a few columns at a time. */
function wideDot(group: Group, loop: Loop, node: Node): string[] {
  const [W, h] = node.args;
  const { step, spot } = columnsOf(group, h);
  const from = spot(false);
  const start = overRows(group, loop, null, (row) => [storeValue(row, node, v.zero)]);
  const passes = overColumns(group, node, h, PASS.sums, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.load(get('own'), from + t * step))),
    ...overRows(group, loop, null, (row) => {
      const terms = vectors.map((t) => v.mul(get(`t${t}`), v.load(...entry(row, W, 'tile', t))));
      return [
        storeValue(
          row,
          node,
          terms.reduce((a, b) => v.add(a, b), loadValue(row, node)),
        ),
      ];
    }),
  ]);
  return [...start, ...passes];
}

/** A value of this row that stands in memory, or in the local of a row written out. */
function loadValue(row: Row, node: Node): string {
  return read({ ...row, known: new Set() }, node);
}

function storeValue(row: Row, node: Node, value: string): string {
  if (row.index !== null) return set(valueName(row.group, node, row.index), value);
  const { side, at } = row.group.placement.value.get(node)!;
  return v.store(get(side), value, at);
}

/** h_k = Σ_i W_ik x_i, a few columns at a time, over the rows that are not 0. */
function wideSum(group: Group, loop: Loop, node: Node): string[] {
  const [W, x] = node.args;
  const { step, spot } = columnsOf(group, node);
  const to = spot(false);
  return overColumns(group, node, node, PASS.sums, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.zero)),
    ...overRows(group, loop, listOf(group, x), (row) => [
      set('value', loadValue(row, x)),
      ...vectors.map((t) =>
        set(`t${t}`, v.add(get(`t${t}`), v.mul(get('value'), v.load(...entry(row, W, 'tile', t))))),
      ),
    ]),
    ...vectors.map((t) => v.store(get('own'), get(`t${t}`), to + t * step)),
  ]);
}

const addEntry = (row: Row, tensor: Node, t: number, value: string): string => {
  const [base, at] = entry(row, tensor, 'sums', t);
  return v.store(base, v.add(v.load(base, at), value), at);
};

/** Slope of a row: in memory, or in the local of a row written out. */
function loadSlope(row: Row, node: Node): string {
  if (row.index !== null) return get(`d${valueName(row.group, node, row.index)}`);
  const { side, at } = slopeSpot(row.group.placement, node);
  return v.load(get(side), at);
}

/** dW_jk += dy_j h_k and dh_k += dy_j W_jk, a few columns at a time, over the rows that have a slope. */
function wideDotSlopes(group: Group, loop: Loop, node: Node): string[] {
  const [W, h] = node.args;
  const { step, spot } = columnsOf(group, h);
  const isBegun = group.begun.has(h) || isSummed(h);
  const given = group.placement.moving.has(h);
  const passes = overColumns(group, node, h, PASS.both, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.load(get('own'), spot(false) + t * step))),
    ...(given
      ? vectors.map((t) => set(`s${t}`, isBegun ? v.load(get('own'), spot(true) + t * step) : v.zero))
      : []),
    ...overRows(group, loop, listOf(group, node), (row) => [
      set('value', loadSlope(row, node)),
      ...vectors.flatMap((t) => [
        given
          ? set(`s${t}`, v.add(get(`s${t}`), v.mul(get('value'), v.load(...entry(row, W, 'tile', t)))))
          : '',
        W.trained ? addEntry(row, W, t, v.mul(get('value'), get(`t${t}`))) : '',
      ]),
    ]),
    ...(given ? vectors.map((t) => v.store(get('own'), get(`s${t}`), spot(true) + t * step)) : []),
  ]);
  if (given) group.begun.add(h);
  return passes;
}

/** dW_ik += x_i dh_k and dx_i += Σ_k W_ik dh_k, a few columns at a time, over the rows that are not 0. */
function wideSumSlopes(group: Group, loop: Loop, node: Node): string[] {
  const { moving } = group.placement;
  const [W, x] = node.args;
  const { step, spot } = columnsOf(group, node);
  const back = moving.has(x);
  const start = back ? startSlope(group, loop, x) : [];
  const passes = overColumns(group, node, node, PASS.sums, (vectors) => [
    ...vectors.map((t) => set(`t${t}`, v.load(get('own'), spot(true) + t * step))),
    ...overRows(group, loop, listOf(group, x), (row) => [
      set('value', loadValue(row, x)),
      ...(W.trained ? vectors.map((t) => addEntry(row, W, t, v.mul(get('value'), get(`t${t}`)))) : []),
      ...(back
        ? [
            backTo(
              row,
              x,
              vectors.map((t) => v.mul(get(`t${t}`), v.load(...entry(row, W, 'tile', t)))),
            ),
          ]
        : []),
    ]),
  ]);
  return [...start, ...passes];
}

/** Makes sure that a slope is 0 before passes add to it. */
function startSlope(group: Group, loop: Loop, node: Node): string[] {
  const space = loopSpace(group.placement, loop);
  const names = each(space.length, (i) => `d${valueName(group, node, i)}`);
  if (space.written) {
    const fresh = names.filter((name) => !group.begun.has(name));
    for (const name of fresh) group.begun.add(name);
    return fresh.map((name) => set(name, v.zero));
  }
  if (group.begun.has(node) || isSummed(node)) return [];
  group.begun.add(node);
  return clearSlope(group, node);
}

/** Adds terms to a slope of this row. */
function backTo(row: Row, node: Node, terms: string[]): string {
  const sum = terms.reduce((a, b) => v.add(a, b), loadSlope(row, node));
  if (row.index !== null) return set(`d${valueName(row.group, node, row.index)}`, sum);
  const { side, at } = slopeSpot(row.group.placement, node);
  return v.store(get(side), sum, at);
}

/** The parts of a loop: wide products, what runs row by row, and sums over rows that run for themselves. */
function partsOf({ placement }: Group, { nodes }: Loop) {
  const wide = nodes.filter((node) => node.op === 'mat' && isWide(placement, node));
  const apart = nodes.filter((node) => isApart(placement, node));
  return { wide, apart, body: nodes.filter((node) => !wide.includes(node) && !apart.includes(node)) };
}

/** Locals of sums over rows that a loop adds to must be 0 before it. */
function startSums(group: Group, loop: Loop, nodes: Node[]): string[] {
  if (loopSpace(group.placement, loop).written) return [];
  const sums = nodes.filter(({ op }) => op === 'matT');
  return sums.flatMap((node) => each(node.size, (k) => set(valueName(group, node, k), v.zero)));
}

/** A sum over rows that runs for itself. */
function forwardApart(group: Group, loop: Loop, node: Node): string[] {
  if (isWide(group.placement, node)) return wideSum(group, loop, node);
  const rows = overRows(group, loop, node.args[1], (row) => [
    set('value', read(row, node.args[1])),
    ...each(node.size, (k) => {
      const name = valueName(group, node, k);
      return set(name, v.add(get(name), v.mul(read(row, node.args[0], k), get('value'))));
    }),
  ]);
  return [...startSums(group, loop, [node]), ...rows];
}

/** A loop forward, or both ways at once when nothing behind it needs what it computes. */
function forwardLoop(group: Group, loop: Loop): string[] {
  const { wide, apart, body } = partsOf(group, loop);
  const fused = isFused(group.placement, loop);
  const cleared = [...loop.nodes].filter((node) => group.placement.lists.has(node));
  const rows = overRows(group, loop, null, (row) => [
    ...body.flatMap((node) => forwardRow(row, node)),
    ...(fused ? [...wide, ...body].reverse().flatMap((node) => backwardRow(row, node, true)) : []),
  ]);
  return [
    ...cleared.map((node) => set(listEnd(group.placement, node), int(0))),
    ...loop.nodes.flatMap((node) => findLeast(group, loop, node)),
    ...wide.flatMap((node) => wideDot(group, loop, node)),
    ...startSums(group, loop, body),
    ...rows,
    ...apart.flatMap((node) => forwardApart(group, loop, node)),
    ...(fused ? wide.flatMap((node) => wideSlopes(group, loop, node)) : []),
  ];
}

/**
 * Sets the least number that a node keeps: of largest, the k-th of its sample, found by taking the next smaller one
 * k times; of largest-of-batch, what $measure has left.
 */
function findLeast(group: Group, loop: Loop, node: Node): string[] {
  const least = leastName(group, node);
  if (node.op === 'largest-of-batch') return [set(least, v.load(int(group.placement.least.get(node)!)))];
  if (node.op !== 'largest') return [];
  const [a] = node.args;
  const next = overRows(group, loop, null, (row) => [
    set('value', read(row, a)),
    set('next', v.pmax(get('next'), w.and(get('value'), v.gt(get(least), get('value'))))),
  ]);
  return [
    set(least, v.all(3e38)),
    set('left', get('active')),
    repeat(
      [set('next', v.zero), ...next, set(least, get('next')), set('left', i32.sub(get('left'), int(1)))],
      get('left'),
    ),
  ];
}

const wideSlopes = (group: Group, loop: Loop, node: Node): string[] =>
  group.placement.moving.has(node) ? wideDotSlopes(group, loop, node) : [];

/**
 * The node outside of whose list a loop has nothing to hand back: a ReLU that all its other nodes lead to or come
 * after.
 */
function gateOf({ placement }: Group, { nodes }: Loop, apart: Node[]): Node | null {
  const { moving, schedule, lists } = placement;
  const gates = new Set(
    apart.map((node) => node.args[1]).filter((node) => moving.has(node) && lists.has(node)),
  );
  if (gates.size !== 1) return null;
  const [gate] = gates;
  const leads = new Set<Node>([gate]);
  const isBehind = (node: Node) => isLoss(node) && node.args[0] === gate;
  for (const node of [...nodes].reverse()) {
    if (schedule.users.get(node)!.every((user) => leads.has(user)) && !isLoss(node)) leads.add(node);
  }
  const own = nodes.filter((node) => moving.has(node) && node.op !== 'matT');
  const rest = nodes.filter((node) => node.op === 'matT' && moving.has(node) && !apart.includes(node));
  return rest.length === 0 && own.every((node) => leads.has(node) || isBehind(node)) ? gate : null;
}

/** Slopes of a sum over rows that runs for itself. */
function backwardApart(group: Group, loop: Loop, node: Node): string[] {
  if (!group.placement.moving.has(node)) return [];
  if (isWide(group.placement, node)) return wideSumSlopes(group, loop, node);
  const apart: Loop = { rows: loop.rows, nodes: [] }; // its slopes wait in memory for the loop's own rows
  return overRows(group, loop, node.args[1], (row) => sumSlopes({ ...row, loop: apart }, node));
}

/** A loop backward. */
function backwardLoop(group: Group, loop: Loop): string[] {
  const { wide, apart, body } = partsOf(group, loop);
  const gate = gateOf(group, loop, apart);
  const joined = apart.filter((node) => gate && !isWide(group.placement, node)); // in the same sweep of the gate's list
  const alone = apart.filter((node) => !joined.includes(node));
  const order = [...wide, ...body, ...joined].reverse();
  return [
    ...alone.flatMap((node) => backwardApart(group, loop, node)),
    ...overRows(group, loop, gate, (row) => order.flatMap((node) => backwardRow(row, node, false))),
    ...wide.flatMap((node) => wideSlopes(group, loop, node)),
  ];
}

/** Statements of one group of four samples, forward and backward. */
function oneGroup({ placement, layout }: ProgramPlan): string[] {
  const group: Group = { placement, batch: layout.batch, begun: new Set() };
  const { loops } = placement.schedule;
  const back = loops.filter(
    (loop) => !isFused(placement, loop) && loop.nodes.some((node) => placement.moving.has(node)),
  );
  return [
    ...loops.flatMap((loop) => forwardLoop(group, loop)),
    ...back.reverse().flatMap((loop) => backwardLoop(group, loop)),
  ];
}

/** Longest row of a tensor whose entries are written out where it is copied. */
const COPIED = 8;

/**
 * Runs `vector` for every vector of a tensor: bytes `at` from i32 local to (its tile) and 4 · index from local from,
 * which is 0 at its first.
 */
function overTensor(placement: Placement, tensor: Node, vector: (offset: number) => string[]): string[] {
  const { tiles, size, length } = spaceOf(placement, tensor);
  const { at } = placement.value.get(tensor)!;
  const columns = tensor.size / length;
  const first = tiles + at;
  const rows = (body: string[], step: number) => [
    set('to', int(first)),
    set('from', int(0)),
    sweep('to', int(first + size * length), step, body),
  ];
  if (columns <= COPIED)
    return rows([...each(columns, (k) => vector(k)).flat(), advance('from', 4 * columns)], size);
  return rows(
    [
      set('until', i32.add(get('from'), int(4 * columns))),
      sweep('from', get('until'), 4, [...vector(0), advance('to', 16)]),
    ],
    size - 16 * columns,
  );
}

/** Float at which a tensor stands among the weights. */
const floatOf = ({ layout }: ProgramPlan, { name }: Node): number =>
  layout.places.find((place) => place.name === name)!.at;

const tensorsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'param');

/** What slopes are summed over samples: of tensors, and of what is made of them alone. */
const summedOf = ({ program }: Placement): Node[] => program.nodes.filter(isSummed);

/** Weights of a loss node's column, scaled; other columns as they are. */
function copyColumns(plan: ProgramPlan): string[] {
  const { placement, layout } = plan;
  const copies = placement.program.nodes.flatMap((node) => {
    const column = isLoss(node) ? node.args[1] : node;
    if (column?.op !== 'column') return [];
    const from = layout.record.columns.find(({ name }) => name === column.name)!.at;
    const scale = (value: string) => (isLoss(node) ? v.mul(value, v.all(lossScale(layout, node))) : value);
    const rises = plan.warmsUp && column.name === 'sparsity';
    const scaled = (value: string) => scale(rises ? v.mul(value, v.splat(int(layout.rise))) : value);
    const single = placement.single.get(node);
    if (single !== undefined) return [v.store(int(single), scaled(v.splat(get('record'), from)))];
    const spot = placement.value.get(node);
    if (!spot) return [];
    const { tiles, sums, size, length } = spaceOf(placement, node);
    const first = (spot.side === 'tile' ? tiles : sums) + spot.at;
    return [
      set('to', int(first)),
      set('from', get('record')),
      sweep('to', int(first + size * length), size, [
        v.store(get('to'), scaled(v.splat(get('from'), from))),
        advance('from', 4),
      ]),
    ];
  });
  return copies;
}

const normsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'norms');

/** Statements for the rows of a matrix, `row` at its tile; the body runs `entry` for each column, at local at. */
function overMatrix(
  placement: Placement,
  W: Node,
  before: string[],
  entry: string[],
  after: string[],
): string[] {
  const { tiles, size, length } = spaceOf(placement, W);
  const first = placement.value.get(W)!.at;
  return [
    set('row', int(tiles)),
    sweep('row', int(tiles + size * length), size, [
      ...before,
      set('at', i32.add(get('row'), int(first))),
      set('until', i32.add(get('at'), int(16 * W.shape[1]))),
      sweep('at', get('until'), 16, entry),
      ...after,
    ]),
  ];
}

/** ‖W_j‖ of every row, and its sum of slopes cleared. */
function setNorms(placement: Placement, node: Node): string[] {
  const [W] = node.args;
  const { tiles, sums } = spaceOf(placement, W);
  const { at } = placement.value.get(node)!;
  const square = set('sum', v.add(get('sum'), v.mul(v.load(get('at')), v.load(get('at')))));
  return overMatrix(placement, W, [set('sum', v.zero)], [square], [
    v.store(get('row'), v.sqrt(get('sum')), at),
    v.store(get('row'), v.zero, sums - tiles + at),
  ]); // biome-ignore format: as one picture
}

/** Hands the slopes of ‖W_j‖ on to the sums of W: W_jk / ‖W_j‖ times them. */
function spreadNorms(placement: Placement, node: Node): string[] {
  const [W] = node.args;
  if (!node.trained) return [];
  const { tiles, sums } = spaceOf(placement, W);
  const { at } = placement.value.get(node)!;
  const length = v.pmax(v.load(get('row'), at), v.all(SHORT));
  const gained = v.add(v.load(get('at'), sums - tiles), v.mul(get('pull'), v.load(get('at'))));
  return overMatrix(
    placement,
    W,
    [set('pull', v.div(v.load(get('row'), sums - tiles + at), length))],
    [v.store(get('at'), gained, sums - tiles)],
    [],
  );
}

/** Splats an instance's numbers into the tiles of a program and clears the sums. */
function copyNumbers(plan: ProgramPlan): string[] {
  const { placement, layout } = plan;
  const clear = (tensor: Node) => {
    const { tiles, sums } = spaceOf(placement, tensor);
    return (k: number) => (tensor.trained ? [v.store(get('to'), v.zero, sums - tiles + 16 * k)] : []);
  };
  const weight = (tensor: Node, k: number) =>
    v.splat(i32.add(get('record'), get('from')), layout.record.weights + 4 * (floatOf(plan, tensor) + k));
  return [
    ...tensorsOf(placement).flatMap((tensor) =>
      overTensor(placement, tensor, (k) => [
        v.store(get('to'), weight(tensor, k), 16 * k),
        ...clear(tensor)(k),
      ]),
    ),
    ...normsOf(placement).flatMap((node) => setNorms(placement, node)),
    ...copyColumns(plan),
  ];
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

/** The gate at `gate`. */
const gateAt = (gate: string) => ({
  floor: v.load(gate, GATE.floor),
  open: v.load(gate, GATE.open),
  scale: v.load(gate, GATE.scale),
});

const inputsOf = ({ program }: Placement): Node[] => program.nodes.filter(({ op }) => op === 'input');
const inputOf = (placement: Placement): Node | undefined =>
  inputsOf(placement).find(({ name }) => name === '');

/** Draws four samples of a short input into locals. */
function sampleWritten({ family, layout, placement }: ProgramPlan, x: Node): string[] {
  const group: Group = { placement, batch: layout.batch, begun: new Set() };
  return [
    ...startSamples(layout),
    ...unitsOf(family).flatMap((unit, k) =>
      drawUnit(family, unit, {
        ...gateAt(int(placement.gates + k * GATE.size)),
        store: (j, value) => [set(valueName(group, x, unit.start + j), value)],
      }),
    ),
  ];
}

/** $sample(record, group) → end of the list of active features: draws four samples into the tiles. */
function sample({ family, layout, placement }: ProgramPlan, x: Node): string {
  const { tiles, size } = spaceOf(placement, x);
  const { at } = placement.value.get(x)!;
  const list = placement.lists.get(x);
  const append = list === undefined ? [] : [
    i32.store(get('listed'), get('tile'), list),
    set('listed', i32.add(get('listed'), i32.shl(w.any(get('x')), int(2)))),
  ]; // biome-ignore format: one block
  return func(
    'sample',
    ['record', 'group'],
    ['tile', 'gate', 'runEnd', 'listed'],
    [
      ...startSamples(layout),
      set('tile', int(tiles)),
      set('gate', int(placement.gates)),
      ...drawUnits(family, GATE.size, {
        ...gateAt(get('gate')),
        store: (_, value) => [
          set('x', value),
          v.store(get('tile'), get('x'), at),
          ...append,
          advance('tile', size),
        ],
      }),
    ],
    { type: 'i32', value: get('listed') },
  );
}

/** Where $sample leaves feature 0 of four samples, and the bytes to the next feature; null where they stay in locals. */
export function drawnAt({ placement }: ProgramPlan): { start: number; step: number } | null {
  const x = inputOf(placement);
  if (!x || spaceOf(placement, x).written) return null;
  const { tiles, size } = spaceOf(placement, x);
  return { start: tiles + placement.value.get(x)!.at, step: size };
}

/** Statements that draw a group's samples, and move them. */
function drawGroup(plan: ProgramPlan, x: Node): string[] {
  const { placement, layout, attack } = plan;
  if (spaceOf(placement, x).written) return sampleWritten(plan, x);
  const drawn = call('sample', get('record'), get('group'));
  const word = i32.load(int(layout.word));
  return [
    placement.lists.has(x) ? set(listEnd(placement, x), drawn) : `(drop ${drawn})`,
    attack ? call('attack', get('record'), get('group'), word) : '',
  ];
}

/** Statements that set an input of four samples to 0. */
function drawNothing({ placement }: ProgramPlan, x: Node): string[] {
  const { tiles, size, length, written } = spaceOf(placement, x);
  const group: Group = { placement, batch: 1, begun: new Set() };
  if (written) return each(length, (i) => set(valueName(group, x, i), v.zero));
  return [
    set('tile', int(tiles)),
    sweep('tile', int(tiles + size * length), size, [
      v.store(get('tile'), v.zero, placement.value.get(x)!.at),
    ]),
    placement.lists.has(x) ? set(listEnd(placement, x), int(0)) : '',
  ];
}

/** Locals with the gradient of a program that is written out, and where each goes. */
function writtenSums({ placement, layout }: ProgramPlan): { name: string; at: number }[] {
  if (!isWritten(placement)) return [];
  const group: Group = { placement, batch: layout.batch, begun: new Set() };
  return summedOf(placement)
    .filter(({ trained }) => trained)
    .flatMap((tensor) => {
      const { sums, size, length } = spaceOf(placement, tensor);
      const { at } = placement.value.get(tensor)!;
      const columns = tensor.size / length;
      return each(length, (i) =>
        each(columns, (k) => ({ name: sumName(group, tensor, i, k), at: sums + i * size + at + 16 * k })),
      ).flat();
    });
}

/** Counts what the sums hold, of one group, `scale` times. */
function scaleSums(plan: ProgramPlan): string[] {
  const { placement } = plan;
  const times = (name: string) => set(name, v.mul(get(name), get('times')));
  if (isWritten(placement)) return writtenSums(plan).map(({ name }) => times(name));
  return summedOf(placement)
    .filter(({ trained }) => trained)
    .flatMap((tensor) => {
      const { tiles, sums } = spaceOf(placement, tensor);
      const at = (k: number) => sums - tiles + 16 * k;
      return overTensor(placement, tensor, (k) => [
        v.store(get('to'), v.mul(v.load(get('to'), at(k)), get('times')), at(k)),
      ]);
    });
}

/** i32 locals of the functions that run groups of samples. */
const scalarsOf = ({ placement }: ProgramPlan): string[] => [
  ...['group', 'until', 'tile', 'sums', 'at', 'row', 'own', 'k', 'to', 'from', 'zeros', 'left', 'active'],
  ...[...placement.lists.keys()].map((node) => listEnd(placement, node)),
];

/** Leaves the loss of the samples since the last time. */
const foldLoss = ({ layout: { loss } }: ProgramPlan): string[] => [
  v.store(int(loss), get('loss')),
  call('fold'),
  set('loss', v.zero),
];

/** $nothing(record, count): forward and backward of a sample in which nothing is active, counted `count` times. */
function nothing(plan: ProgramPlan): string {
  return func('nothing', ['record', 'count'], scalarsOf(plan), [
    ...readActive(plan),
    ...inputsOf(plan.placement).flatMap((input) => drawNothing(plan, input)),
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
  const group = [...drawGroup(plan, x), ...oneGroup(plan)];
  return func('groups', ['record', 'end'], scalarsOf(plan), [
    ...(batchNode(plan.placement) ? [call('measure', get('record'), get('end'))] : []),
    ...readActive(plan),
    set('zeros', zeros),
    when(get('zeros'), [call('nothing', get('record'), get('zeros'))]),
    when(get('end'), [overGroups(group, foldLoss(plan))]),
    ...writtenSums(plan).map(({ name, at }) => v.store(int(at), v.add(v.load(int(at)), get(name)))),
    call('collect'),
  ]);
}

/** $collect(): adds the lanes of the sums into the flat gradient. */
function collect(plan: ProgramPlan): string {
  const { placement, layout } = plan;
  const parts = tensorsOf(placement)
    .filter(({ trained }) => trained)
    .flatMap((tensor) => {
      const { tiles, sums } = spaceOf(placement, tensor);
      const to = layout.gradient + 4 * floatOf(plan, tensor);
      return overTensor(placement, tensor, (k) => [
        set('sum', v.load(get('to'), sums - tiles + 16 * k)),
        ...sumLanes('sum'),
        f32.store(get('from'), v.lane(0, get('sum')), to + 4 * k),
      ]);
    });
  const spread = normsOf(placement).flatMap((node) => spreadNorms(placement, node));
  return func('collect', [], ['to', 'from', 'until', 'row', 'at'], [...spread, ...parts]);
}

/** Sets local active to the number that `largest` keeps of a sample. */
function readActive({ placement, layout }: ProgramPlan): string[] {
  const node = placement.program.nodes.find(({ op }) => op === 'largest');
  if (!node) return [];
  const { at } = layout.record.columns.find(({ name }) => name === node.args[1].name)!;
  return [set('active', i32.trunc(f32.add(f32.load(get('record'), at), f32.const(0.5))))];
}

const batchNode = ({ program }: Placement): Node | undefined =>
  program.nodes.find(({ op }) => op === 'largest-of-batch');

/** All nodes that a node needs, itself among them. */
function needs(node: Node, found = new Set<Node>()): Set<Node> {
  if (found.has(node)) return found;
  found.add(node);
  for (const arg of node.args) needs(arg, found);
  return found;
}

/** Forward statements of one group up to node `a`, whose numbers go to local kept. */
function forwardTo(plan: ProgramPlan, a: Node): string[] {
  const { placement, layout } = plan;
  const group: Group = { placement, batch: layout.batch, begun: new Set() };
  const needed = needs(a);
  return placement.schedule.loops.flatMap(({ rows, nodes }) => {
    const loop: Loop = { rows, nodes: nodes.filter((node) => needed.has(node)) };
    if (loop.nodes.length === 0) return [];
    const { wide, apart, body } = partsOf(group, loop);
    const isLast = loop.nodes.includes(a);
    const keepRow = (row: Row) => [
      v.store(get('kept'), read(row, a), row.index === null ? 0 : 16 * row.index),
      row.index === null ? advance('kept', 16) : '',
    ];
    return [
      ...loop.nodes
        .filter((node) => placement.lists.has(node))
        .map((node) => set(listEnd(placement, node), int(0))),
      ...wide.flatMap((node) => wideDot(group, loop, node)),
      ...startSums(group, loop, body),
      ...overRows(group, loop, null, (row) => [
        ...body.flatMap((node) => forwardRow(row, node)),
        ...(isLast ? keepRow(row) : []),
      ]),
      ...apart.flatMap((node) => forwardApart(group, loop, node)),
      isLast && loopSpace(placement, loop).written ? advance('kept', 16 * a.size) : '',
    ];
  });
}

/** Counts numbers above local floor from local at to `end` into the lanes of local sum, below 0. */
const countAbove = (end: string): string =>
  sweep('at', end, 16, [set('sum', w.add(get('sum'), w.gt(v.load(get('at')), get('floor'))))]);

/**
 * $measure(record, end): the least number that largest-of-batch keeps. Runs all samples forward, then finds the bits of
 * the number, from the highest on: as integers, bits of floats above 0 have the order of the floats.
 */
function measure(plan: ProgramPlan, node: Node): string {
  const { placement, layout } = plan;
  const [a, k] = node.args;
  const x = inputOf(placement)!;
  const body = forwardTo(plan, a);
  const [first, width] = [placement.kept, 16 * a.size];
  const { at } = layout.record.columns.find(({ name }) => name === k.name)!;
  const wanted = f32.add(f32.mul(f32.load(get('record'), at), f32.const(layout.batch)), f32.const(0.5));
  const lanes = each(4, (lane) => w.lane(lane, get('sum'))).reduce((p, q) => i32.add(p, q));
  const oneBit = [
    set('tried', i32.or(get('low'), get('bit'))),
    set('floor', w.splat(i32.sub(get('tried'), int(1)))),
    set('sum', w.all(0)),
    set('at', int(first)),
    countAbove(int(first + width)),
    set('found', i32.mul(w.lane(0, get('sum')), get('zeros'))),
    set('sum', w.all(0)),
    when(get('end'), [countAbove(get('kept'))]),
    set('found', i32.sub(int(0), i32.add(get('found'), lanes))),
    when(i32.ge(get('found'), get('wanted')), [set('low', get('tried'))]),
    set('bit', i32.shr(get('bit'), int(1))),
    when(i32.eq(get('found'), get('wanted')), [set('bit', int(0))]),
  ];
  return func(
    'measure',
    ['record', 'end'],
    [...scalarsOf(plan), 'kept', 'wanted', 'low', 'bit', 'tried', 'found'],
    [
      set('zeros', i32.sub(int(layout.batch), i32.shr(get('end'), int(2)))),
      set('kept', int(first)),
      ...drawNothing(plan, x),
      ...body,
      when(get('end'), [sweep('group', get('end'), 16, [...drawGroup(plan, x), ...body])]),
      set('wanted', i32.trunc(wanted)),
      set('bit', int(1 << 30)),
      repeat(oneBit, get('bit')),
      v.store(int(placement.least.get(node)!), w.splat(get('low'))),
    ],
  );
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
  const moved = attackFunctions(plan);
  const parts = [collect(plan), ...measured, nothing(plan), groups(plan, x), bias(plan)];
  return [prepare(plan), ...drawn, ...moved, ...parts];
}
