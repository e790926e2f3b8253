/**
 * Where the numbers of a program stand in the scratch of a kernel made from it. All nodes of one length share a space:
 * a tile of vectors (four samples each) a row, and beside it a tile of sums at the same offsets, so that an inner loop
 * needs few of them: V8 keeps each in a register. A tensor has its weights in the tile and its gradient in the sums;
 * what else must stand in memory takes what is free in either. A short space is written out row by row, and all it
 * computes stays in locals.
 */
import { isGiven, isLoss, isSummed, moving, type Node, type Program, weightOf } from '../../program/ops.ts';
import { type Loop, rowsOf, type Schedule, scheduleOf } from '../../program/schedule.ts';

/** Longest vector that is written out entry by entry. */
const WRITTEN_ROWS = 8;
/** Largest matrix whose rows are written out: beyond it the text outgrows the registers. */
const WRITTEN_ENTRIES = 24;
/** Bytes of a unit's gate: floor, open and scale, splatted. */
export const GATE = { floor: 0, open: 16, scale: 32, size: 48 };

export type Side = 'tile' | 'sums';

/** A vector of every row of a space: bytes from the row's tile. */
export interface Spot {
  side: Side;
  at: number;
}

export interface Space {
  length: number; // rows
  written: boolean; // row by row in locals; else a loop
  size: number; // bytes of a row's tile, and of its sums
  tiles: number; // where row 0 stands
  sums: number;
}

/** A program, its schedule, and where everything stands. Offsets are bytes. */
export interface Placement {
  program: Program;
  schedule: Schedule;
  moving: Set<Node>;
  ids: Map<Node, number>;
  spaces: Map<number, Space>;
  value: Map<Node, Spot>; // numbers; of a loss node its weights, scaled; of a tensor its first vector
  slope: Map<Node, Spot>;
  means: Map<Node, Spot>; // of frequent losses: what an entry counts in this batch, and its slope
  units: Map<Node, Spot>; // of perceptrons: GELU and its slope of every unit of a row
  lists: Map<Node, number>; // tiles of the rows in which a node is not 0, or has a slope
  single: Map<Node, number>; // a clock; a loss node whose weight is one number: that, scaled
  least: Map<Node, number>; // least number that a batch keeps, of largest-of-batch
  sampleWeight: number | null; // (4) float32, where samples count differently
  kept: number; // numbers of a whole batch among which that is found
  gates: number;
  end: number;
}

/** The space whose rows a node's numbers belong to: a matrix's rows, and the entries that a loss sums over. */
export function spaceOf({ spaces }: Pick<Placement, 'spaces'>, node: Node): Space {
  if (node.op === 'param') return spaces.get(node.shape[0])!;
  return spaces.get(isLoss(node) ? node.args[0].size : node.size)!;
}

/** Lengths that are written out: short ones, but not the rows of a matrix that is large all the same, nor of perceptrons. */
function writtenLengths({ nodes }: Program): Set<number> {
  const shapes = nodes.filter(({ shape }) => shape.length === 2).map(({ shape }) => shape);
  const lengths = new Set(
    nodes.filter((node) => !isLoss(node)).flatMap((node) => (node.shape.length ? node.shape : [node.size])),
  );
  const perceived = new Set(nodes.filter(({ op }) => op === 'perceptrons').map(({ size }) => size));
  const isShort = (length: number) =>
    length <= WRITTEN_ROWS &&
    (length === 1 || !perceived.has(length)) &&
    shapes.every(
      ([rows, columns]) => rows !== length || rows <= columns || rows * columns <= WRITTEN_ENTRIES,
    );
  return new Set([...lengths].filter(isShort));
}

/** Whether a product's rows are so long that they are worked off a few vectors at a time. */
export const isWide = ({ spaces }: Pick<Placement, 'spaces'>, { op, args }: Node): boolean =>
  (op === 'mat' || op === 'matT') && !spaces.get(args[0].shape[1])!.written;

/**
 * Whether a node is 0 in many rows, and needs no slope where it is: x and its digits, and what a ReLU, a choice or the
 * counts of a softmax let through.
 */
const isSilent = ({ op, name, factor }: Node): boolean =>
  (op === 'input' && name === '') ||
  op === 'largest' ||
  op === 'largest-of-batch' ||
  op === 'digit' ||
  op === 'softmax' ||
  (op === 'relu' && factor === 0);

/** Values that a node's derivative reads. */
function readsOf(node: Node): Node[] {
  const [a, b] = node.args;
  if (node.op === 'relu' || node.op === 'tanh' || node.op === 'softmax') return [node];
  if (node.op === 'cross-entropy') return [a, b];
  if (node.op === 'largest' || node.op === 'largest-of-batch') return [node];
  if (node.op === 'div') return [b, node];
  if (node.op === 'gate') return [b];
  if (node.op === 'jump' || node.op === 'times') return [a, b];
  if (
    node.op === 'normal-gelu' ||
    node.op === 'hard-sigmoid' ||
    node.op === 'saturate' ||
    node.op === 'perceptrons'
  )
    return [a];
  if (node.op === 'mul') return [a, b];
  if (node.op === 'abs' || isLoss(node)) return [a];
  return node.op === 'mat' || node.op === 'matT' ? [b] : [];
}

