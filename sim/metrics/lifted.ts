/**
 * A model seen without its hidden layer, x' = ReLU(U x + b) with U = W Wᵀ, or V Wᵀ where it is untied (n, n): its lifted
 * weights, and what the loss Σ_i (x'_i − y_i)², mean over samples, says of each of them. y is x if nothing else is given.
 */

/** A lifted model. */
export interface Lifted {
  U: ArrayLike<number>; // (n, n)
  b: ArrayLike<number>; // (n)
}

/** What is not 0 of a row of numbers: where it stands, and what it is. */
interface Sparse {
  places: number[];
  values: number[];
}

/** Every `step`-th of n numbers from `start` on, without those that are 0. */
function pickNonzero(numbers: ArrayLike<number>, start: number, step: number, n: number): Sparse {
  const out: Sparse = { places: [], values: [] };
  for (let k = 0; k < n; k++) {
    const value = numbers[start + k * step];
    if (value === 0) continue;
    out.places.push(k);
    out.values.push(value);
  }
  return out;
}

const squaredError = (z: number, x: number): number => {
  const error = Math.max(0, z) - x;
  return error * error;
};

/** Adds `by` times a sparse row to z. */
function addTimes({ places, values }: Sparse, by: number, z: Float64Array): void {
  for (let k = 0; k < places.length; k++) z[places[k]] += values[k] * by;
}

/** Calls `see` with every sample: its number, its active inputs, and what comes before the ReLU of its outputs. */
function overSamples(
  { U, b }: Lifted,
  samples: ArrayLike<number>,
  see: (t: number, active: Sparse, z: Float64Array) => void,
): void {
  const n = b.length;
  const columns = Array.from({ length: n }, (_, j) => pickNonzero(U, j, n, n)); // what an input gives to every output
  const z = new Float64Array(n);
  for (let t = 0; t < samples.length / n; t++) {
    const active = pickNonzero(samples, t * n, 1, n);
    for (let i = 0; i < n; i++) z[i] = b[i];
    active.places.forEach((j, a) => {
      addTimes(columns[j], active.values[a], z);
    });
    see(t, active, z);
  }
}

/** Loss of a lifted model on samples (T, n) with targets y (T, n). */
export function liftedLoss(model: Lifted, samples: ArrayLike<number>, targets = samples): number {
  const n = model.b.length;
  let sum = 0;
  overSamples(model, samples, (t, _, z) => {
    for (let i = 0; i < n; i++) sum += squaredError(z[i], targets[t * n + i]);
  });
  return (sum * n) / samples.length;
}

/** What the loss gains, ΔL_ij, when weight U_ij alone becomes 0: above 0 where the weight is of use. Shape (n, n). */
export function ablations(model: Lifted, samples: ArrayLike<number>, targets = samples): Float64Array {
  const n = model.b.length;
  const out = new Float64Array(n * n);
  overSamples(model, samples, (t, { places, values }, z) => {
    for (let i = 0; i < n; i++) {
      const y = targets[t * n + i];
      for (let a = 0; a < places.length; a++) {
        const at = i * n + places[a];
        const without = squaredError(z[i] - model.U[at] * values[a], y);
        out[at] += ((without - squaredError(z[i], y)) * n) / samples.length;
      }
    }
  });
  return out;
}

/** Outputs ReLU(U x + b) of a lifted model. Shape (T, n). */
export function liftedOutputs(model: Lifted, samples: ArrayLike<number>): Float64Array {
  const n = model.b.length;
  const out = new Float64Array(samples.length);
  overSamples(model, samples, (t, _, z) => {
    for (let i = 0; i < n; i++) out[t * n + i] = Math.max(0, z[i]);
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
  overSamples(model, samples, (t, { places, values }, z) => {
    for (let i = 0; i < n; i++) {
      const y = targets[t * n + i];
      for (let a = 0; a < places.length; a++) {
        const at = i * n + places[a];
        const x = (values[a] * n) / samples.length;
        if (z[i] > 0) passed[at] += x;
        wanted[at] += x * y;
        if (y > 0) together[at] += n / samples.length;
      }
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
