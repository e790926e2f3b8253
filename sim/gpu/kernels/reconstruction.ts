/**
 * Output layer, as `forward` of model.ts: y_j = g(Σ_k V_jk h_k + b_j).
 *
 * in   params (I, P + 1), h (I, m + 1, C)
 * out  y (I, n + 1, C); row n passes the canary on; x = sample, y = feature, z = instance
 */
import type { BlockShape, Kernel } from '../shape.ts';
import { activation, integers, loop } from './text.ts';

export function reconstructionKernel({
  mode,
  family,
  decoder,
  bias,
  instances,
  columns,
}: BlockShape): Kernel {
  const { features: n, hidden: m } = family;
  const weight = `params[this.thread.z][${decoder} + this.thread.y * ${m} + k]`;
  const source = `function (params, h) {
    if (this.thread.y === ${n}) { return h[this.thread.z][${m}][this.thread.x]; }
    ${integers(mode, 'k')}
    let yPre = 0;
    ${loop('k', m, `yPre += ${weight} * h[this.thread.z][k][this.thread.x];`)}
    ${family.bias ? `yPre += params[this.thread.z][${bias} + this.thread.y];` : ''}
    ${activation(family.outputActivation, 'yPre')}
    return yPre;
  }`;
  return { source, output: [columns, n + 1, instances] };
}
