/**
 * Loss of a slice of the batch, as `sampleLoss` of model.ts: Σ w_j (y_j − t_j)² + w_n Σ |h_k| over the samples
 * of slice s: s, s + S, s + 2S, …
 *
 * in   x, y (I, n + 1, C), h (I, m + 1, C), lossWeight (I, n + 1)
 * out  partialLoss (I, 2, S): the canary's sum, the loss; x = slice, y = row, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { eachSample, integers, loop, target } from './text.ts';

/** Adds the loss of sample s to sum. */
function lossText(shape: BlockShape): string {
  const { features: n, hidden: m } = shape.family;
  const output = `
    error = y[this.thread.z][j][s] - ${target(shape, 'x[this.thread.z][j][s]')};
    sum += lossWeight[this.thread.z][j] * error * error;`;
  const penalty = `sum += lossWeight[this.thread.z][${n}] * Math.abs(h[this.thread.z][k][s]);`;
  return `${loop('j', n, output)} ${loop('k', m, penalty)}`;
}

export function batchLossKernel(shape: BlockShape): Kernel {
  const source = `function (x, y, h, lossWeight) {
    ${integers(shape.mode, 'j', 'k')}
    let sum = 0; let error = 0;
    if (this.thread.y === 0) {
      ${eachSample(shape, `sum += y[this.thread.z][${shape.family.features}][s];`, 'this.thread.x')}
    } else {
      ${eachSample(shape, lossText(shape), 'this.thread.x')}
    }
    return sum;
  }`;
  return { source, output: [shape.slices, 2, shape.instances] };
}