/** Whether a loop goes forward and backward at once: nothing behind it needs what it computes. */
export function isFused({ schedule: { loopOf, users } }: Pick<Placement, 'schedule'>, loop: Loop): boolean {
  const stays = (node: Node) => users.get(node)!.every((user) => loopOf.get(user) === loop);
  return loop.nodes.every((node) => node.op !== 'matT' && stays(node));
}

/** Whether a node's list is of the rows in which it is not 0; a product's is of the rows that have a slope. */
export const knowsZeros = ({ lists }: Pick<Placement, 'lists'>, node: Node): boolean =>
  lists.has(node) && node.op !== 'mat';

/** Whether a sum over rows runs for itself, over a list or a few vectors at a time, and not with the loop's other nodes. */
export const isApart = (placement: Pick<Placement, 'spaces' | 'lists'>, node: Node): boolean =>
  node.op === 'matT' && (knowsZeros(placement, node.args[1]) || isWide(placement, node));

/** Vectors that a sweep over rows keeps in registers: of 16, those that it does not work with. */
const HELD = 12;

/** Vectors of a product that a sweep backward keeps from row to row: what it reads whole, and the slopes of that. */
const heldBy = ({ spaces, moving: isMoving }: Pick<Placement, 'spaces' | 'moving'>, node: Node): number => {
  if (isWide({ spaces }, node)) return 0;
  if (node.op === 'matT') return node.size;
  return node.op === 'mat' ? node.args[1].size * (isMoving.has(node.args[1]) ? 2 : 1) : 0;
};

/**
 * Whether a product hands its slopes on in a sweep of its own, its loop's products together holding more vectors than
 * there are registers for.
 */
export function isLater(placement: Pick<Placement, 'spaces' | 'schedule' | 'moving'>, node: Node): boolean {
  const { spaces, schedule, moving: isMoving } = placement;
  const loop = schedule.loopOf.get(node)!;
  if (node.op !== 'mat' || isWide({ spaces }, node) || !isMoving.has(node)) return false;
  if (isFused({ schedule }, loop) || spaces.get(loop.rows)!.written) return false;
  return loop.nodes.reduce((held, own) => held + heldBy(placement, own), 0) > HELD;
}

/** Nodes of loops whose rows must know which of them are worth a visit. */
function listed({ nodes }: Program, spaces: Map<number, Space>, isMoving: Set<Node>): Node[] {
  const silent = nodes
    .filter((node) => node.op === 'matT' && isSilent(node.args[1]))
    .map(({ args }) => args[1]);
  const steep = nodes.filter((node) => node.op === 'mat' && isWide({ spaces }, node) && isMoving.has(node));
  return [...new Set([...silent, ...steep])].filter(({ size }) => !spaces.get(size)!.written);
}

/** Whether a node's numbers must stand in memory, its space being a loop. */
function needsValue(placement: Placement, node: Node): boolean {
  const { schedule, moving: isMoving } = placement;
  const { loopOf, users } = schedule;
  const loop = loopOf.get(node)!;
  if (node.op === 'matT' || (node.op === 'mat' && isWide(placement, node))) return true;
  const own = users.get(node)!;
  const isKept =
    !isFused(placement, loop) &&
    [...own, node].some((user) => isMoving.has(user) && readsOf(user).includes(node));
  return isKept || own.some((user) => loopOf.get(user) !== loop || isApart(placement, user));
}

/** Whether a node's slope must. */
function needsSlope(placement: Placement, node: Node): boolean {
  const { loopOf, users } = placement.schedule;
  if (!placement.moving.has(node)) return false;
  if (node.op === 'matT' || (node.op === 'mat' && isWide(placement, node))) return true;
  if (isLater(placement, node)) return true;
  return users.get(node)!.some((user) => loopOf.get(user) !== loopOf.get(node) || isApart(placement, user));
}

