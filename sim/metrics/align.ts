/**
 * Comparing solutions. Only WᵀW is identifiable, so directions are first brought into one frame: by an
 * orthogonal map of the hidden space, and where features are interchangeable by a permutation of them.
 */
import { instanceKey, normals } from '../random.ts';
import { assign } from './assignment.ts';
import { svd } from './svd.ts';

/** A (rows, inner) times B (inner, cols). */
function multiply(A: ArrayLike<number>, B: ArrayLike<number>, inner: number, cols: number): Float64Array {
  const out = new Float64Array((A.length / inner) * cols);
  for (let at = 0; at < out.length; at++) {
    const row = Math.floor(at / cols) * inner;
    for (let k = 0; k < inner; k++) out[at] += A[row + k] * B[k * cols + (at % cols)];
  }
  return out;
}

/** Aᵀ of A (rows, cols). */
function transpose(A: ArrayLike<number>, cols: number): Float64Array {
  const rows = A.length / cols;
  return Float64Array.from({ length: A.length }, (_, at) => A[(at % rows) * cols + Math.floor(at / rows)]);
}

/** Replaces zero columns of U (m, m), its others orthonormal, so that all of them are. */
function completeBasis(U: Float64Array, m: number): Float64Array {
  const columns = transpose(U, m); // rows are the columns of U
  for (let q = 0; q < m; q++) {
    const own = columns.subarray(q * m, (q + 1) * m);
    for (let axis = 0; axis < m && Math.hypot(...own) < 0.5; axis++) {
      own.fill(0);
      own[axis] = 1;
      const overlap = multiply(columns, own, m, 1); // (m)
      for (let other = 0; other < m; other++) {
        if (other === q) continue;
        for (let d = 0; d < m; d++) own[d] -= overlap[other] * columns[other * m + d];
      }
      const length = Math.hypot(...own);
      for (let d = 0; d < m; d++) own[d] = length * Math.sqrt(m) >= 0.5 ? own[d] / length : 0;
    }
  }
  return transpose(columns, m);
}

/**
 * Orthogonal Procrustes: the rotation or reflection R (m, m) that minimises ‖A R − B‖ for A, B (n, m): with
 * AᵀB = U Σ Vᵀ it is U Vᵀ (Schönemann 1966).
 */
export function procrustes(A: ArrayLike<number>, B: ArrayLike<number>, m: number): Float64Array {
  const { U, V } = svd(multiply(transpose(A, m), B, A.length / m, m), m);
  return multiply(completeBasis(U, m), transpose(V, m), m, m);
}

/** Root-mean-square distance between rows of A and B (n, m). */
export function distance(A: ArrayLike<number>, B: ArrayLike<number>, m: number): number {
  let sum = 0;
  for (let at = 0; at < A.length; at++) sum += (A[at] - B[at]) ** 2;
  return Math.sqrt(sum / (A.length / m));
}

/** A solution in the frame of another one. */
export interface Alignment {
  W: Float64Array; // (n, m) aligned rows: row i is row order[i] of the solution, rotated
  order: Int32Array; // (n)
  distance: number; // root mean square over rows
}

/** Rotates `W` (n, m) onto `target` (n, m), features kept apart as they are. */
export function alignFrame(W: ArrayLike<number>, target: ArrayLike<number>, m: number): Alignment {
  const aligned = multiply(W, procrustes(W, target, m), m, m);
  const order = Int32Array.from({ length: W.length / m }, (_, i) => i);
  return { W: aligned, order, distance: distance(aligned, target, m) };
}

/** Order of the rows of W (n, m) that brings them nearest to those of target (n, m). */
function matchRows(W: Float64Array, target: ArrayLike<number>, m: number): Int32Array {
  const n = W.length / m;
  const cost = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let square = 0;
    for (let d = 0; d < m; d++) square += (target[i * m + d] - W[j * m + d]) ** 2;
    return square;
  });
  return assign(cost, n);
}

/** Alternates matching and rotating from one start until the distance no longer falls. */
function refine(W: ArrayLike<number>, target: ArrayLike<number>, m: number, frame: Float64Array): Alignment {
  let best: Alignment | null = null;
  let rotated = multiply(W, frame, m, m);
  for (;;) {
    const order = matchRows(rotated, target, m);
    const shuffled = Float64Array.from(
      { length: W.length },
      (_, at) => W[order[Math.floor(at / m)] * m + (at % m)],
    );
    const R = procrustes(shuffled, target, m);
    const aligned = multiply(shuffled, R, m, m);
    const next = { W: aligned, order, distance: distance(aligned, target, m) };
    if (best !== null && next.distance >= best.distance - 1e-12) return best;
    best = next;
    rotated = multiply(W, R, m, m);
  }
}

/**
 * Best alignment of `W` onto `target` (n, m) over rotations, reflections and permutations of features, by
 * alternating from `starts` seeded random frames. The more features, the more starts it takes to be sure.
 */
export function alignSolutions(
  W: ArrayLike<number>,
  target: ArrayLike<number>,
  m: number,
  starts = 200,
): Alignment {
  const frames = Array.from({ length: starts }, (_, start) => {
    const { U, V } = svd(normals(instanceKey(0, start), 0, m * m), m);
    return multiply(U, transpose(V, m), m, m);
  });
  return frames
    .map((frame) => refine(W, target, m, frame))
    .reduce((low, other) => (other.distance < low.distance ? other : low));
}

/**
 * Two-dimensional solution W (n, 2) in a canonical frame: feature `anchor` points along +x, and the first other
 * feature off that axis has y > 0. Shape (n, 2).
 */
export function canonicalPlane(W: ArrayLike<number>, anchor: number): Float64Array {
  const length = Math.hypot(W[anchor * 2], W[anchor * 2 + 1]);
  const [c, s] = length > 0 ? [W[anchor * 2] / length, W[anchor * 2 + 1] / length] : [1, 0];
  const out = multiply(W, [c, -s, s, c], 2, 2);
  const off = out.findIndex((y, at) => at % 2 === 1 && Math.abs(y) > 1e-6);
  if (off >= 0 && out[off] < 0) for (let at = 1; at < out.length; at += 2) out[at] = -out[at];
  return out;
}
