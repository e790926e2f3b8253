/**
 * Gradients and loss of a slice of the batch, as `backward` of model.ts, from what the other staged kernels
 * left: dW_jk = Σ x_j e_k, dV_jk = Σ d_j h_k, db_j = Σ d_j with d_j = 2 w_j (y_j − t_j) g'(y_j); a tied W gets
 * both. Loss: Σ w_j (y_j − t_j)² + w_n |h_k|. Sums run over the samples of slice s: s, s + S, s + 2S, …
 *
 * in   x, y (n + 1, I, C), h, e (m + 1, I, C), lossWeight (I, n + 1)
 * out  partial (P + 2, I, S): gradients, the canary's sum (samples seen), the loss;
 *      x = slice, y = instance, z = parameter
 */
import type { Kernel, Shape } from '../shape.ts';
import { target } from './text.ts';

function outputGradient(shape: Shape, j: string): string {
  const slope = shape.family.outputActivation === 'relu' ? `if (y[${j}][i][s] <= 0) { d = 0; }` : '';
  return `d = y[${j}][i][s] - ${target(shape, `x[${j}][i][s]`)}; ${slope}`;
}

function lossText(shape: Shape): string {
  const { features: n, hidden: m } = shape.family;
  return `
    for (let f = 0; f < ${n}; f++) {
      d = y[f][i][s] - ${target(shape, 'x[f][i][s]')};
      sum += lossWeight[i][f] * d * d;
    }
    for (let q = 0; q < ${m}; q++) { sum += lossWeight[i][${n}] * Math.abs(h[q][i][s]); }`;
}

/** Terms of one sample, by which row of the output the thread owns. */
function terms(shape: Shape): string {
  const { family, bias, parameters } = shape;
  const encoder = `sum += x[j][i][s] * e[k][i][s];`;
  const decoder = `${outputGradient(shape, 'j')} out += d * h[k][i][s];`;
  const weights = family.tied
    ? encoder + decoder
    : `if (z < ${shape.decoder}) { ${encoder} } else { ${decoder} }`;
  return `
    if (z < ${bias}) { ${weights} }
    else if (z < ${parameters}) { ${outputGradient(shape, 'j')} out += d; }
    else if (z === ${parameters}) { sum += e[${family.hidden}][i][s]; }
    else { ${lossText(shape)} }`;
}

export function weightGradientKernel(shape: Shape): Kernel {
  const { family, instances, slices, batch, bias, decoder, parameters } = shape;
  const { features: n, hidden: m } = family;
  const source = `function (x, y, h, e, lossWeight) {
    const i = this.thread.y;
    const z = this.thread.z;
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
    return sum + 2 * lossWeight[i][Math.min(j, ${n - 1})] * out;
  }`;
  return { source, output: [slices, instances, parameters + 2] };
}
