/**
 * Gradients of a slice of the batch, as `backward` of model.ts, from what the other staged kernels left:
 * dW_jk = Σ x_j e_k, dV_jk = Σ d_j h_k, db_j = Σ d_j; a tied W gets both. Sums run over the samples of slice s:
 * s, s + S, s + 2S, …
 *
 * in   x, d (I, n + 1, C), h, e (I, m + 1, C)
 * out  partial (I, P + 1, S): gradients, the canary's sum (samples seen);
 *      x = slice, y = parameter, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { eachSample, integers } from './text.ts';

/** Feature j and hidden dimension k of the weight in row z. */
function place(shape: Shape): string {
  const m = shape.family.hidden;
  return `
    ${integers(shape.mode, 'j', 'k')}
    let row = z;
    ${shape.family.tied ? '' : `if (z >= ${shape.decoder}) { row = z - ${shape.decoder}; }`}
    j = Math.floor((row + 0.5) / ${m});
    k = row - j * ${m};`;
}

/** Adds up the weight's gradient. */
function weightText(shape: Shape): string {
  const encoder = 'x[this.thread.z][j][s] * e[this.thread.z][k][s]';
  const output = 'd[this.thread.z][j][s] * h[this.thread.z][k][s]';
  const sum = (terms: string) => eachSample(shape, `sum += ${terms};`);
  if (shape.family.tied) return sum(`${encoder} + ${output}`);
  return `if (z < ${shape.decoder}) { ${sum(encoder)} } else { ${sum(output)} }`;
}

export function weightGradientKernel(shape: Shape): Kernel {
  const { family, instances, slices, bias, parameters } = shape;
  const source = `function (x, d, h, e) {
    const z = this.thread.y;
    ${place(shape)}
    let sum = 0;
    if (z < ${bias}) { ${weightText(shape)} }
    else if (z < ${parameters}) {
      j = z - ${bias};
      ${eachSample(shape, 'sum += d[this.thread.z][j][s];')}
    }
    else { ${eachSample(shape, `sum += e[this.thread.z][${family.hidden}][s];`)} }
    return sum;
  }`;
  return { source, output: [slices, parameters + 1, instances] };
}
