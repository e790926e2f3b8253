/**
 * Hidden layer, as `forward` of model.ts: h_k = f(Σ_j W_jk x_j).
 *
 * in   params (I, P + 1), x (I, n + 1, C)
 * out  h (I, m + 1, C); row m passes the canary on; x = sample, y = hidden dimension, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { activation } from './text.ts';

export function hiddenKernel({ family, instances, columns }: Shape): Kernel {
  const { features: n, hidden: m } = family;
  const source = `function (params, x) {
    const s = this.thread.x;
    const i = this.thread.z;
    const k = this.thread.y;
    if (k === ${m}) { return x[i][${n}][s]; }
    let z = 0;
    for (let j = 0; j < ${n}; j++) { z += params[i][j * ${m} + k] * x[i][j][s]; }
    ${activation(family.hiddenActivation, 'z')}
    return z;
  }`;
  return { source, output: [columns, m + 1, instances] };
}
