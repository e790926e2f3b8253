/**
 * Any program in float64: loss of a batch and its gradients, one sample after the other. The loops are plain, so
 * that they can be read beside the formulas of ops.ts; the toy family's are held against model.ts.
 */
import { exp, log, square, tanh } from '../elementary.ts';
import { normalCdf, normalDensity } from '../normal.ts';
import {
  CLIMB_EPSILON,
  digitOf,
  drawnBy,
  foot,
  isGiven,
  isLoss,
  isSummed,
  moving,
  type Node,
  type Program,
  sourcesOf,
  sourceWidth,
} from './ops.ts';

/** Numbers by the name of a tensor or column, of one instance. */
export type Named = Record<string, ArrayLike<number>>;

/** Loss of a batch, and the gradient of every trained tensor. */
export interface Evaluation {
  loss: number;
  gradients: Record<string, Float64Array>;
}

/**
 * What a step of a program has beside its batch: the numbers of its clocks, by name, and its sources, which it moves in
 * place: (samples, 3 S), of every place in the batch the S numbers of all sources, then their first moments, then their
 * second.
 */
export interface Moment {
  clocks: Record<string, number>;
  sources: Float64Array;
}

/** The numbers of every node and what the loss gains per unit of each: value and slope (size). */
interface Pass {
  program: Program;
  value: Map<Node, ArrayLike<number>>;
  slope: Map<Node, Float64Array>; // of the nodes that depend on a trained tensor
  least: Map<Node, number>; // smallest number that largest-of-batch keeps
  means: Map<Node, Float64Array>; // over the batch, of what frequent losses are of
  moments: Map<Node, [first: Float64Array, second: Float64Array]>; // of the sources at the present place
}

type Vector = ArrayLike<number>;

/** Numbers of a node that is given. */
function given(node: Node, tensors: Named, columns: Named): Vector {
  const found = node.op === 'param' ? tensors[node.name] : columns[node.name];
  if (found?.length === node.size) return found;
  throw new RangeError(
    `${node.op} "${node.name}": expected ${node.size} numbers, got ${found ? found.length : 'none'}`,
  );
}

/** Room for a program's numbers, the given ones in place. */
function passOf(program: Program, tensors: Named, columns: Named, clocks: Moment['clocks']): Pass {
  const pass: Pass = {
    program,
    value: new Map(),
    slope: new Map(),
    least: new Map(),
    means: new Map(),
    moments: new Map(),
  };
  for (const node of program.nodes) {
    if (node.op === 'clock') {
      pass.value.set(node, given(node, tensors, { [node.name]: [clocks[node.name]] }));
      continue;
    }
    const isKnown = node.op === 'param' || node.op === 'column';
    pass.value.set(node, isKnown ? given(node, tensors, columns) : new Float64Array(node.size));
  }
  for (const node of program.nodes)
    if (node.op === 'norms') setNorms(pass.value.get(node) as Float64Array, pass.value.get(node.args[0])!);
  for (const node of moving(program)) pass.slope.set(node, new Float64Array(node.size));
  return pass;
}

/** Lengths below this count as this, where something is divided by them. */
const SHORT = 1e-20;

/** out_j = ‖W_j‖ */
function setNorms(out: Float64Array, W: Vector): void {
  const columns = W.length / out.length;
  for (let j = 0; j < out.length; j++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += square(W[j * columns + k]);
    out[j] = Math.sqrt(sum);
  }
}

/** dW_jk += d_j W_jk / ‖W_j‖ */
function addNormSlopes(into: Float64Array, W: Vector, norms: Vector, d: Vector): void {
  const columns = W.length / d.length;
  for (let at = 0; at < W.length; at++) {
    const j = Math.floor(at / columns);
    into[at] += (d[j] * W[at]) / Math.max(norms[j], SHORT);
  }
}

/** The `count`-th largest of some numbers; count is rounded, and at least 1. */
function nthLargest(values: ArrayLike<number>, count: number): number {
  const place = Math.min(values.length, Math.max(1, Math.round(count)));
  return Float64Array.from(values).sort()[values.length - place];
}

/** out_k = Σ_i W_ik x_i */
function sumRows(out: Float64Array, W: Vector, x: Vector): void {
  const columns = out.length;
  out.fill(0);
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    if (xi !== 0) for (let k = 0; k < columns; k++) out[k] += W[i * columns + k] * xi;
  }
}

