/**
 * The clock: (step number of the generator, row of the coefficients), both one more than before. A number
 * written into the plan instead would make gpu.js compile every kernel anew for every step.
 *
 * in   clock (2)
 * out  (2); x = 0 the step number, 1 the row
 */
import type { Kernel } from '../shape.ts';

export function clockKernel(): Kernel {
  return { source: 'function (clock) { return clock[this.thread.x] + 1; }', output: [2] };
}
