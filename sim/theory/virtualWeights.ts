/**
 * Weight superposition (Circuits Updates, May 2023): a layer W (m_y, m_x) between spaces in which features have unit
 * directions Uˣ (n_x, m_x) and Uʸ (n_y, m_y) holds virtual weights between features. What is written as
 * W = Σ_ij W*_ij Uʸ_i ⊗ Uˣ_j is read as V_kl = Uʸ_k·W Uˣ_l, and since
 *
 *     ⟨Uˣ_i ⊗ Uʸ_j, Uˣ_k ⊗ Uʸ_l⟩_F = ⟨Uˣ_i, Uˣ_k⟩ ⟨Uʸ_j, Uʸ_l⟩,
 *
 * V = Gʸ W* Gˣ with the Gram matrices of the directions: weights interfere as features do, by products of overlaps.
 */

/** Rows of directions: `count` of `size` numbers. */
export interface Rows {
  values: ArrayLike<number>; // (count, size)
  count: number;
  size: number;
}

/** A Bᵀ of the rows of A and B. Shape (A.count, B.count). */
function products(a: Rows, b: Rows): Float64Array {
  const out = new Float64Array(a.count * b.count);
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      let dot = 0;
      for (let k = 0; k < a.size; k++) dot += a.values[i * a.size + k] * b.values[j * b.size + k];
      out[i * b.count + j] = dot;
    }
  }
  return out;
}

const transposed = ({ values, count, size }: Rows): Rows => ({
  values: Float64Array.from(
    { length: count * size },
    (_, at) => values[(at % count) * size + Math.floor(at / count)],
  ),
  count: size,
  size: count,
});

/** Frobenius product of two outer products a ⊗ b and c ⊗ d, entry by entry. */
export function outerProduct(
  [a, b]: readonly ArrayLike<number>[],
  [c, d]: readonly ArrayLike<number>[],
): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) sum += a[i] * b[j] * c[i] * d[j];
  return sum;
}

/** The layer Σ_ij W*_ij Uʸ_i ⊗ Uˣ_j of wanted weights (n_y, n_x). Shape (m_y, m_x). */
export function layerOf(wanted: ArrayLike<number>, x: Rows, y: Rows): Float64Array {
  const weights = { values: wanted, count: y.count, size: x.count };
  const along = { values: products(weights, transposed(x)), count: y.count, size: x.size }; // W* Uˣ
  return products(transposed(y), transposed(along));
}

/** Virtual weights Uʸ W Uˣᵀ of a layer (m_y, m_x). Shape (n_y, n_x). */
export function virtualWeights(layer: ArrayLike<number>, x: Rows, y: Rows): Float64Array {
  const rows = { values: layer, count: y.size, size: x.size };
  const read = { values: products(x, rows), count: x.count, size: y.size }; // Uˣ Wᵀ
  return products(y, read);
}

/** The same by overlaps alone, Gʸ W* Gˣ. Shape (n_y, n_x). */
export function byOverlaps(wanted: ArrayLike<number>, x: Rows, y: Rows): Float64Array {
  const gx = { values: products(x, x), count: x.count, size: x.count };
  const gy = { values: products(y, y), count: y.count, size: y.count };
  const weights = { values: wanted, count: y.count, size: x.count };
  const along = { values: products(gx, weights), count: x.count, size: y.count }; // Gˣ W*ᵀ
  return products(gy, along);
}

/**
 * Expected mean square of all virtual weights of `count` wanted weights ±1 of random signs at random places:
 * count ‖Gʸ‖² ‖Gˣ‖²/(n_x n_y)². With n random directions in m dimensions ‖G‖² ≈ n²/m + n.
 */
export function expectedSquare(count: number, x: Rows, y: Rows): number {
  const squares = (rows: Rows) => products(rows, rows).reduce((sum, g) => sum + g * g, 0);
  return (count * squares(x) * squares(y)) / (x.count * y.count) ** 2;
}
