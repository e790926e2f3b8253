/** Sums over the slices of a batch: its gradient, its loss, and the losses of a call. */
import type { Kernel, Shape } from '../shape.ts';

/**
 * in   partial (I, P + 1, S), or (I, P + 2, S) from the fused kernel
 * out  gradient (I, P + 1); column P is 1 if every sample was seen; x = parameter, y = instance
 */
export function gradientKernel({ instances, slices, batch, parameters }: Shape): Kernel {
  const source = `function (partial) {
    const p = this.thread.x;
    let sum = 0;
    for (let s = 0; s < ${slices}; s++) { sum += partial[this.thread.y][p][s]; }
    if (p === ${parameters}) { sum = sum / ${batch}; }
    return sum;
  }`;
  return { source, output: [parameters + 1, instances] };
}

/** What the loss kernel returns from the step on at which the loss stopped being finite. */
export const DIVERGED = -1;

/**
 * in   partial (I, 2, S), or (I, P + 2, S) from the fused kernel, before (I + 1) losses of the step before,
 *      coefficients (K, 10), clock (2)
 * out  loss (I + 1): DIVERGED from the step on at which it was not finite, last the canary; x = instance
 */
export function lossKernel({ kind, instances, slices, batch, parameters }: Shape): Kernel {
  const row = kind === 'fused' ? parameters + 1 : 1;
  const source = `function (partial, before, coefficients, clock) {
    const i = this.thread.x;
    let sum = 0;
    if (i === ${instances}) {
      for (let s = 0; s < ${slices}; s++) { sum += partial[0][${row - 1}][s]; }
      return sum / ${batch};
    }
    for (let s = 0; s < ${slices}; s++) { sum += partial[i][${row}][s]; }
    let loss = ${DIVERGED};
    if (before[i] >= 0) { if (sum >= 0) { if (sum < coefficients[clock[1]][9]) { loss = sum; } } }
    return loss;
  }`;
  return { source, output: [instances + 1] };
}

/**
 * Enters a step's loss among the losses of the call.
 *
 * in   losses (K, I + 1), loss (I + 1), clock (2)
 * out  losses (K, I + 1); x = instance, y = step of the call
 */
export function lossesKernel({ instances }: Shape, steps: number): Kernel {
  const source = `function (losses, loss, clock) {
    if (this.thread.y === clock[1]) { return loss[this.thread.x]; }
    return losses[this.thread.y][this.thread.x];
  }`;
  return { source, output: [instances + 1, steps] };
}
