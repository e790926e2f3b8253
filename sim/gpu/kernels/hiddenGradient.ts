/**
 * Gradient at the hidden layer, as `backwardSample` of model.ts:
 * e_k = f'(h_k) (Σ_j 2 w_j (y_j − t_j) g'(y_j) V_jk + w_n sign h_k),
 * where a row of lossWeight holds w_j = importance_j / (n B) and w_n = λ / B. A ReLU's slope is 1 where its
 * output is positive.
 *
 * in   params (I, P + 1), x, y (I, n + 1, C), h (I, m + 1, C), lossWeight (I, n + 1)
 * out  e (I, m + 1, C); row m passes the canary on; x = sample, y = hidden dimension, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { target } from './text.ts';

export function hiddenGradientKernel(shape: Shape): Kernel {
  const { family, decoder, instances, columns } = shape;
  const { features: n, hidden: m } = family;
  const source = `function (params, x, y, h, lossWeight) {
    const s = this.thread.x;
    const i = this.thread.z;
    const k = this.thread.y;
    if (k === ${m}) { return y[i][${n}][s]; }
    let sum = 0;
    for (let j = 0; j < ${n}; j++) {
      let d = y[i][j][s] - ${target(shape, 'x[i][j][s]')};
      ${family.outputActivation === 'relu' ? 'if (y[i][j][s] <= 0) { d = 0; }' : ''}
      sum += lossWeight[i][j] * d * params[i][${decoder} + j * ${m} + k];
    }
    const hk = h[i][k][s];
    sum = 2 * sum;
    if (hk > 0) { sum += lossWeight[i][${n}]; }
    if (hk < 0) { sum -= lossWeight[i][${n}]; }
    ${family.hiddenActivation === 'relu' ? 'if (hk <= 0) { sum = 0; }' : ''}
    return sum;
  }`;
  return { source, output: [columns, m + 1, instances] };
}
