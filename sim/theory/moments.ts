/**
 * Exact moments of y and of ReLU(y) for a sum of uniforms y = offset + own·v + Σ_i c_i u_i, with v, u_i independent
 * U[0, 1]: the integrals from which expected losses are made.
 *
 * With k summands and Φ_k the k-th antiderivative of φ, E φ(y) = (1 / Π c_i) Σ_S (−1)^{k−|S|} Φ_k(z_S) over the
 * vertices z_S = offset + Σ_{i∈S} c_i of the cube. For φ = ReLU(z)^q, Φ_k = q! ReLU(z)^{q+k} / (q+k)!. The sum
 * cancels where coefficients are tiny, so those are integrated by Gauss–Legendre first.
 */

/** E g, E g² and E[v g] for g = y or ReLU(y); the last is 0 without an own term. */
export interface Moments {
  mean: number;
  square: number;
  cross: number;
}

/** Nodes and weights of 4-point Gauss–Legendre quadrature on [0, 1], exact to degree 7. */
const NODES: readonly [node: number, weight: number][] = [
  [0.06943184420297371, 0.17392742256872692],
  [0.33000947820757187, 0.3260725774312731],
  [0.6699905217924281, 0.3260725774312731],
  [0.9305681557970262, 0.17392742256872692],
];

/** Below this coefficient the midpoint serves as well: its error is c²/12 at most. */
const TINY = 1e-4;
const MIDPOINT: typeof NODES = [[0.5, 1]];

/** Largest factor by which rounding may grow in the vertex sum: 2^-52 · 10^6 is some 10^-10. */
const MAX_AMPLIFICATION = 1e6;

/** Moments of y itself. own is null without an own term. */
export function linearMoments(offset: number, own: number | null, others: readonly number[]): Moments {
  let mean = offset + (own ?? 0) / 2;
  let variance = (own ?? 0) ** 2 / 12;
  for (const c of others) {
    mean += c / 2;
    variance += (c * c) / 12;
  }
  return { mean, square: mean * mean + variance, cross: own === null ? 0 : mean / 2 + own / 12 };
}

/** The vertex sum over the cube of (own, others), by Gray code: consecutive vertices differ in one coordinate. */
function vertexMoments(offset: number, own: number | null, others: readonly number[]): Moments {
  const c = own === null ? others : [...others, own];
  const k = c.length;
  let volume = 1;
  for (const width of c) volume *= width;
  let factorial = 1; // (k + 1)!
  for (let i = 2; i <= k + 1; i++) factorial *= i;
  let mean = 0;
  let square = 0;
  let cross = 0;
  let z = offset;
  let sign = k % 2 === 0 ? 1 : -1;
  for (let step = 0, vertex = 0; ; ) {
    if (z > 0) {
      let power = z; // z^(k + 1)
      for (let i = 0; i < k; i++) power *= z;
      const first = (sign * power) / factorial; // antiderivative of ReLU
      const second = (first * z) / (k + 2); // one more
      mean += first;
      square += 2 * second;
      if (own !== null) cross += (vertex >> (k - 1) ? first : 0) - second / own;
    }
    if (++step === 1 << k) break;
    const bit = 31 - Math.clz32(step & -step);
    vertex ^= 1 << bit;
    z += vertex & (1 << bit) ? c[bit] : -c[bit];
    sign = -sign;
  }
  return { mean: mean / volume, square: square / volume, cross: cross / volume };
}

/** Growth of rounding errors in the vertex sum: 2^k · spread^{k+2} / ((k + 2)! Π|c_i|), once more /own. */
function amplification(own: number | null, others: readonly number[]): number {
  let spread = Math.abs(own ?? 0);
  for (const c of others) spread += Math.abs(c);
  let growth = own === null ? 1 : (spread / own) ** 2;
  for (const c of others) growth *= spread / Math.abs(c);
  const k = others.length + (own === null ? 0 : 1);
  for (let i = 1; i <= k; i++) growth *= 2 / (i + 2);
  return growth * spread * spread;
}

/** Averages over the summand of least weight by quadrature, the rest as before. */
function averageSmallest(offset: number, own: number | null, others: readonly number[]): Moments {
  const out = { mean: 0, square: 0, cross: 0 };
  let smallest = 0;
  for (let i = 1; i < others.length; i++) {
    if (Math.abs(others[i]) < Math.abs(others[smallest])) smallest = i;
  }
  const overOwn = own !== null && (others.length === 0 || Math.abs(own) < Math.abs(others[smallest]));
  const rest = overOwn ? others : others.toSpliced(smallest, 1);
  const width = overOwn ? own : others[smallest];
  for (const [node, weight] of overOwn || Math.abs(width) > TINY ? NODES : MIDPOINT) {
    const inner = reluMoments(offset + width * node, overOwn ? null : own, rest);
    out.mean += weight * inner.mean;
    out.square += weight * inner.square;
    out.cross += weight * (overOwn ? node * inner.mean : inner.cross);
  }
  return out;
}

/**
 * Moments of ReLU(offset + own·v + Σ_i others_i u_i), to about 1e-9 absolute for coefficients of order 1.
 * own is null where y has no own term.
 */
export function reluMoments(offset: number, own: number | null, others: readonly number[]): Moments {
  let low = offset + Math.min(0, own ?? 0);
  let high = offset + Math.max(0, own ?? 0);
  for (const c of others) {
    if (c < 0) low += c;
    else high += c;
  }
  if (high <= 0) return { mean: 0, square: 0, cross: 0 };
  if (low >= 0) return linearMoments(offset, own, others);
  if (amplification(own, others) > MAX_AMPLIFICATION) return averageSmallest(offset, own, others);
  return vertexMoments(offset, own, others);
}
