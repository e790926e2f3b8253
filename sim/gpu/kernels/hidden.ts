/**
 * Hidden layer, as `forward` of model.ts: h_k = f(Σ_j W_jk x_j).
 *
 * in   params (I, P + 1), x (I, n + 1, C)
 * out  h (I, m + 1, C); row m passes the canary on; x = sample, y = hidden dimension, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { activation, integers, loop } from './text.ts';

export function hiddenKernel({ mode, family, instances, columns }: BlockShape): Kernel {
  const { features: n, hidden: m } = family;
  const source = `function (params, x) {
    if (this.thread.y === ${m}) { return x[this.thread.z][${n}][this.thread.x]; }
    ${integers(mode, 'j')}
    let hPre = 0;
    ${loop('j', n, `hPre += params[this.thread.z][j * ${m} + this.thread.y] * x[this.thread.z][j][this.thread.x];`)}
    ${activation(family.hiddenActivation, 'hPre')}
    return hPre;
  }`;
  return { source, output: [columns, m + 1, instances] };
}
