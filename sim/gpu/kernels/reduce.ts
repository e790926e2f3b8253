/** Sums over the slices of a batch: its gradient, its loss, and the losses of a call. */
import { type BlockShape, type Kernel, rowsOf } from '../shape.ts';
import { entry } from './text.ts';

/** Turns p from a parameter into the row of its partial gradient: weightGradient.ts lays weights out (m, n). */
function rowText({ kind, family, decoder, bias }: BlockShape): string {
  if (kind === 'fused') return '';
  const { features: n, hidden: m } = family;
  const row = (from: number) => `
    j = Math.floor((p - ${from} + 0.5) / ${m});
    p = (p - ${from} - j * ${m}) * ${n} + j + ${from};`;
  if (family.tied) return `if (p < ${bias}) { ${row(0)} }`;
  return `if (p < ${decoder}) { ${row(0)} } else if (p < ${bias}) { ${row(decoder)} }`;
}

/**
 * in   partial of fused.ts or weightGradient.ts
 * out  gradient (I, P + 1); column P is 1 if every sample was seen; x = parameter, y = instance
 */
export function gradientKernel(shape: BlockShape): Kernel {
  const { instances, slices, batch, parameters: P } = shape;
  const { canary } = rowsOf(shape);
  const source = `function (partial) {
    let p = this.thread.x;
    if (p === ${P}) { p = ${canary}; }
    let j = 0;
    ${rowText(shape)}
    let sum = 0;
    for (let s = 0; s < ${slices}; s++) { sum += ${entry(shape, 'this.thread.y', 'p')}; }
    if (p >= ${P}) { sum = sum / ${batch}; }
    return sum;
  }`;
  return { source, output: [P + 1, instances] };
}

/** What the loss kernel returns from the step on at which the loss stopped being finite. */
export const DIVERGED = -1;

/**
 * in   partial of fused.ts or batchLoss.ts, before (I + 1) losses of the step before, coefficients (K, 10),
 *      clock (2)
 * out  loss (I + 1): DIVERGED from the step on at which it was not finite, last the canary; x = instance
 */
export function lossKernel(shape: BlockShape): Kernel {
  const { kind, instances, slices, batch, parameters: P } = shape;
  const at = (instance: string, row: number) =>
    kind === 'fused' ? entry(shape, instance, String(row)) : `partial[${instance}][${row}][s]`;
  const [loss, canary] = kind === 'fused' ? [P, rowsOf(shape).canary] : [1, 0];
  const source = `function (partial, before, coefficients, clock) {
    const i = this.thread.x;
    let sum = 0;
    if (i === ${instances}) {
      for (let s = 0; s < ${slices}; s++) { sum += ${at('0', canary)}; }
      return sum / ${batch};
    }
    for (let s = 0; s < ${slices}; s++) { sum += ${at('i', loss)}; }
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
export function lossesKernel({ instances }: BlockShape, steps: number): Kernel {
  const source = `function (losses, loss, clock) {
    if (this.thread.y === clock[1]) { return loss[this.thread.x]; }
    return losses[this.thread.y][this.thread.x];
  }`;
  return { source, output: [instances + 1, steps] };
}
