/**
 * Loss of a slice of the batch, as `sampleLoss` of model.ts: Σ w_j (y_j − t_j)² + w_n Σ |h_k| over the samples
 * of slice s: s, s + S, s + 2S, …
 *
 * in   x, y (I, n + 1, C), h (I, m + 1, C), lossWeight (I, n + 1)
 * out  partialLoss (I, 2, S): the canary's sum, the loss; x = slice, y = row, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { target } from './text.ts';

export function batchLossKernel(shape: Shape): Kernel {
  const { family, instances, slices, batch } = shape;
  const { features: n, hidden: m } = family;
  const source = `function (x, y, h, lossWeight) {
    const i = this.thread.z;
    let sum = 0; let d = 0;
    for (let t = 0; t < ${Math.ceil(batch / slices)}; t++) {
      const s = t * ${slices} + this.thread.x;
      if (s < ${batch}) {
        if (this.thread.y === 0) { sum += y[i][${n}][s]; }
        else {
          for (let j = 0; j < ${n}; j++) {
            d = y[i][j][s] - ${target(shape, 'x[i][j][s]')};
            sum += lossWeight[i][j] * d * d;
          }
          for (let k = 0; k < ${m}; k++) { sum += lossWeight[i][${n}] * Math.abs(h[i][k][s]); }
        }
      }
    }
    return sum;
  }`;
  return { source, output: [slices, 2, instances] };
}
