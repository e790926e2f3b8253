/**
 * A model seen without its hidden layer, x' = ReLU(U x + b) with U = W Wᵀ, or V Wᵀ where it is untied (n, n): its lifted
 * weights, and what the loss Σ_i (x'_i − y_i)², mean over samples, says of each of them. y is x if nothing else is given.
 */

/** A lifted model. */
export interface Lifted {
  U: ArrayLike<number>; // (n, n)
  b: ArrayLike<number>; // (n)
}

/** Active inputs of each of T samples (T, n). */
function activeOf(samples: ArrayLike<number>, n: number): number[][] {
  return Array.from({ length: samples.length / n }, (_, t) =>
    Array.from({ length: n }, (_, j) => j).filter((j) => samples[t * n + j] !== 0),
  );
}

const squaredError = (z: number, x: number): number => {
  const error = Math.max(0, z) - x;
  return error * error;
};

/** Calls `see` with every output of every sample: the sample, its active inputs, the output, and what comes before its ReLU. */
function overOutputs(
  { U, b }: Lifted,
  samples: ArrayLike<number>,
  see: (t: number, active: number[], i: number, z: number) => void,
): void {
  const n = b.length;
  activeOf(samples, n).forEach((active, t) => {
    for (let i = 0; i < n; i++) {
      let z = b[i];
      for (const j of active) z += U[i * n + j] * samples[t * n + j];
      see(t, active, i, z);
    }
  });
}

/** Loss of a lifted model on samples (T, n) with targets y (T, n). */
export function liftedLoss(model: Lifted, samples: ArrayLike<number>, targets = samples): number {
  const n = model.b.length;
  let sum = 0;
  overOutputs(model, samples, (t, _, i, z) => {
    sum += squaredError(z, targets[t * n + i]);
  });
  return (sum * n) / samples.length;
}

/** What the loss gains, ΔL_ij, when weight U_ij alone becomes 0: above 0 where the weight is of use. Shape (n, n). */
export function ablations(model: Lifted, samples: ArrayLike<number>, targets = samples): Float64Array {
  const n = model.b.length;
  const out = new Float64Array(n * n);
  overOutputs(model, samples, (t, active, i, z) => {
    const y = targets[t * n + i];
    for (const j of active) {
      const without = squaredError(z - model.U[i * n + j] * samples[t * n + j], y);
      out[i * n + j] += ((without - squaredError(z, y)) * n) / samples.length;
    }
  });
  return out;
}

/** Outputs ReLU(U x + b) of a lifted model. Shape (T, n). */
export function liftedOutputs(model: Lifted, samples: ArrayLike<number>): Float64Array {
  const n = model.b.length;
  const out = new Float64Array(samples.length);
  overOutputs(model, samples, (t, _, i, z) => {
    out[t * n + i] = Math.max(0, z);
  });
  return out;
}

/** How much each weight is used, means over samples. Each (n, n), row i an output. */
export interface Uses {
  passed: Float64Array; // E x_j where output i is on, else 0
  wanted: Float64Array; // E x_j y_i
  together: Float64Array; // how often x_j and y_i are both above 0
}

/** How much each weight of a lifted model is used on samples (T, n) with targets y (T, n). */
export function usesOf(model: Lifted, samples: ArrayLike<number>, targets = samples): Uses {
  const n = model.b.length;
  const [passed, wanted, together] = Array.from({ length: 3 }, () => new Float64Array(n * n));
  overOutputs(model, samples, (t, active, i, z) => {
    const y = targets[t * n + i];
    for (const j of active) {
      const x = (samples[t * n + j] * n) / samples.length;
      if (z > 0) passed[i * n + j] += x;
      wanted[i * n + j] += x * y;
      if (y > 0) together[i * n + j] += n / samples.length;
    }
  });
  return { passed, wanted, together };
}
/** U = V Wᵀ of one model. W and V (n, m), U (n, n). */
export function liftedWeights(W: ArrayLike<number>, V: ArrayLike<number>, hidden: number): Float64Array {
  const n = W.length / hidden;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let dot = 0;
    for (let k = 0; k < hidden; k++) dot += V[i * hidden + k] * W[j * hidden + k];
    return dot;
  });
}
