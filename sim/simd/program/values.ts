/** Kernel text of a program's operations on one row of four samples, forward. */
import { isLoss, type Node } from '../../program/ops.ts';
import { each, get, set, v, w } from '../wat.ts';
import { growth, powerOf, series } from './powers.ts';
import {
  append,
  baseOf,
  leastName,
  lossWeight,
  type Row,
  read,
  readSingle,
  readWhole,
  SHORT,
  valueName,
} from './row.ts';
import { digitOf, shareOf, surpriseOf } from './soft.ts';
import { climbRow } from './sources.ts';

/** Puts a value of this row into its local, and into memory if it has a place there. */
function keep(row: Row, node: Node, value: string): string[] {
  const { group, index } = row;
  const spot = group.placement.value.get(node);
  const out = [set(valueName(group, node, index), value)];
  if (index !== null) return out;
  row.known.add(node);
  if (spot) out.push(v.store(baseOf(row, node, spot.side), get(valueName(group, node, null)), spot.at));
  return [...out, ...append(row, node, get(valueName(group, node, null)))];
}

/**
 * Sets local `out` to tanh x = u / (u + 2), u = e^(2|x|) − 1 = 2^k (e^r − 1) + 2^k − 1, with the sign of x. Only
 * + − × ÷ and powers of 2, so it is the same in every engine of WebAssembly.
 */
function tanhOf(out: string, x: string): string[] {
  return [
    set('angle', x),
    set('double', v.abs(get('angle'))),
    set('double', v.pmin(v.add(get('double'), get('double')), v.all(30))), // tanh 15 rounds to 1
    ...growth('double'),
    set('grown', v.add(v.mul(get('twos'), get('grown')), v.sub(get('twos'), v.all(1)))),
    set('grown', v.div(get('grown'), v.add(get('grown'), v.all(2)))),
    set(out, w.or(get('grown'), w.and(get('angle'), w.all(0x80000000 | 0)))),
  ];
}

/** 1/√(2π) */
const PEAK = 0.3989422804014327;
/** erfc z = (a₁ t + … + a₅ t⁵) e^(−z²), t = 1/(1 + p z), to 1.5e-7 for z ≥ 0 (Abramowitz & Stegun 7.1.26). */
const ERFC = {
  p: 0.3275911,
  a: [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], // of t⁵ … t
};

/** Sets local cdf to Φ(x) and local density to φ(x) of the standard normal. */
function normalTo(x: string): string[] {
  const tail = v.mul(v.mul(series(ERFC.a, 'share'), get('share')), v.all(0.5));
  return [
    set('angle', x),
    ...powerOf(v.mul(v.mul(get('angle'), get('angle')), v.all(-0.5))),
    set('share', v.div(v.all(1), v.add(v.all(1), v.mul(v.abs(get('angle')), v.all(ERFC.p * Math.SQRT1_2))))),
    set('cdf', v.mul(tail, get('power'))),
    set('cdf', v.select(v.sub(v.all(1), get('cdf')), get('cdf'), v.gt(get('angle'), v.zero))),
    set('density', v.mul(get('power'), v.all(PEAK))),
  ];
}

/** Sets local `out` to the slope of GELU, Φ + x φ, after normalTo; x in local angle. */
const geluSlope = (out: string): string => set(out, v.add(get('cdf'), v.mul(get('angle'), get('density'))));

/** Sets local slope to that of GELU at x. */
export const geluSlopeAt = (x: string): string[] => [...normalTo(x), geluSlope('slope')];

/** Where GELU of unit k of this row's perceptron stands, and its slope. */
export function unitAt(row: Row, node: Node, k: number): { base: string; gelu: number; slope: number } {
  const { side, at } = row.group.placement.units.get(node)!;
  return { base: baseOf(row, node, side), gelu: at + 32 * k, slope: at + 32 * k + 16 };
}

/** Sets local perceived to the perceptron of this row, and keeps what the way back needs. */
function perceive(row: Row, node: Node): string[] {
  const [s, inner, shift, outer] = node.args;
  const units = each(inner.shape[1], (k) => {
    const { base, gelu, slope } = unitAt(row, node, k);
    return [
      ...normalTo(v.add(v.mul(read(row, inner, k), get('sensed')), read(row, shift, k))),
      geluSlope('density'),
      set('cdf', v.mul(get('angle'), get('cdf'))),
      v.store(base, get('cdf'), gelu),
      v.store(base, get('density'), slope),
      set('perceived', v.add(get('perceived'), v.mul(read(row, outer, k), get('cdf')))),
    ];
  });
  return [set('sensed', read(row, s)), set('perceived', v.zero), ...units.flat()];
}

/** max(a, 0), or a where it is above 0 and leak · a elsewhere; a NaN passes. */
const rectified = (a: string, leak: number): string => v.pmax(a, leak === 0 ? v.zero : v.mul(a, v.all(leak)));

/** Sets local `out` to Σ_k W_k h_k over a row of W. */
function dotTo(out: string, row: Row, W: Node, h: Node): string[] {
  return each(h.size, (k) => {
    const product = v.mul(read(row, W, k), readWhole(row.group, row.loop, h, k));
    return set(out, k === 0 ? product : v.add(get(out), product));
  });
}

