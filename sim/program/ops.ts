/**
 * A model's loss as a short list of vector operations over named tensors. A node is a vector; the input x, tensors
 * and per-instance columns are nodes, and each operation makes a node of others:
 *
 *     h = matT(W, x), y = relu(add(mat(W, h), b)), loss = squared(sub(y, x), 1 / n, column('importance', n))
 *
 * The loss of a model is the mean over the batch of the sum of its loss nodes. evaluate.ts runs a program in
 * float64, simd/program/ makes a kernel of it; both know the derivative of every operation. An operation lands
 * here only with a model that needs it.
 */

/** What a node does; the functions below say each formula. */
type Op =
  | 'param'
  | 'input'
  | 'column'
  | 'uniform'
  | 'clock'
  | 'source'
  | 'matT'
  | 'mat'
  | 'add'
  | 'sub'
  | 'mul'
  | 'scale'
  | 'times'
  | 'hold'
  | 'relu'
  | 'tanh'
  | 'normal-gelu'
  | 'perceptrons'
  | 'hard-sigmoid'
  | 'abs'
  | 'norms'
  | 'div'
  | 'gate'
  | 'jump'
  | 'largest'
  | 'largest-of-batch'
  | 'count'
  | 'misfit'
  | 'digit'
  | 'softmax'
  | 'cross-entropy'
  | 'below'
  | 'total'
  | 'climb'
  | 'saturate'
  | 'frequent'
  | 'squared'
  | 'absolute';

/** A vector of `size` numbers, and how it is made. */
export interface Node {
  op: Op;
  size: number;
  args: Node[];
  name: string; // of a tensor, a column or another input than x, else empty
  shape: readonly number[]; // of a tensor; a matrix is (rows, columns), row-major
  trained: boolean; // of a tensor, or of an input that moves
  factor: number; // of scale and of a loss; relu's slope below 0; width of jump's window; hard-sigmoid's slope above 1; place of a digit; limit of below; β1 of a source
  width: number; // of count's window; hard-sigmoid's leak below 0; scale of frequent; β2 of a source
}

/** Operations with tensors of two sides among their arguments. */
const TAKES_MATRICES: readonly Op[] = ['mat', 'matT', 'norms', 'perceptrons', 'misfit'];

const isMatrix = ({ shape }: Node): boolean => shape.length > 1;

function node(op: Op, size: number, args: Node[], more: Partial<Node> = {}): Node {
  const matrix = args.find(isMatrix);
  if (matrix && !TAKES_MATRICES.includes(op))
    throw new RangeError(`${op}: expected vectors, got the matrix ${matrix.name}`);
  return { op, size, args, name: '', shape: [], trained: false, factor: 1, width: 1, ...more };
}

/** Throws unless two sizes that an operation needs equal are equal. */
function expectSize(op: Op, what: string, size: number, expected: number): void {
  if (size !== expected) throw new RangeError(`${op}: expected ${what} of ${expected} numbers, got ${size}`);
}

/** Number of entries of an array of this shape. */
export const entries = (shape: readonly number[]): number => shape.reduce((size, side) => size * side, 1);

/** The weights called `name`. One that is not trained has no gradient and stays as it is. */
export function param(name: string, shape: readonly number[], trained = true): Node {
  return node('param', entries(shape), [], { name, shape, trained });
}

/**
 * The sample x (size), or another vector of its own that is given beside it under a name. `trained`: what the loss
 * gains by moving it is asked for.
 */
export const input = (size: number, name = '', trained = false): Node =>
  node('input', size, [], { name, trained });

/** Numbers of an instance that stay as they are: the row of the problem's column `name`. */
export const column = (name: string, size: number): Node => node('column', size, [], { name });

/**
 * Numbers that are uniform on [0, 1), drawn for every sample anew, by a name of their own. They come from the sample's
 * stream, those of the first such node of a program before those of the next (random.ts, uniformStream).
 */
