/**
 * Comparing solutions. Only WᵀW is identifiable, so directions are first brought into one frame by an orthogonal
 * map of the hidden space.
 */
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
interface Alignment {
  W: Float64Array; // (n, m) rotated rows
  distance: number; // root mean square over rows
}

/** Rotates `W` (n, m) onto `target` (n, m), features kept apart as they are. */
export function alignFrame(W: ArrayLike<number>, target: ArrayLike<number>, m: number): Alignment {
  const aligned = multiply(W, procrustes(W, target, m), m, m);
  return { W: aligned, distance: distance(aligned, target, m) };
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
