/**
 * Gradients of a slice of the batch, as `backward` of model.ts, from what the other staged kernels
 * left: dW_jk = Σ x_j e_k, dV_jk = Σ d_j h_k, db_j = Σ d_j with d_j = 2 w_j (y_j − t_j) g'(y_j); a tied W gets
 * both. Sums run over the samples of slice s: s, s + S, s + 2S, …
 *
 * in   x, y (I, n + 1, C), h, e (I, m + 1, C), lossWeight (I, n + 1)
 * out  partial (I, P + 1, S): gradients, the canary's sum (samples seen);
 *      x = slice, y = parameter, z = instance
 */
import type { Kernel, Shape } from '../shape.ts';
import { target } from './text.ts';

function outputGradient(shape: Shape, j: string): string {
  const slope = shape.family.outputActivation === 'relu' ? `if (y[i][${j}][s] <= 0) { d = 0; }` : '';
  return `d = y[i][${j}][s] - ${target(shape, `x[i][${j}][s]`)}; ${slope}`;
}

/** Terms of one sample, by which row of the output the thread owns. */
function terms(shape: Shape): string {
  const { family, bias, parameters } = shape;
  const encoder = `sum += x[i][j][s] * e[i][k][s];`;
  const decoder = `${outputGradient(shape, 'j')} out += d * h[i][k][s];`;
  const weights = family.tied
    ? encoder + decoder
    : `if (z < ${shape.decoder}) { ${encoder} } else { ${decoder} }`;
  return `
    if (z < ${bias}) { ${weights} }
    else if (z < ${parameters}) { ${outputGradient(shape, 'j')} out += d; }
    else { sum += e[i][${family.hidden}][s]; }`;
}

export function weightGradientKernel(shape: Shape): Kernel {
  const { family, instances, slices, batch, bias, decoder, parameters } = shape;
  const m = family.hidden;
  const source = `function (x, y, h, e, lossWeight) {
    const i = this.thread.z;
    const z = this.thread.y;
    let row = z;
    ${family.tied ? '' : `if (z >= ${decoder}) { row = z - ${decoder}; }`}
    let j = Math.floor((row + 0.5) / ${m});
    let k = row - j * ${m};
    if (z >= ${bias}) { j = 0; k = 0; if (z < ${parameters}) { j = z - ${bias}; } }
    let sum = 0; let out = 0; let d = 0;
    for (let t = 0; t < ${Math.ceil(batch / slices)}; t++) {
      const s = t * ${slices} + this.thread.x;
      if (s < ${batch}) {
        ${terms(shape)}
      }
    }
    return sum + 2 * lossWeight[i][j] * out;
  }`;
  return { source, output: [slices, parameters + 1, instances] };
}