/** out_j = Σ_k W_jk h_k */
function dotRows(out: Float64Array, W: Vector, h: Vector): void {
  const columns = h.length;
  for (let j = 0; j < out.length; j++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += W[j * columns + k] * h[k];
    out[j] = sum;
  }
}

/** Σ_j weight_j f(a_j), a weight of one number standing for all and none for 1. */
function weighted(a: Vector, weight: Vector | undefined, f: (a: number) => number): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += weightOf(weight, j) * f(a[j]);
  return sum;
}

/** Σ_j a_j b_j */
function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum;
}

const weightOf = (weight: Vector | undefined, j: number): number =>
  weight ? weight[weight.length === 1 ? 0 : j] : 1;

type Entry = (j: number) => number;

/** Φ(z), beyond |z| = 6 to 1e-9. */
const cdf = (z: number): number => (z <= -6 ? 0 : z >= 6 ? 1 : normalCdf(z));
const geluOf = (z: number): number => z * cdf(z);
const geluSlope = (z: number): number => cdf(z) + z * normalDensity(z);

/** out_j = Σ_k outer_jk GELU(inner_jk s_j + shift_jk) */
function perceive(out: Float64Array, [s, inner, shift, outer]: Vector[]): void {
  const units = inner.length / out.length;
  for (let j = 0, at = 0; j < out.length; j++) {
    out[j] = 0;
    for (let k = 0; k < units; k++, at++) out[j] += outer[at] * geluOf(inner[at] * s[j] + shift[at]);
  }
}

/** Hands the slopes d of perceptrons on to their input and their tensors. */
function perceptronSlopes([s, inner, shift, outer]: Vector[], into: (Float64Array | undefined)[], d: Vector) {
  const units = inner.length / d.length;
  const [ds, dInner, dShift, dOuter] = into;
  for (let at = 0; at < inner.length; at++) {
    const j = Math.floor(at / units);
    const z = inner[at] * s[j] + shift[at];
    const back = d[j] * outer[at] * geluSlope(z);
    if (ds) ds[j] += back * inner[at];
    if (dInner) dInner[at] += back * s[j];
    if (dShift) dShift[at] += back;
    if (dOuter) dOuter[at] += d[j] * geluOf(z);
  }
}

/** out_j = c_j e^{a_j} / Σ c e^a, beside the largest a that counts; 0 where no c does. */
function shares(out: Float64Array, a: Vector, c: Vector): void {
  let [top, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (let j = 0; j < a.length; j++) if (c[j] > 0 && !(a[j] <= top)) top = a[j];
  for (let j = 0; j < a.length; j++) {
    out[j] = c[j] > 0 ? c[j] * exp(a[j] - top) : 0;
    sum += out[j];
  }
  for (let j = 0; j < a.length; j++) out[j] /= Math.max(sum, SHORT);
}

/** ln Σ_k e^{z_k} */
function logSum(z: Vector): number {
  let [top, sum] = [Number.NEGATIVE_INFINITY, 0];
  for (let j = 0; j < z.length; j++) if (!(z[j] <= top)) top = z[j];
  for (let j = 0; j < z.length; j++) sum += exp(z[j] - top);
  return top + log(sum);
}

/** Σ_j t_j (ln Σ_k e^{z_k} − z_j) */
function crossEntropy(z: Vector, t: Vector): number {
  const whole = logSum(z);
  let sum = 0;
  for (let j = 0; j < z.length; j++) sum += t[j] * (whole - z[j]);
  return sum;
}

/** Entry j of an operation on the entries of a and b. */
function entryOf({ op, factor }: Node, a: Vector, b: Vector): Entry {
  switch (op) {
    case 'add':
      return (j) => a[j] + b[j];
    case 'sub':
      return (j) => a[j] - b[j];
    case 'mul':
      return (j) => a[j] * b[j];
    case 'scale':
      return (j) => factor * a[j];
    case 'hold':
      return (j) => a[j];
    case 'digit':
      return (j) => digitOf(a[j], factor);
    case 'relu':
      return (j) => (a[j] > 0 ? a[j] : factor * a[j]);
    case 'times':
      return (j) => a[j] * b[0];
    case 'normal-gelu':
      return (j) => geluOf(a[j]);
    case 'hard-sigmoid':
      return (j) => (a[j] > 1 ? 1 + factor * (a[j] - 1) : Math.max(0, a[j]));
    case 'tanh':
      return (j) => tanh(a[j]);
    case 'abs':
      return (j) => Math.abs(a[j]);
    case 'div':
      return (j) => a[j] / Math.max(b[j], SHORT);
    case 'gate':
      return (j) => (b[j] > 0 ? a[j] : 0);
    case 'jump':
      return (j) => (a[j] > b[j] ? a[j] : 0);
    case 'below':
      return (j) => Number(a[j] < factor);
    case 'saturate':
      return (j) => square(a[j]) / (square(a[j]) + square(b[0]));
    default:
      throw new Error(`no value of ${op}`);
  }
}

const LN2 = log(2);

/** log2(1 + scale · ā) and the slope of ā log2(1 + scale · ā). */
function dearness(scale: number, mean: number): [value: number, slope: number] {
  const value = log(1 + scale * mean) / LN2;
  return [value, value + (scale * mean) / (1 + scale * mean) / LN2];
}

/** Σ_j weight a_j log2(1 + scale · ā_j) */
function frequencies({ width }: Node, a: Vector, weight: Vector | undefined, means: Vector): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += weightOf(weight, j) * a[j] * dearness(width, means[j])[0];
  return sum;
}

