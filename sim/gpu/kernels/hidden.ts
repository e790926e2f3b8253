/**
 * Hidden layer, as `forward` of model.ts: h_k = f(Σ_j W_jk x_j).
 *
 * in   params (I, P + 1), x (n + 1, I, C)
 * out  h (m + 1, I, C); row m passes the canary on; x = sample, y = instance, z = hidden dimension
 */
import type { Kernel, Shape } from '../shape.ts';
import { activation } from './text.ts';

export function hiddenKernel({ family, instances, columns }: Shape): Kernel {
  const { features: n, hidden: m } = family;
  const source = `function (params, x) {
    const s = this.thread.x;
    const i = this.thread.y;
    const k = this.thread.z;
    if (k === ${m}) { return x[${n}][i][s]; }
    let z = 0;
    for (let j = 0; j < ${n}; j++) { z += params[i][j * ${m} + k] * x[j][i][s]; }
    ${activation(family.hiddenActivation, 'z')}
    return z;
  }`;
  return { source, output: [columns, instances, m + 1] };
}
