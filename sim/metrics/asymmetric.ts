/**
 * The asymmetric superposition motif: one neuron serves two features with unequal weights in and the inverse
 * weights out, and a second neuron takes back the interference that this causes.
 *
 *     encode  a: large, b: small       [2, −½]
 *     decode  a: small, b: large       [½, 2]
 *
 * The sign of either encoder weight is free, since x and −x are equally likely. Both products are ±1, so each
 * feature is computed at full strength; b disturbs a little, a disturbs b much, and the partner, which fires
 * when a fires, has a negative weight onto b.
 */
import type { Shape } from './norms.ts';
import type { Weights } from './weights.ts';

/** One neuron in the motif, and the neuron that inhibits. Weights as they stand in W and V. */
export interface AsymmetricMotif {
  neuron: number;
  primary: number; // a
  secondary: number; // b
  encode: [number, number]; // W_ak, W_bk
  decode: [number, number]; // V_ak, V_bk
  inhibitor: number | null; // fires with a and takes back half of its disturbance of b or more
}

/** Encoding ratio |W_bk / W_ak| of the motif: distinctly below 1, above noise. */
const ENCODE: readonly [number, number] = [0.08, 0.7];
/** Each feature's way through the neuron, |W_ik| V_ik, is 1 in the motif; half to one and a half counts. */
const THROUGH: readonly [number, number] = [0.5, 1.5];

const within = (x: number, [low, high]: readonly [number, number]) => x >= low && x <= high;

/** Share of the disturbance |W_ak| V_bk that one neuron must take back to count as the inhibitor. */
const TAKEN_BACK = 0.5;

/** Neuron that fires with a on the same side as the motif's and pulls b down most, if far enough; else null. */
function inhibitorOf(
  W: ArrayLike<number>,
  V: ArrayLike<number>,
  rowA: number,
  rowB: number,
  m: number,
  own: number,
): number | null {
  const side = Math.sign(W[rowA + own]);
  let inhibitor: number | null = null;
  let strongest = -TAKEN_BACK * Math.abs(W[rowA + own]) * V[rowB + own];
  for (let k = 0; k < m; k++) {
    const pull = Math.max(0, side * W[rowA + k]) * V[rowB + k];
    if (k === own || pull >= strongest) continue;
    inhibitor = k;
    strongest = pull;
  }
  return inhibitor;
}

/** Whether weights in (wa, wb) and out (va, vb) of one neuron are those of the motif. */
function isAsymmetric(wa: number, wb: number, va: number, vb: number): boolean {
  const unequal = within(Math.abs(wb / wa), ENCODE) && vb > va;
  return unequal && within(Math.abs(wa) * va, THROUGH) && within(Math.abs(wb) * vb, THROUGH);
}

/** All asymmetric motifs in instance `instance` of an untied model, in the order of their neurons. */
export function findAsymmetric({ W, V }: Weights, shape: Shape, instance: number): AsymmetricMotif[] {
  const { features: n, hidden: m } = shape;
  if (!V) throw new RangeError('findAsymmetric: expected an untied model, got a tied one');
  const motifs: AsymmetricMotif[] = [];
  const row = (i: number) => (instance * n + i) * m;
  for (let k = 0; k < m; k++) {
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const encode: [number, number] = [W[row(a) + k], W[row(b) + k]];
        const decode: [number, number] = [V[row(a) + k], V[row(b) + k]];
        if (!isAsymmetric(...encode, ...decode)) continue;
        const inhibitor = inhibitorOf(W, V, row(a), row(b), m, k);
        motifs.push({ neuron: k, primary: a, secondary: b, encode, decode, inhibitor });
      }
    }
  }
  return motifs;
}
