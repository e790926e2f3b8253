/**
 * Gradient at the hidden layer, as `backwardSample` of model.ts: dh_k = f'(h_k) (Σ_j dy_j V_jk + w_n sign h_k),
 * where w_n = λ / B is the last of a row of lossWeight. A ReLU's slope is 1 where its output is positive.
 *
 * in   params (I, P + 1), dy (I, n + 1, C), h (I, m + 1, C), lossWeight (I, n + 1)
 * out  dh (I, m + 1, C); row m passes the canary on; x = sample, y = hidden dimension, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { integers, loop, penaltyGradient } from './text.ts';

export function hiddenGradientKernel(shape: BlockShape): Kernel {
  const { mode, family, decoder, instances, columns } = shape;
  const { features: n, hidden: m } = family;
  const weight = `params[this.thread.z][${decoder} + j * ${m} + this.thread.y]`;
  const source = `function (params, dy, h, lossWeight) {
    if (this.thread.y === ${m}) { return dy[this.thread.z][${n}][this.thread.x]; }
    ${integers(mode, 'j')}
    let sum = 0;
    ${loop('j', n, `sum += dy[this.thread.z][j][this.thread.x] * ${weight};`)}
    const hk = h[this.thread.z][this.thread.y][this.thread.x];
    sum += ${penaltyGradient('hk', `lossWeight[this.thread.z][${n}]`)};
    return ${family.hiddenActivation === 'relu' ? 'hk <= 0 ? 0 : sum' : 'sum'};
  }`;
  return { source, output: [columns, m + 1, instances] };
}