export const uniform = (size: number, name: string): Node => node('uniform', size, [], { name });

/** A number of the step, the same for all its samples: `clocks` of the model says it by name. */
export const clock = (name: string): Node => node('clock', 1, [], { name });

/**
 * Numbers in [0, 1] that belong to a place in the batch and stay from step to step, uniform at first. They move by
 * `climb` alone, an Adam of their own with these β; its moments stay with them.
 */
export const source = (size: number, name: string, beta1: number, beta2: number): Node =>
  node('source', size, [], { name, factor: beta1, width: beta2 });

/** (rows, columns) of a matrix. */
function sides(op: Op, W: Node): readonly [number, number] {
  if (W.shape.length !== 2)
    throw new RangeError(`${op}: expected a matrix, got ${W.op} ${W.name} of shape (${W.shape.join(', ')})`);
  return [W.shape[0], W.shape[1]];
}

/** h_k = Σ_i W_ik x_i. W (rows, columns), x (rows). */
export function matT(W: Node, x: Node): Node {
  const [rows, columns] = sides('matT', W);
  if (isMatrix(x)) throw new RangeError(`matT: expected a vector, got the matrix ${x.name}`);
  expectSize('matT', 'a vector', x.size, rows);
  return node('matT', columns, [W, x]);
}

/** y_j = Σ_k W_jk h_k. W (rows, columns), h (columns). */
export function mat(W: Node, h: Node): Node {
  const [rows, columns] = sides('mat', W);
  if (isMatrix(h)) throw new RangeError(`mat: expected a vector, got the matrix ${h.name}`);
  expectSize('mat', 'a vector', h.size, columns);
  return node('mat', rows, [W, h]);
}

/** An operation on the entries of two vectors of one size. */
function pairwise(op: Op): (a: Node, b: Node) => Node {
  return (a, b) => {
    expectSize(op, 'a vector', b.size, a.size);
    return node(op, a.size, [a, b]);
  };
}

/** a_j + b_j */
export const add = pairwise('add');
/** a_j − b_j */
export const sub = pairwise('sub');
/** a_j b_j */
export const mul = pairwise('mul');
/** factor · a_j */
export const scale = (a: Node, factor: number): Node => node('scale', a.size, [a], { factor });
/** s a_j with the only number s of another vector. */
export function times(a: Node, s: Node): Node {
  expectSize('times', 'a second vector', s.size, 1);
  if (s.op === 'column') throw new RangeError(`times: expected no column, got ${s.name}`);
  return node('times', a.size, [a, s]);
}
/** a_j, through which no slope goes back. */
export const hold = (a: Node): Node => node('hold', a.size, [a]);
/** a_j where it is above 0, leak · a_j elsewhere; the slope at 0 is `leak`. */
export const relu = (a: Node, leak = 0): Node => node('relu', a.size, [a], { factor: leak });
/** tanh a_j */
export const tanh = (a: Node): Node => node('tanh', a.size, [a]);
/** |a_j|; the slope at 0 is 0. */
export const abs = (a: Node): Node => node('abs', a.size, [a]);

/** a_j (1 + tanh(√(2/π) (a_j + 0.044715 a_j³))) / 2, GELU in its tanh form (Hendrycks & Gimpel 2016). */
export function gelu(a: Node): Node {
  const angle = scale(add(a, scale(mul(a, mul(a, a)), 0.044715)), Math.sqrt(2 / Math.PI));
  return scale(add(a, mul(a, tanh(angle))), 0.5);
}

/** a_j Φ(a_j) with Φ of the standard normal: GELU in its own form. */
export const normalGelu = (a: Node): Node => node('normal-gelu', a.size, [a]);

/**
 * A perceptron of its own for every entry, of one number and K units: y_j = Σ_k outer_jk GELU(inner_jk s_j + shift_jk),
 * GELU(z) = z Φ(z). All three tensors (size of s, K).
 */