/** h_k += W_k x over a row of W; the first row that is written out sets. */
function sumRow(row: Row, node: Node): string[] {
  const [W, x] = node.args;
  return each(node.size, (k) => {
    const [name, product] = [valueName(row.group, node, k), v.mul(read(row, W, k), read(row, x))];
    return set(name, row.index === 0 ? product : v.add(get(name), product));
  });
}

/** y += a over the rows; the first row that is written out sets. */
function totalRow(row: Row, node: Node): string[] {
  const [name, a] = [valueName(row.group, node, 0), read(row, node.args[0])];
  return [set(name, row.index === 0 ? a : v.add(get(name), a))];
}

/** What an entry of a frequent loss counts in this batch (0), or its slope (1). */
export const dearAt = (row: Row, node: Node, which: 0 | 1): string =>
  v.load(baseOf(row, node, 'tile'), row.group.placement.means.get(node)!.at + 16 * which);

/** A loss node's part of twice the loss; of a square, its slope stays in a local. */
function lossRow(row: Row, node: Node): string[] {
  const a = read(row, node.args[0]);
  const grow = (part: string) => set('loss', v.add(get('loss'), part));
  if (node.op === 'cross-entropy') return [grow(v.mul(lossWeight(row, node), surpriseOf(row, node)))];
  if (node.op === 'absolute') return [grow(v.mul(v.abs(a), lossWeight(row, node)))];
  if (node.op === 'frequent') return [grow(v.mul(v.mul(a, lossWeight(row, node)), dearAt(row, node, 0)))];
  if (node.op === 'count') return [grow(w.and(lossWeight(row, node), v.gt(a, read(row, node.args[2]))))];
  const pull = valueName(row.group, node, row.index);
  return [set(pull, v.mul(a, lossWeight(row, node))), grow(v.mul(get(pull), a))];
}

/** Statements that compute a node of this row. */
export function forwardRow(row: Row, node: Node): string[] {
  const [a, b] = node.args;
  if (isLoss(node)) return lossRow(row, node);
  switch (node.op) {
    case 'matT':
      return sumRow(row, node);
    case 'mat':
      return [...dotTo('dot', row, a, b), ...keep(row, node, get('dot'))];
    case 'add':
      return keep(row, node, v.add(read(row, a), read(row, b)));
    case 'sub':
      return keep(row, node, v.sub(read(row, a), read(row, b)));
    case 'mul':
      return keep(row, node, v.mul(read(row, a), read(row, b)));
    case 'scale':
      return keep(row, node, v.mul(read(row, a), v.all(node.factor)));
    case 'hold':
      return keep(row, node, read(row, a));
    case 'times':
      return keep(row, node, v.mul(read(row, a), readSingle(row, b)));
    case 'normal-gelu':
      return [...normalTo(read(row, a)), ...keep(row, node, v.mul(get('angle'), get('cdf')))];
    case 'perceptrons':
      return [...perceive(row, node), ...keep(row, node, get('perceived'))];
    case 'hard-sigmoid': {
      const beyond = v.add(v.all(1), v.mul(v.all(node.factor), v.sub(read(row, a), v.all(1))));
      return keep(row, node, v.select(beyond, v.pmax(read(row, a), v.zero), v.gt(read(row, a), v.all(1))));
    }
    case 'below':
      return keep(row, node, w.and(v.all(1), v.gt(v.all(node.factor), read(row, a))));
    case 'total':
      return totalRow(row, node);
    case 'climb':
      return [...climbRow(row, node), ...keep(row, node, get('climbed'))];
    case 'saturate':
      return [
        set('square', v.mul(read(row, a), read(row, a))),
        ...keep(row, node, v.div(get('square'), v.add(get('square'), v.mul(read(row, b), read(row, b))))),
      ];
    case 'digit':
      return [set('given', read(row, a)), ...keep(row, node, digitOf('given', node.factor))];
    case 'softmax':
      return keep(row, node, shareOf(row, node));
    case 'relu':
      return keep(row, node, rectified(read(row, a), node.factor));
    case 'abs':
      return keep(row, node, v.abs(read(row, a)));
    case 'tanh':
      return [...tanhOf('tanh', read(row, a)), ...keep(row, node, get('tanh'))];
    case 'div':
      return keep(row, node, v.div(read(row, a), v.pmax(read(row, b), v.all(SHORT))));
    case 'gate':
      return keep(row, node, w.and(read(row, a), v.gt(read(row, b), v.zero)));
    case 'jump':
      return keep(row, node, w.and(read(row, a), v.gt(read(row, a), read(row, b))));
    case 'largest':
    case 'largest-of-batch': {
      const above = w.and(read(row, a), v.gt(read(row, a), v.zero));
      return keep(row, node, w.andnot(above, v.gt(get(leastName(row.group, node)), read(row, a))));
    }
    default:
      throw new Error(`no kernel for ${node.op}`);
  }
}
