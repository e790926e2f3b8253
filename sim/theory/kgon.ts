/**
 * The high-sparsity limit of the ReLU-output model (Chen, Lau, Mendel, Wei & Murfet 2023, arXiv 2310.06301):
 * exactly one feature active, i uniform, value U[0, 1]; loss summed over features. There the expected loss is
 * L = H(W, b) / (3c) with c features, and its critical points in two dimensions are k-gons.
 */
import { gram } from '../metrics/gram.ts';
import { svd } from '../metrics/svd.ts';
import { minimise } from './optimum.ts';

/** ∫₀¹ 3 ReLU(a x + b)² dx: what output i costs when another feature, overlapping by a, is active. */
function foreignCost(a: number, b: number): number {
  const end = Math.max(0, a + b);
  const start = Math.max(0, b);
  if (Math.abs(a) < 1e-9) return 3 * start * start;
  return (end ** 3 - start ** 3) / a;
}

/** ∫₀¹ 3 (x − ReLU(a x + b))² dx: what output i costs when its own feature is active, ‖W_i‖² = a. */
function ownCost(a: number, b: number): number {
  const rest = 1 - a;
  const open = rest * rest - 3 * rest * b + 3 * b * b; // ReLU open for all x
  if (b >= 0) return open;
  if (a + b <= 0) return 1; // never open
  return open + b ** 3 / (a * a) + b ** 3 / a; // open from x = −b / a on
}

/**
 * The potential H(W, b) = Σ_i [own cost of i + Σ_{j≠i} cost of i when j is active]. W is (c, m), b (c).
 * Expected loss, summed over features: H / (3c). Every feature dead gives H = c.
 */
export function potential(W: ArrayLike<number>, b: ArrayLike<number>, m = 2): number {
  const c = b.length;
  const a = gram({ W }, { features: c, hidden: m });
  let H = 0;
  for (let i = 0; i < c; i++) {
    for (let j = 0; j < c; j++) H += i === j ? ownCost(a[i * c + i], b[i]) : foreignCost(a[i * c + j], b[i]);
  }
  return H;
}

/** A k-gon among c features: k columns of length l at equal angles with bias b, the others zero. */
export interface Kgon {
  k: number;
  length: number; // l*
  bias: number; // b*
  h: number; // its part of H
}

/** W (c, 2) and b (c) of a k-gon among c features; the first `positive` dead ones have bias 1/(2c), others −1. */
export function kgonModel(
  c: number,
  kgon: Omit<Kgon, 'h'>,
  positive = 0,
): { W: Float64Array; b: Float64Array } {
  const { k, length, bias } = kgon;
  const W = new Float64Array(c * 2);
  const b = new Float64Array(c);
  for (let i = 0; i < c; i++) {
    W[i * 2] = i < k ? length * Math.cos((2 * Math.PI * i) / k) : 0;
    W[i * 2 + 1] = i < k ? length * Math.sin((2 * Math.PI * i) / k) : 0;
    b[i] = i < k ? bias : i < k + positive ? 1 / (2 * c) : -1;
  }
  return { W, b };
}

/** Where to look for k-gons: near the square, the pentagon, the hexagon and the tightly packed ones. */
const STARTS: readonly [length: number, bias: number][] = [
  [1, -0.05],
  [1.2, -0.3],
  [1.4, -0.8],
  [1.6, -1.4],
];

/**
 * Best k-gon: l > 0 and b that minimise its share h of H, or null if every k-gon is worse than k dead features
 * (h = k). By symmetry it is then a critical point of H among all W and b.
 */
export function solveKgon(k: number): Kgon | null {
  const share = ([length, bias]: Float64Array) => {
    const { W, b } = kgonModel(k, { k, length, bias });
    return potential(W, b);
  };
  const minima = STARTS.map((start) => minimise(share, start));
  const best = minima.reduce((low, other) => (other.value < low.value ? other : low));
  if (best.value > k - 1e-6) return null;
  return { k, length: Math.abs(best.x[0]), bias: best.x[1], h: best.value };
}

