/**
 * Output layer, as `forward` of model.ts: y_j = g(Σ_k V_jk h_k + b_j).
 *
 * in   params (I, P + 1), h (I, m + 1, C)
 * out  y (I, n + 1, C); row n passes the canary on; x = sample, y = feature, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { activation } from './text.ts';

export function reconstructionKernel({ family, decoder, bias, instances, columns }: Shape): Kernel {
  const { features: n, hidden: m } = family;
  const source = `function (params, h) {
    const s = this.thread.x;
    const i = this.thread.z;
    const j = this.thread.y;
    if (j === ${n}) { return h[i][${m}][s]; }
    let z = 0;
    for (let k = 0; k < ${m}; k++) { z += params[i][${decoder} + j * ${m} + k] * h[i][k][s]; }
    ${family.bias ? `z += params[i][${bias} + j];` : ''}
    ${activation(family.outputActivation, 'z')}
    return z;
  }`;
  return { source, output: [columns, n + 1, instances] };
}