/** One ascent of a source along d; moves its moments. */
function ascend(pass: Pass, node: Node, out: Float64Array): void {
  const { factor: beta1, width: beta2 } = foot(node);
  const [first, second] = pass.moments.get(foot(node))!;
  const [s, d, [rate], [correct]] = node.args.map((arg) => pass.value.get(arg)!) as Float64Array[];
  for (let j = 0; j < out.length; j++) {
    first[j] = beta1 * first[j] + (1 - beta1) * d[j];
    second[j] = beta2 * second[j] + (1 - beta2) * square(d[j]);
    const moved = s[j] + (rate * first[j]) / (correct * Math.sqrt(second[j]) + CLIMB_EPSILON);
    out[j] = Math.min(1, Math.max(0, moved));
  }
}

/** out_j = a_j where it is above 0 and not below `least`, else 0 */
function keepFrom(out: Float64Array, a: Vector, least: number): void {
  for (let j = 0; j < out.length; j++) out[j] = a[j] > 0 && a[j] >= least ? a[j] : 0;
}

/** Σ_j weight_j [a_j > t_j] */
function countAbove(a: Vector, t: Vector, weight: Vector): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) if (a[j] > t[j]) sum += weightOf(weight, j);
  return sum;
}

/** Sets a computed node's numbers from its arguments'. */
function forward(pass: Pass, node: Node): void {
  const { value } = pass;
  const [a, b] = node.args.map((arg) => value.get(arg)!);
  const out = value.get(node) as Float64Array;
  if (node.op === 'largest') keepFrom(out, a, nthLargest(a, b[0]));
  else if (node.op === 'largest-of-batch') keepFrom(out, a, pass.least.get(node) ?? 0);
  else if (node.op === 'softmax') shares(out, a, b);
  else if (node.op === 'cross-entropy') out[0] = node.factor * crossEntropy(a, b);
  else if (node.op === 'count') out[0] = node.factor * countAbove(a, value.get(node.args[2])!, b);
  else if (node.op === 'perceptrons')
    perceive(
      out,
      node.args.map((arg) => value.get(arg)!),
    );
  else if (node.op === 'matT') sumRows(out, a, b);
  else if (node.op === 'mat') dotRows(out, a, b);
  else if (node.op === 'total') out[0] = weighted(a, undefined, (z) => z);
  else if (node.op === 'climb') ascend(pass, node, out);
  else if (node.op === 'frequent')
    out[0] = node.factor * frequencies(node, a, b, pass.means.get(node) ?? new Float64Array(a.length));
  else if (node.op === 'squared') out[0] = node.factor * weighted(a, b, (z) => z * z);
  else if (node.op === 'absolute') out[0] = node.factor * weighted(a, b, Math.abs);
  else {
    const entry = entryOf(node, a, b);
    for (let j = 0; j < out.length; j++) out[j] = entry(j);
  }
}

/** into_ik += x_i d_k, the gradient of W in both products. */
function addOuter(into: Float64Array, x: Vector, d: Vector): void {
  const columns = d.length;
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    if (xi !== 0) for (let k = 0; k < columns; k++) into[i * columns + k] += xi * d[k];
  }
}

/** into_i += Σ_k W_ik d_k */
function addDots(into: Float64Array, W: Vector, d: Vector): void {
  const columns = d.length;
  for (let i = 0; i < into.length; i++) {
    for (let k = 0; k < columns; k++) into[i] += W[i * columns + k] * d[k];
  }
}

