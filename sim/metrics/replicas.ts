/**
 * Statistics over replicas. Rows are ordered cell by cell with the replicas of a cell next to each other:
 * row = cell · replicas + replica. A diverged replica (NaN) counts as the worst one.
 */

/** Throws unless `rows` is a whole number of cells. */
function cellsOf(rows: number, replicas: number): number {
  if (rows % replicas === 0) return rows / replicas;
  throw new RangeError(`rows: expected a multiple of ${replicas} replicas, got ${rows}`);
}

const ranked = (loss: number) => (Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss);

/**
 * Rows of the `keep` replicas of lowest loss in each cell, best first. `loss` is (cells · replicas).
 * Shape (cells, keep). keep = 1 is best of k; keep = replicas − 1 drops the worst, as the phase diagrams do.
 */
export function bestReplicas(loss: ArrayLike<number>, replicas: number, keep: number): Int32Array {
  const out = new Int32Array(cellsOf(loss.length, replicas) * keep);
  for (let cell = 0; cell < out.length / keep; cell++) {
    const rows = Array.from({ length: replicas }, (_, r) => cell * replicas + r);
    rows.sort((a, b) => ranked(loss[a]) - ranked(loss[b]) || a - b);
    out.set(rows.slice(0, keep), cell * keep);
  }
  return out;
}

/**
 * Mean of `values` (rows, width) over the kept rows of each cell. `rows` is (cells, keep) from bestReplicas.
 * Shape (cells, width).
 */
export function averageRows(
  values: ArrayLike<number>,
  width: number,
  rows: Int32Array,
  keep: number,
): Float64Array {
  const out = new Float64Array((rows.length / keep) * width);
  rows.forEach((row, at) => {
    const cell = Math.floor(at / keep);
    for (let c = 0; c < width; c++) out[cell * width + c] += values[row * width + c] / keep;
  });
  return out;
}

/** Linear-interpolation quantile of sorted values: q = 0 is the smallest, 1 the largest, 0.5 the median. */
function sortedQuantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.ceil(at);
  if (sorted[below] === sorted[above]) return sorted[below];
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Quantiles of `values` (cells · replicas) over the replicas of each cell. Shape (cells, quantiles.length). */
export function replicaQuantiles(
  values: ArrayLike<number>,
  replicas: number,
  quantiles: readonly number[],
): Float64Array {
  const cells = cellsOf(values.length, replicas);
  const out = new Float64Array(cells * quantiles.length);
  for (let cell = 0; cell < cells; cell++) {
    const own = Float64Array.from({ length: replicas }, (_, r) => ranked(values[cell * replicas + r])).sort();
    out.set(
      quantiles.map((q) => sortedQuantile(own, q)),
      cell * quantiles.length,
    );
  }
  return out;
}

/** Median, the mean of the middle two of an even count; a NaN counts as the largest. NaN of none. */
export function median(values: ArrayLike<number>): number {
  return values.length > 0 ? replicaQuantiles(values, values.length, [0.5])[0] : Number.NaN;
}
