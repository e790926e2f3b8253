/** Singular value decomposition of a small matrix, by one-sided Jacobi rotations (Hestenes 1958). */

/** A = U diag(sigma) Vᵀ for A (rows, cols): U (rows, cols), sigma (cols) falling, V (cols, cols). */
interface Svd {
  U: Float64Array;
  sigma: Float64Array;
  V: Float64Array;
}

/** Rotates columns p and q of M (rows, cols) by the angle with cosine c and sine s, in place. */
function rotate(M: Float64Array, cols: number, p: number, q: number, c: number, s: number): void {
  for (let at = 0; at < M.length; at += cols) {
    const [a, b] = [M[at + p], M[at + q]];
    M[at + p] = c * a - s * b;
    M[at + q] = s * a + c * b;
  }
}

function columnDot(M: Float64Array, cols: number, p: number, q: number): number {
  let sum = 0;
  for (let at = 0; at < M.length; at += cols) sum += M[at + p] * M[at + q];
  return sum;
}

/** Makes columns p and q of A orthogonal, carrying V along; returns whether they were not. */
function orthogonalise(A: Float64Array, V: Float64Array, cols: number, p: number, q: number): boolean {
  const alpha = columnDot(A, cols, p, p);
  const beta = columnDot(A, cols, q, q);
  const gamma = columnDot(A, cols, p, q);
  if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta)) return false;
  const zeta = (beta - alpha) / (2 * gamma);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
  const c = 1 / Math.sqrt(1 + t * t);
  rotate(A, cols, p, q, c, c * t);
  rotate(V, cols, p, q, c, c * t);
  return true;
}

/** Columns `order` of M (rows, cols), column q divided by scale[q] where that is not negligible, else 0. */
function pickColumns(M: Float64Array, cols: number, order: number[], scale: Float64Array): Float64Array {
  const floor = 1e-12 * scale[order[0]];
  return M.map((_, at) => {
    const q = order[at % cols];
    return scale[q] > floor ? M[at - (at % cols) + q] / scale[q] : 0;
  });
}

/** Decomposes A (rows, cols). Columns of U that belong to a zero singular value are 0. */
export function svd(A: ArrayLike<number>, cols: number): Svd {
  const B = Float64Array.from(A);
  const V = Float64Array.from({ length: cols * cols }, (_, at) => (at % (cols + 1) === 0 ? 1 : 0));
  for (let sweep = 0, busy = true; busy && sweep < 60; sweep++) {
    busy = false;
    for (let p = 0; p < cols; p++) {
      for (let q = p + 1; q < cols; q++) busy = orthogonalise(B, V, cols, p, q) || busy;
    }
  }
  const lengths = Float64Array.from({ length: cols }, (_, q) => Math.sqrt(columnDot(B, cols, q, q)));
  const order = Array.from(lengths.keys()).sort((a, b) => lengths[b] - lengths[a]);
  return {
    U: pickColumns(B, cols, order, lengths),
    sigma: Float64Array.from(order, (q) => lengths[q]),
    V: pickColumns(V, cols, order, new Float64Array(cols).fill(1)),
  };
}