export function perceptrons(s: Node, inner: Node, shift: Node, outer: Node): Node {
  for (const tensor of [inner, shift, outer]) {
    if (tensor.op !== 'param') throw new RangeError(`perceptrons: expected tensors, got ${tensor.op}`);
    const [rows, units] = sides('perceptrons', tensor);
    expectSize('perceptrons', `a tensor ${tensor.name} of rows`, rows, s.size);
    expectSize('perceptrons', `a tensor ${tensor.name} of columns`, units, inner.shape[1]);
  }
  return node('perceptrons', s.size, [s, inner, shift, outer]);
}

/**
 * a_j cut to [0, 1]. `above`: beyond 1 it goes on as 1 + above · (a_j − 1). `below`: at 0 and under it the value is 0,
 * but a slope d < 0, which would raise a_j, comes back as below · d; that is no derivative (Bushnaq et al. 2025).
 */
export const hardSigmoid = (a: Node, above: number, below: number): Node =>
  node('hard-sigmoid', a.size, [a], { factor: above, width: below });

/** 1 where a_j is below `limit`, else 0; no slope goes back. */
export const below = (a: Node, limit: number): Node => node('below', a.size, [a], { factor: limit });

/** Σ_j a_j, one number; no slope goes back. */
export const total = (a: Node): Node => node('total', 1, [a]);

/** The source at which climbs begin. */
export const foot = (own: Node): Node => (own.op === 'climb' ? foot(own.args[0]) : own);

/** Added to the root of the second moment of a source, as Adam does. */
export const CLIMB_EPSILON = 1e-8;

/**
 * A source s after an ascent along the slope d, or after one more:
 *
 *     m ← β1 m + (1 − β1) d,   v ← β2 v + (1 − β2) d²,   s ← cut(s + rate · m / (correct · √v + 1e-8)),
 *
 * cut to [0, 1]; rate and correct are clocks. What the last climb of a program leaves is the source of the next step, so
 * it must be given to programOf, too. No slope goes back.
 */
export function climb(s: Node, d: Node, rate: Node, correct: Node): Node {
  if (foot(s).op !== 'source') throw new RangeError(`climb: expected a source, got ${s.op}`);
  expectSize('climb', 'a slope', d.size, s.size);
  for (const own of [rate, correct])
    if (own.op !== 'clock') throw new RangeError(`climb: expected clocks, got ${own.op}`);
  return node('climb', s.size, [s, d, rate, correct]);
}

/** a_j² / (a_j² + γ²) with a clock γ: 0 at 0, nearly 1 far above γ. */
export function saturate(a: Node, gamma: Node): Node {
  if (gamma.op !== 'clock') throw new RangeError(`saturate: expected a clock, got ${gamma.op}`);
  return node('saturate', a.size, [a, gamma]);
}

/** ‖W_j‖ of every row of a matrix, which is the same for all samples. W (rows, columns). */
export function norms(W: Node): Node {
  if (W.op !== 'param') throw new RangeError(`norms: expected a tensor, got ${W.op}`);
  const [rows] = sides('norms', W);
  return node('norms', rows, [W], { trained: W.trained });
}

/** a_j / b_j */
export const div = pairwise('div');
/** a_j where b_j is above 0, else 0; no slope goes to b. */
export const gate = pairwise('gate');

/**
 * a_j where it is above t_j, else 0. The slope of t is that of a window of `width` around it, −t_j / width where
 * |a_j − t_j| < width / 2 (Rajamanoharan et al. 2024).
 */
export function jump(a: Node, t: Node, width: number): Node {
  expectSize('jump', 'a vector', t.size, a.size);
  return node('jump', a.size, [a, t], { factor: width });
}

/** a_j where it is above 0 and among the k largest of its sample, k a column of one number; equals share a place. */
export const largest = (a: Node, k: Node): Node => node('largest', a.size, [a, k]);
/** a_j where it is above 0 and among the k · samples largest of the whole batch. */
export const largestOfBatch = (a: Node, k: Node): Node => node('largest-of-batch', a.size, [a, k]);

