/**
 * Gradient at the output layer, as `backwardSample` of model.ts: dy_j = 2 w_j (y_j − t_j) g'(y_j), where a row of
 * lossWeight holds w_j = importance_j / (n B). A ReLU's slope is 1 where its output is positive.
 *
 * in   x, y (I, n + 1, C), lossWeight (I, n + 1)
 * out  dy (I, n + 1, C); row n passes the canary on; x = sample, y = feature, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { target } from './text.ts';

export function outputGradientKernel(shape: BlockShape): Kernel {
  const { family, instances, columns } = shape;
  const n = family.features;
  const slope = family.outputActivation === 'relu' ? 'output <= 0 ? 0 : ' : '';
  const source = `function (x, y, lossWeight) {
    const output = y[this.thread.z][this.thread.y][this.thread.x];
    if (this.thread.y === ${n}) { return output; }
    const error = output - ${target(shape, 'x[this.thread.z][this.thread.y][this.thread.x]')};
    return ${slope}2 * lossWeight[this.thread.z][this.thread.y] * error;
  }`;
  return { source, output: [columns, n + 1, instances] };
}
