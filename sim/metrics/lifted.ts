/**
 * A tied model seen without its hidden layer, x' = ReLU(U x + b) with U = W Wᵀ (n, n): its lifted weights, and what the
 * loss Σ_i (x'_i − x_i)², mean over samples, says of each of them.
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

/** Loss of a lifted model on samples (T, n). */
export function liftedLoss(model: Lifted, samples: ArrayLike<number>): number {
  const n = model.b.length;
  let sum = 0;
  overOutputs(model, samples, (t, _, i, z) => {
    sum += squaredError(z, samples[t * n + i]);
  });
  return (sum * n) / samples.length;
}

/** What the loss gains, ΔL_ij, when weight U_ij alone becomes 0: above 0 where the weight is of use. Shape (n, n). */
export function ablations(model: Lifted, samples: ArrayLike<number>): Float64Array {
  const n = model.b.length;
  const out = new Float64Array(n * n);
  overOutputs(model, samples, (t, active, i, z) => {
    const x = samples[t * n + i];
    for (const j of active) {
      const without = squaredError(z - model.U[i * n + j] * samples[t * n + j], x);
      out[i * n + j] += ((without - squaredError(z, x)) * n) / samples.length;
    }
  });
  return out;
}
