/**
 * In which loops a program runs. A loop goes once over the rows of its nodes, which all have as many; a sum over rows
 * (matT, total) is known when its loop has ended, and what `mat` multiplies must be known whole before its loop begins.
 * Every node runs in the last loop that its users allow, so that little has to be kept from loop to loop.
 */
import { isGiven, isLoss, type Node, type Program } from './ops.ts';

export interface Loop {
  rows: number;
  nodes: Node[]; // each behind its arguments
}

/** A program's loops in order, the loop of each computed node, and the nodes that use each node. */
export interface Schedule {
  loops: Loop[];
  loopOf: Map<Node, Loop>;
  users: Map<Node, Node[]>;
}

/** Rows over which a node is computed. */
export function rowsOf(node: Node): number {
  if (node.op === 'matT') return node.args[1].size;
  return isLoss(node) || node.op === 'total' ? node.args[0].size : node.size;
}

/** Whether an operation sums over its rows before it has one of its own. */
const sumsFirst = ({ op }: Node): boolean => op === 'softmax' || op === 'cross-entropy';

/**
 * Whether `user` takes all of `arg` at once, and not a row at a time. The slope of a softmax needs those of all its
 * rows, so that its users are in later loops.
 */
const takesWhole = (user: Node, arg: Node): boolean =>
  arg.op === 'matT' ||
  arg.op === 'total' ||
  arg.op === 'softmax' ||
  sumsFirst(user) ||
  ((user.op === 'mat' || user.op === 'times') && user.args[1] === arg) ||
  (user.op === 'largest' && user.args[0] === arg);

function usersOf({ nodes }: Program): Map<Node, Node[]> {
  const users = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes) for (const arg of new Set(node.args)) users.get(arg)!.push(node);
  return users;
}

/** Number of the first loop in which each node can run; `rows` gets the rows of every loop. */
function earliest({ nodes }: Program, rows: number[]): Map<Node, number> {
  const at = new Map<Node, number>();
  for (const node of nodes) {
    if (isGiven(node)) continue;
    const after = node.args.filter((arg) => at.has(arg));
    const from = Math.max(0, ...after.map((arg) => at.get(arg)! + Number(takesWhole(node, arg))));
    const found = rows.findIndex((count, k) => k >= from && count === rowsOf(node));
    at.set(node, found >= 0 ? found : rows.push(rowsOf(node)) - 1);
  }
  return at;
}

/** Moves nodes other than products to the last loop before or with their users. */
function delay({ nodes }: Program, users: Map<Node, Node[]>, rows: number[], at: Map<Node, number>): void {
  for (const node of [...nodes].reverse()) {
    const own = users.get(node)!;
    if (isGiven(node) || node.op === 'mat' || node.op === 'matT' || node.op === 'total' || own.length === 0)
      continue;
    const last = Math.min(...own.map((user) => at.get(user)! - Number(takesWhole(user, node))));
    at.set(
      node,
      rows.findLastIndex((count, k) => k <= last && count === rowsOf(node)),
    );
  }
}

/** The loops of a program. */
export function scheduleOf(program: Program): Schedule {
  const users = usersOf(program);
  const rows: number[] = [];
  const at = earliest(program, rows);
  delay(program, users, rows, at);
  const all = rows.map((count, k): Loop => {
    return { rows: count, nodes: program.nodes.filter((node) => at.get(node) === k) };
  });
  const loopOf = new Map([...at].map(([node, k]) => [node, all[k]]));
  return { loops: all.filter(({ nodes }) => nodes.length > 0), loopOf, users };
}