/** A loss: a sum over the entries of a vector, weighted by a column of as many numbers, or of one. */
function loss(op: Op, a: Node, factor: number, weight?: Node): Node {
  if (weight?.op !== undefined && weight.op !== 'column')
    throw new RangeError(`${op}: expected a column as weight, got ${weight.op}`);
  if (weight && weight.size !== 1) expectSize(op, 'a column', weight.size, a.size);
  return node(op, 1, weight ? [a, weight] : [a], { factor });
}

/** Loss factor · Σ_j weight_j a_j². */
export const squared = (a: Node, factor = 1, weight?: Node): Node => loss('squared', a, factor, weight);
/** Loss factor · Σ_j weight_j |a_j|. */
export const l1 = (a: Node, factor = 1, weight?: Node): Node => loss('absolute', a, factor, weight);

/**
 * Loss factor · weight · #{j: a_j > t_j}. The slope of t is −1 / width in a window as that of jump; a has none.
 */
export function count(a: Node, t: Node, width: number, weight: Node): Node {
  expectSize('count', 'a vector', t.size, a.size);
  const own = loss('count', a, 1, weight);
  return { ...own, args: [a, weight, t], width };
}

/** Throws if a node depends on what is drawn or kept for a place in the batch. */
function expectOfSample(op: Op, own: Node): void {
  if (own.op === 'uniform' || own.op === 'source')
    throw new RangeError(`${op}: expected numbers of the sample alone, got those of ${own.op} ${own.name}`);
  for (const arg of own.args) expectOfSample(op, arg);
}

/**
 * Loss weight · Σ_j a_j log2(1 + scale · ā_j) for a ≥ 0, ā_j the mean of a_j over the batch, through which slopes go as
 * well: over the batch it is weight · Σ_j ā_j log2(1 + scale · ā_j), dear for what is often there. a may depend on no
 * uniform node and no source.
 */
export function frequent(a: Node, scale: number, weight: Node): Node {
  expectOfSample('frequent', a);
  return { ...loss('frequent', a, 1, weight), width: scale };
}

/**
 * A loss of the weights alone, once for a batch: factor · weight · ‖W − AᵀB‖² / ‖W‖², squares of all entries, weight a
 * column of one number. W (rows, columns) is not trained, A (parts, rows), B (parts, columns).
 */
export function misfit(W: Node, A: Node, B: Node, factor: number, weight: Node): Node {
  const [rows, columns] = sides('misfit', W);
  const own = [sides('misfit', A), sides('misfit', B)];
  expectSize('misfit', `a tensor ${B.name} of rows`, own[1][0], own[0][0]);
  expectSize('misfit', `a tensor ${A.name} of columns`, own[0][1], rows);
  expectSize('misfit', `a tensor ${B.name} of columns`, own[1][1], columns);
  if (W.trained) throw new RangeError(`misfit: expected weights that stay as they are, got ${W.name}`);
  if (weight.op !== 'column' || weight.size !== 1)
    throw new RangeError(`misfit: expected a column of 1 number as weight, got ${weight.op}`);
  return node('misfit', 1, [W, A, B, weight], { factor });
}

/** Base of the digits that an entry of a sample may hold. */
export const DIGIT_BASE = 16;

/** x divided by the base so many times, exactly. */
export const shiftDigits = (x: number, times: number): number =>
  times === 0 ? x : shiftDigits(x / DIGIT_BASE, times - 1);

/** Digit number `place` of ⌊x⌋, the last one being 0. */
export const digitOf = (x: number, place: number): number =>
  Math.floor(shiftDigits(x, place)) - DIGIT_BASE * Math.floor(shiftDigits(x, place + 1));

/** Digit number `place` of ⌊a_j⌋ in base 16, the last one being 0; no slope goes back. */
export const digit = (a: Node, place: number): Node => node('digit', a.size, [a], { factor: place });

