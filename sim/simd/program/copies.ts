/** An instance's numbers on their way into the tiles, and its gradient on the way out. */
import { isLoss, type Node, weightOf } from '../../program/ops.ts';
import { advance, each, f32, func, get, i32, int, set, sumLanes, sweep, v } from '../wat.ts';
import { isWritten, type Placement, spaceOf } from './placement.ts';
import { floatOf, normsOf, type ProgramPlan, summedOf, tensorsOf } from './plan.ts';
import { lossScale, type SampleGroup, SHORT, sumName } from './row.ts';

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

/** Weights of a loss node's column, scaled; other columns as they are. */
function copyColumns(plan: ProgramPlan): string[] {
  const { placement, layout } = plan;
  const copies = placement.program.nodes.flatMap((node) => {
    const column = isLoss(node) ? weightOf(node) : node;
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
export function copyNumbers(plan: ProgramPlan): string[] {
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

/** Locals with the gradient of a program that is written out, and where each goes. */
export function writtenSums({ placement, layout }: ProgramPlan): { name: string; at: number }[] {
  if (!isWritten(placement)) return [];
  const group: SampleGroup = { placement, batch: layout.batch, begun: new Set() };
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
export function scaleSums(plan: ProgramPlan): string[] {
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

/** $collect(): adds the lanes of the sums into the flat gradient. */
export function collect(plan: ProgramPlan): string {
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