/** Gives out vectors of a space: first the tensors, side by side with their sums, then what is free. */
function fillSpace(placement: Placement, space: Space): void {
  const own = placement.program.nodes.filter((node) => !isLoss(node) && spaceOf(placement, node) === space);
  const used = { tile: 0, sums: 0 };
  const take = (side: Side): Spot => ({ side, at: 16 * used[side]++ });
  const free = () => take(used.sums < used.tile ? 'sums' : 'tile');
  const weighted = placement.program.nodes.filter(
    (node) => isLoss(node) && weightOf(node)?.size === space.length && space.length > 1,
  );
  for (const node of own.filter(({ op }) => op === 'input' || op === 'uniform'))
    if (!space.written) placement.value.set(node, take('tile'));
  for (const node of weighted) placement.value.set(node, take('sums'));
  const tensors = own.filter(isSummed).sort((p, q) => p.shape.length - q.shape.length);
  for (const node of tensors) {
    const from = Math.max(used.tile, used.sums);
    placement.value.set(node, { side: 'tile', at: 16 * from });
    used.tile = used.sums = from + node.size / space.length;
  }
  const isWeight = (node: Node) => placement.schedule.users.get(node)!.every(isLoss);
  for (const node of own.filter((one) => one.op === 'column' && !isWeight(one)))
    placement.value.set(node, free());
  for (const node of own.filter(({ op }) => op === 'perceptrons')) {
    placement.units.set(node, { side: 'tile', at: 16 * used.tile });
    used.tile += 2 * node.args[1].shape[1];
  }
  for (const node of own.filter(({ op }) => op === 'source')) {
    placement.value.set(node, { side: 'tile', at: 16 * used.tile });
    used.tile += 3;
  }
  const dear = placement.program.nodes.filter(({ op }) => op === 'frequent');
  for (const node of dear.filter(({ args: [a] }) => a.size === space.length)) {
    placement.means.set(node, { side: 'tile', at: 16 * used.tile });
    used.tile += 2;
  }
  if (!space.written) {
    for (const node of own.filter((one) => one.op === 'input' && one.trained))
      placement.slope.set(node, free());
    for (const node of own.filter((one) => !isGiven(one))) {
      if (needsValue(placement, node)) placement.value.set(node, free());
      if (needsSlope(placement, node)) placement.slope.set(node, free());
    }
  }
  space.size = 16 * Math.max(used.tile, used.sums);
}

/**
 * The spaces of a program. One of two inputs has them in memory, however short they are, and so has one whose samples
 * are not drawn `inline`.
 */
function spacesOf(program: Program, inline: boolean): Map<number, Space> {
  const written = writtenLengths(program);
  const inputs = program.nodes.filter(({ op }) => op === 'input');
  if (inputs.length > 1 || !inline) written.delete(inputs[0]?.size);
  const isNumber = ({ op, size }: Node) => op === 'clock' || (op === 'column' && size === 1);
  const sized = program.nodes.filter((node) => !isLoss(node) && !isNumber(node));
  const lengths = new Set(sized.flatMap(({ shape, size }) => (shape.length ? shape : [size])));
  const space = (length: number) => ({ length, written: written.has(length), size: 0, tiles: 0, sums: 0 });
  return new Map([...lengths].map((length) => [length, space(length)]));
}

/** Gives every space, list and single number its bytes, in a batch of so many samples. */
function fill(placement: Placement, batch: number): void {
  const take = (bytes: number) => {
    const at = placement.end;
    placement.end += bytes;
    return at;
  };
  for (const space of placement.spaces.values()) {
    fillSpace(placement, space);
    space.tiles = take(space.size * space.length);
    space.sums = take(space.size * space.length);
  }
  const { lists, single, least } = placement;
  for (const node of lists.keys()) lists.set(node, take(16 * Math.ceil((node.size + 1) / 4)));
  for (const node of placement.program.nodes) {
    if ((isLoss(node) && weightOf(node)?.size === 1) || node.op === 'clock') single.set(node, take(16));
    if (node.op !== 'largest-of-batch') continue;
    least.set(node, take(16));
    placement.kept = take(16 * node.size * (2 + Math.ceil(batch / 4)));
  }
}

/** Placement of a program from byte `from` on, for a family with so many gates and batches of so many samples. */
export function placementOf(
  program: Program,
  units: number,
  batch: number,
  from: number,
  inline = true,
): Placement {
  const spaces = spacesOf(program, inline);
  const isMoving = moving(program);
  const placement: Placement = {
    program,
    schedule: scheduleOf(program),
    moving: isMoving,
    ids: new Map(program.nodes.map((node, k) => [node, k])),
    spaces,
    value: new Map(),
    slope: new Map(),
    means: new Map(),
    units: new Map(),
    lists: new Map(listed(program, spaces, isMoving).map((node) => [node, 0])),
    single: new Map(),
    least: new Map(),
    sampleWeight: null,
    kept: 0,
    gates: from,
    end: from + GATE.size * units,
  };
  fill(placement, batch);
  return placement;
}

/** Whether the whole program is written out, gradients and all in locals. */
export const isWritten = ({ spaces }: Placement): boolean =>
  [...spaces.values()].every(({ written }) => written);

/** A loop's space. */
export const loopSpace = (placement: Placement, loop: Loop): Space =>
  placement.spaces.get(rowsOf(loop.nodes[0]))!;
