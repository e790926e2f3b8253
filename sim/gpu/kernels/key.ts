/**
 * Step keys, as `stepKey` of random.ts: the step number is absorbed into each instance key.
 *
 * in   keys (I, 2) instance keys, clock (2)
 * out  (I, 3): two words and the canary 1; x = word, y = instance
 */
import { KEY_ROUNDS } from '../../random.ts';
import type { BlockShape, Kernel } from '../shape.ts';
import { rounds, stream, xor } from './text.ts';

export function keyKernel({ mode, instances }: BlockShape): Kernel {
  const source = `function (keys, clock) {
    ${stream(mode)}
    a = keys[this.thread.y][0];
    b = keys[this.thread.y][1];
    b = ${xor(mode, 'b', 'clock[0]')};
    ${rounds(mode, KEY_ROUNDS)}
    if (this.thread.x === 0) { return a; }
    if (this.thread.x === 2) { return 1; }
    return b;
  }`;
  return { source, output: [3, instances] };
}