/**
 * Expected loss of a k-gon among c features, summed over features: (h + c − k) / (3c), less 1/(4c²) for each
 * of the `positive` dead features whose bias is 1/(2c) instead of negative (the k⁺ variants).
 */
export function kgonLoss(c: number, kgon: Kgon, positive = 0): number {
  return (kgon.h + c - kgon.k) / (3 * c) - positive / (4 * c * c);
}

/** d/da and d/db of foreignCost. */
function foreignSlopes(a: number, b: number): [number, number] {
  const end = Math.max(0, a + b);
  const start = Math.max(0, b);
  if (Math.abs(a) < 1e-9) return [3 * start, 6 * start];
  const cost = (end ** 3 - start ** 3) / a;
  return [(3 * end * end - cost) / a, (3 * (end * end - start * start)) / a];
}

/** d/da and d/db of ownCost. */
function ownSlopes(a: number, b: number): [number, number] {
  const rest = 1 - a;
  if (b >= 0) return [3 * b - 2 * rest, 6 * b - 3 * rest];
  if (a + b <= 0) return [0, 0];
  const inA = 3 * b - 2 * rest - (2 * b ** 3) / a ** 3 - b ** 3 / (a * a);
  return [inA, 6 * b - 3 * rest + (3 * b * b) / (a * a) + (3 * b * b) / a];
}

/** Gradient of the potential H: W (c, m) and b (c). On the kinks, where b_i = 0, the one from above. */
export function potentialGradient(
  W: ArrayLike<number>,
  b: ArrayLike<number>,
  m = 2,
): { W: Float64Array; b: Float64Array } {
  const c = b.length;
  const a = gram({ W }, { features: c, hidden: m });
  const gradient = { W: new Float64Array(c * m), b: new Float64Array(c) };
  for (let i = 0; i < c; i++) {
    for (let j = 0; j < c; j++) {
      const [inA, inB] = (i === j ? ownSlopes : foreignSlopes)(a[i * c + j], b[i]);
      gradient.b[i] += inB;
      for (let k = 0; k < m; k++) {
        gradient.W[i * m + k] += inA * W[j * m + k];
        gradient.W[j * m + k] += inA * W[i * m + k];
      }
    }
  }
  return gradient;
}

/** Second differences of H at a model: the Hessian (d, d) over W, then b, from the exact gradient. */
function potentialHessian(W: ArrayLike<number>, b: ArrayLike<number>, step = 1e-6): Float64Array {
  const size = W.length;
  const d = size + b.length;
  const at = (k: number, by: number) => {
    const moved = Float64Array.from([...Array.from(W), ...Array.from(b)]);
    moved[k] += by;
    const slopes = potentialGradient(moved.subarray(0, size), moved.subarray(size), size / b.length);
    return [...slopes.W, ...slopes.b];
  };
  const out = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const [up, down] = [at(k, step), at(k, -step)];
    for (let l = 0; l < d; l++) out[k * d + l] = (up[l] - down[l]) / (2 * step);
  }
  return out;
}

/**
 * λ of a k-gon around which H is smooth: half the rank of its Hessian, for there H grows in as many directions and is
 * constant along the others.
 */
export function kgonCoefficient(c: number, kgon: Omit<Kgon, 'h'>, positive = 0): number {
  const { W, b } = kgonModel(c, kgon, positive);
  const d = 3 * c;
  const { sigma } = svd(potentialHessian(W, b), d);
  return sigma.filter((value) => value > 1e-3).length / 2;
}

/**
 * The expected loss as the mean over fixed samples: each of c features alone at the midpoints of `points` equal steps
 * of [0, 1]. Shape (c · points, c).
 */
export function onesOfFeatures(c: number, points: number): number[][] {
  return Array.from({ length: c * points }, (_, t) => {
    const x = new Array<number>(c).fill(0);
    x[t % c] = (Math.floor(t / c) + 0.5) / points;
    return x;
  });
}
