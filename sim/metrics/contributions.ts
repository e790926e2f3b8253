/** Which neurons work for which features: a layer V f(Wᵀx) of ReLU neurons, where one feature at a time is 1. */

/** A layer of m neurons on n features. */
export interface Layer {
  W: ArrayLike<number>; // (n, m)
  V: ArrayLike<number>; // (n, m)
}

/** c_ik = V_ik ReLU(W_ik): what neuron k adds to output i when feature i alone is 1. Shape (n, m). */
export const contributions = ({ W, V }: Layer): Float64Array =>
  Float64Array.from(V, (v, at) => v * Math.max(0, W[at]));

/** What all neurons add to output i when feature i alone is 1, Σ_k c_ik. Shape (n). */
export function ownResponses(layer: Layer, hidden: number): Float64Array {
  const own = contributions(layer);
  return Float64Array.from({ length: own.length / hidden }, (_, i) =>
    own.subarray(i * hidden, (i + 1) * hidden).reduce((sum, c) => sum + c, 0),
  );
}

/** Neurons that share a feature: (Σ_k |c_ik|)² / Σ_k c_ik², from 1 to m; 0 where none adds anything. Shape (n). */
export function neuronsPerFeature(layer: Layer, hidden: number): Float64Array {
  const own = contributions(layer);
  return Float64Array.from({ length: own.length / hidden }, (_, i) => {
    const row = own.subarray(i * hidden, (i + 1) * hidden);
    const [sum, squares] = row.reduce(([s, q], c) => [s + Math.abs(c), q + c * c], [0, 0]);
    return squares > 0 ? (sum * sum) / squares : 0;
  });
}

/** Share of ‖V‖² along each of some orthonormal columns. V (n, m), directions (n, e). Shape (e). */
export function sharesAlong(
  V: ArrayLike<number>,
  hidden: number,
  directions: ArrayLike<number>,
): Float64Array {
  const n = V.length / hidden;
  const all = Array.from(V).reduce((sum, v) => sum + v * v, 0);
  const count = directions.length / n;
  return Float64Array.from({ length: count }, (_, e) => {
    let along = 0;
    for (let k = 0; k < hidden; k++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += directions[i * count + e] * V[i * hidden + k];
      along += dot * dot;
    }
    return along / all;
  });
}