/** c_j e^{a_j} / Σ_k c_k e^{a_k} with c ≥ 0; all 0 where c is. No slope goes to c. */
export const softmax = pairwise('softmax');

/** Loss factor · Σ_j t_j (ln Σ_k e^{z_k} − z_j), the cross-entropy of e^z / Σ e^z where t sums to 1. No slope goes to t. */
export function crossEntropy(z: Node, t: Node, factor = 1): Node {
  expectSize('cross-entropy', 'a vector', t.size, z.size);
  return node('cross-entropy', 1, [z, t], { factor });
}

/** Whether a node is a loss of a sample. */
export const isLoss = ({ op }: Node): boolean =>
  op === 'squared' || op === 'absolute' || op === 'count' || op === 'frequent' || op === 'cross-entropy';
/** The column that weights the entries of a loss, if it has one. */
export const weightOf = ({ op, args }: Node): Node | undefined =>
  op === 'cross-entropy' ? undefined : args[1];
/** Whether a node is known before the batch, or drawn, and not computed for a sample. */
export const isGiven = ({ op }: Node): boolean =>
  op === 'param' ||
  op === 'input' ||
  op === 'column' ||
  op === 'uniform' ||
  op === 'clock' ||
  op === 'source' ||
  op === 'norms';
/** Whether an operation hands no slope back. */
const isStill = ({ op }: Node): boolean =>
  op === 'hold' || op === 'digit' || op === 'below' || op === 'total' || op === 'climb';
/** Whether slopes of a node are summed over the samples: of tensors, and of what is made of them alone. */
export const isSummed = ({ op }: Node): boolean => op === 'param' || op === 'norms';

/** All nodes that some losses need, each behind its arguments. */
export interface Program {
  nodes: Node[];
  still: Node[]; // losses of the weights alone, whose arguments are among the nodes
}

/** Uniform numbers that a sample of a program takes. */
export const drawnBy = ({ nodes }: Program): number =>
  nodes.reduce((sum, { op, size }) => sum + (op === 'uniform' ? size : 0), 0);

/** The sources of a program. */
export const sourcesOf = ({ nodes }: Program): Node[] => nodes.filter(({ op }) => op === 'source');

/** Numbers that the sources of a program keep of a place in the batch. */
export const sourceWidth = (program: Program): number =>
  sourcesOf(program).reduce((sum, { size }) => sum + size, 0);

/** Ascents that a source makes at a step. */
export const climbsOf = ({ nodes }: Program, own: Node): Node[] =>
  nodes.filter((node) => node.op === 'climb' && foot(node) === own);

/** The program of the sum of some losses, and of the last climbs of its sources. */
export function programOf(losses: Node[]): Program {
  const nodes = new Set<Node>();
  const visit = (own: Node): void => {
    if (nodes.has(own)) return;
    own.args.forEach(visit);
    nodes.add(own);
  };
  for (const own of losses) {
    if (own.op === 'misfit') own.args.forEach(visit);
    else if (isLoss(own) || own.op === 'climb') visit(own);
    else throw new RangeError(`program: expected losses, got a vector of ${own.op}`);
  }
  return { nodes: [...nodes], still: losses.filter(({ op }) => op === 'misfit') };
}

/** Nodes from which a loss can be reached by operations that hand slopes back. */
function felt({ nodes, still }: Program): Set<Node> {
  const out = new Set<Node>([...nodes.filter(isLoss), ...still.flatMap(({ args }) => args)]);
  for (const own of [...nodes].reverse())
    if (out.has(own) && !isStill(own)) for (const arg of own.args) out.add(arg);
  return out;
}

/** Nodes whose value depends on a weight that is trained, and on which a loss does: those with a gradient. */
export function moving(program: Program): Set<Node> {
  const reach = felt(program);
  const out = new Set<Node>();
  for (const own of program.nodes)
    if (reach.has(own) && !isStill(own) && (own.trained || own.args.some((arg) => out.has(arg))))
      out.add(own);
  return out;
}