/** into_k += Σ_j W_jk d_j */
function addSums(into: Float64Array, W: Vector, d: Vector): void {
  const columns = into.length;
  for (let j = 0; j < d.length; j++) {
    const dj = d[j];
    if (dj !== 0) for (let k = 0; k < columns; k++) into[k] += W[j * columns + k] * dj;
  }
}

/** The same of a softmax p, p_j (d_j − Σ_k d_k p_k), and of a cross-entropy, e^{z_j} Σ t / Σ_k e^{z_k} − t_j. */
function softGains({ op, factor }: Node, [a, b]: Vector[], d: Vector, out: Vector): Entry[] {
  if (op === 'softmax') {
    const mean = dot(d, out);
    return [(j) => out[j] * (d[j] - mean)];
  }
  const whole = logSum(a);
  const total = weighted(b, undefined, (t) => t);
  return [(j) => factor * d[0] * (total * exp(a[j] - whole) - b[j])];
}

/** The same of the operations of sparse codes. */
function codeGains({ op, factor, width }: Node, [a, b, c]: Vector[], d: Vector, out: Vector): Entry[] {
  switch (op) {
    case 'div':
      return [(j) => d[j] / Math.max(b[j], SHORT), (j) => (-d[j] * out[j]) / Math.max(b[j], SHORT)];
    case 'gate':
      return [(j) => (b[j] > 0 ? d[j] : 0)];
    case 'jump':
      return [
        (j) => (a[j] > b[j] ? d[j] : 0),
        (j) => (Math.abs(a[j] - b[j]) < factor / 2 ? (-b[j] / factor) * d[j] : 0),
      ];
    case 'largest':
    case 'largest-of-batch':
      return [(j) => (out[j] > 0 ? d[j] : 0)];
    case 'count':
      return [
        () => 0,
        () => 0,
        (j) => (Math.abs(a[j] - c[j]) < width / 2 ? (-factor * d[0] * weightOf(b, j)) / width : 0),
      ];
    default:
      throw new Error(`no slope of ${op}`);
  }
}

/** What entry j of each argument gains from an operation's slope d; `out` is the operation's value, c a third argument. */
function gains(node: Node, args: Vector[], d: Vector, out: Vector): Entry[] {
  const { op, factor } = node;
  const [a, b] = args;
  switch (op) {
    case 'add':
      return [(j) => d[j], (j) => d[j]];
    case 'sub':
      return [(j) => d[j], (j) => -d[j]];
    case 'mul':
      return [(j) => d[j] * b[j], (j) => d[j] * a[j]];
    case 'scale':
      return [(j) => factor * d[j]];
    case 'relu':
      return [(j) => (a[j] > 0 ? d[j] : factor * d[j])];
    case 'times':
      return [(j) => d[j] * b[0], () => dot(d, a)];
    case 'normal-gelu':
      return [(j) => d[j] * geluSlope(a[j])];
    case 'hard-sigmoid':
      return [(j) => (a[j] > 1 ? factor * d[j] : a[j] > 0 ? d[j] : Math.min(0, d[j]) * node.width)];
    case 'tanh':
      return [(j) => d[j] * (1 - out[j] * out[j])];
    case 'abs':
      return [(j) => d[j] * Math.sign(a[j])];
    case 'squared':
      return [(j) => 2 * factor * d[0] * weightOf(b, j) * a[j]];
    case 'absolute':
      return [(j) => factor * d[0] * weightOf(b, j) * Math.sign(a[j])];
    case 'saturate':
      return [(j) => (2 * d[j] * a[j] * square(b[0])) / square(square(a[j]) + square(b[0]))];
    case 'softmax':
    case 'cross-entropy':
      return softGains(node, args, d, out);
    default:
      return codeGains(node, args, d, out);
  }
}

/** Hands the slope of a product on to its matrix and its vector. */
function productSlopes(
  { op }: Node,
  [W, x]: Vector[],
  [dW, dx]: (Float64Array | undefined)[],
  d: Vector,
): void {
  const isSum = op === 'matT';
  if (dW) addOuter(dW, isSum ? x : d, isSum ? d : x);
  if (dx && isSum) addDots(dx, W, d);
  else if (dx) addSums(dx, W, d);
}

