/** Gradients by central differences, an oracle that knows only the loss. */

/** dL/dvalues (as long as `values`), each number moved in place by ± step; the error is O(step²). */
export function slopesOf(values: Float32Array | Float64Array, lossOf: () => number, step = 1e-6): number[] {
  return Array.from(values, (value, k) => {
    const [above, below] = [step, -step].map((by) => {
      values[k] = value + by;
      return lossOf();
    });
    values[k] = value;
    return (above - below) / (2 * step);
  });
}