/** Hands a node's slope on to its arguments. */
function backward({ value, slope, means }: Pass, node: Node): void {
  const args = node.args.map((arg) => value.get(arg)!);
  const into = node.args.map((arg) => slope.get(arg));
  const d = slope.get(node)!;
  if (node.op === 'mat' || node.op === 'matT') {
    productSlopes(node, args, into, d);
    return;
  }
  if (node.op === 'perceptrons') {
    perceptronSlopes(args, into, d);
    return;
  }
  if (node.op === 'frequent') {
    const mean = means.get(node)!;
    const slopes = into[0];
    for (let j = 0; slopes && j < slopes.length; j++)
      slopes[j] += node.factor * d[0] * weightOf(args[1], j) * dearness(node.width, mean[j])[1];
    return;
  }
  gains(node, args, d, value.get(node)!).forEach((gain, k) => {
    const target = into[k];
    if (target) for (let j = 0; j < target.length; j++) target[j] += gain(j);
  });
}

/** Gives the uniform nodes of a program their numbers of one sample, one after the other. */
function setUniform({ program, value }: Pass, drawn: Vector): void {
  let at = 0;
  for (const node of program.nodes.filter(({ op }) => op === 'uniform')) {
    const out = value.get(node) as Float64Array;
    for (let j = 0; j < out.length; j++) out[j] = drawn[at++];
  }
}

/** Gives the sources of a program their numbers of one place in the batch, and their moments (3 S), as views. */
function setSources({ program, value, moments }: Pass, own: Float64Array): void {
  const width = own.length / 3;
  let at = 0;
  for (const node of sourcesOf(program)) {
    const part = (k: number) => own.subarray(k * width + at, k * width + at + node.size);
    value.set(node, part(0));
    moments.set(node, [part(1), part(2)]);
    at += node.size;
  }
}

/** Leaves what the last climbs have made of the sources. */
function keepSources({ program, value }: Pass): void {
  for (const node of program.nodes)
    if (node.op === 'climb') (value.get(foot(node)) as Float64Array).set(value.get(node)!);
}

/** Loss of one sample, as it is and as it is shown; adds its gradients, times `weight`, to the slopes of the tensors. */
function runSample(pass: Pass, x: Vector, seen: Vector, weight: number, drawn: Vector = []): number {
  const { nodes } = pass.program;
  setUniform(pass, drawn);
  let loss = 0;
  for (const node of nodes) {
    if (node.op === 'input') (pass.value.get(node) as Float64Array).set(node.name === '' ? x : seen);
    else if (!isGiven(node)) forward(pass, node);
    if (isLoss(node)) loss += pass.value.get(node)![0];
  }
  for (const [node, slope] of pass.slope) if (!isSummed(node)) slope.fill(isLoss(node) ? weight : 0);
  for (let k = nodes.length - 1; k >= 0; k--)
    if (!isGiven(nodes[k]) && pass.slope.has(nodes[k])) backward(pass, nodes[k]);
  return loss;
}

/** A batch (samples, n). */
type Batch = Float32Array | Float64Array;

/** Features of a program's samples. */
const widthOf = ({ nodes }: Program): number => nodes.find(({ op }) => op === 'input')?.size ?? 1;

/**
 * What the loss of each sample of a batch (samples, n) gains per unit of the input that moves, where that is the
 * sample itself. Shape (samples, n).
 */
export function inputSlopes(program: Program, tensors: Named, columns: Named, batch: Batch): Float64Array {
  const pass = passOf(program, tensors, columns, {});
  const moved = program.nodes.find(({ op, trained }) => op === 'input' && trained)!;
  const out = new Float64Array(batch.length);
  for (let from = 0; from < batch.length; from += moved.size) {
    const x = batch.subarray(from, from + moved.size);
    runSample(pass, x, x, 1);
    out.set(pass.slope.get(moved)!, from);
  }
  return out;
}

/** Finds the least number that largest-of-batch keeps, by a first pass over the batch (samples, n). */
function setLeast(pass: Pass, node: Node, batch: Float32Array | Float64Array, n: number): void {
  const [a, k] = node.args;
  const all: number[] = [];
  for (let s = 0; s < batch.length; s += n) {
    for (const before of pass.program.nodes.slice(0, pass.program.nodes.indexOf(node))) {
      if (before.op === 'input') (pass.value.get(before) as Float64Array).set(batch.subarray(s, s + n));
      else if (!isGiven(before)) forward(pass, before);
    }
    all.push(...(pass.value.get(a) as Float64Array));
  }
  pass.least.set(node, nthLargest(all, pass.value.get(k)![0] * (batch.length / n)));
}

/** Finds the means over a batch (samples, n) of what frequent losses are of. */
function setMeans(pass: Pass, batch: Batch, n: number): void {
  const { nodes } = pass.program;
  const losses = nodes.filter(({ op }) => op === 'frequent');
  const needed = new Set(losses.map(({ args: [a] }) => a));
  for (const own of [...nodes].reverse()) if (needed.has(own)) for (const arg of own.args) needed.add(arg);
  for (const node of losses) pass.means.set(node, new Float64Array(node.args[0].size));
  for (let s = 0; losses.length > 0 && s < batch.length; s += n) {
    for (const own of nodes.filter((node) => needed.has(node))) {
      if (own.op === 'input') (pass.value.get(own) as Float64Array).set(batch.subarray(s, s + n));
      else if (!isGiven(own)) forward(pass, own);
    }
    for (const [node, mean] of pass.means)
      for (let j = 0; j < mean.length; j++) mean[j] += pass.value.get(node.args[0])![j] * (n / batch.length);
  }
}

/** W − AᵀB. W (rows, columns), A (parts, rows), B (parts, columns). */
function defect(W: Vector, A: Vector, B: Vector, rows: number): Float64Array {
  const columns = W.length / rows;
  const parts = A.length / rows;
  return Float64Array.from({ length: W.length }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    let sum = W[at];
    for (let c = 0; c < parts; c++) sum -= A[c * rows + i] * B[c * columns + j];
    return sum;
  });
}

const squares = (values: Vector): number => weighted(values, undefined, square);

/** Loss of a misfit; adds its gradients to the slopes of its tensors. */
function runMisfit({ value, slope }: Pass, { args, factor }: Node): number {
  const [W, A, B, weight] = args.map((arg) => value.get(arg)!);
  const [rows, columns] = args[0].shape;
  const left = defect(W, A, B, rows);
  const scale = (factor * weight[0]) / squares(W);
  const [, dA, dB] = args.map((arg) => slope.get(arg));
  for (let at = 0; at < left.length; at++) {
    const [i, j] = [Math.floor(at / columns), at % columns];
    const d = 2 * scale * left[at];
    for (let c = 0; c < args[1].shape[0]; c++) {
      if (dA) dA[c * rows + i] -= d * B[c * columns + j];
      if (dB) dB[c * columns + j] -= d * A[c * rows + i];
    }
  }
  return scale * squares(left);
}

/**
 * Loss of a program on a batch (samples, n), the mean over samples, and the gradient of every trained tensor, for
 * one instance's `tensors` and `columns`. `shown` (samples, n) is what a second input sees; `weights` (samples), of
 * mean 1, are how much each sample counts; `drawn` (samples, U) are the numbers of its uniform nodes; `moment` is what
 * the step has of clocks and sources, which it moves.
 */
export function evaluate(
  program: Program,
  tensors: Named,
  columns: Named,
  batch: Batch,
  shown: Batch = batch,
  weights?: Float64Array,
  drawn: Batch = new Float64Array(0),
  moment: Moment = { clocks: {}, sources: new Float64Array(0) },
): Evaluation {
  const pass = passOf(program, tensors, columns, moment.clocks);
  const n = widthOf(program);
  const samples = batch.length / n;
  for (const node of program.nodes) if (node.op === 'largest-of-batch') setLeast(pass, node, batch, n);
  setMeans(pass, batch, n);
  const width = drawnBy(program);
  const kept = 3 * sourceWidth(program);
  let loss = program.still.reduce((sum, node) => sum + runMisfit(pass, node), 0);
  for (let s = 0; s < samples; s++) {
    const at = [s * n, (s + 1) * n] as const;
    const weight = (weights?.[s] ?? 1) / samples;
    const own = drawn.subarray(s * width, (s + 1) * width);
    setSources(pass, moment.sources.subarray(s * kept, (s + 1) * kept));
    loss += runSample(pass, batch.subarray(...at), shown.subarray(...at), weight, own) * weight;
    keepSources(pass);
  }
  for (const [node, slope] of pass.slope) {
    if (node.op !== 'norms') continue;
    const [W] = node.args;
    addNormSlopes(pass.slope.get(W)!, pass.value.get(W)!, pass.value.get(node)!, slope);
  }
  const trained = [...pass.slope].filter(([{ op }]) => op === 'param');
  return { loss, gradients: Object.fromEntries(trained.map(([{ name }, slope]) => [name, slope])) };
}
