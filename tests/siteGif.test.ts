/** The bytes of a GIF, by its specification: size, loop, and one block of a picture that stays. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startGif } from '../notebooks/site/gif.ts';

const flat = (red: number, count = 12) =>
  Uint8ClampedArray.from({ length: 4 * count }, (_, at) => [red, 0, 0, 255][at % 4]);

/** Delays of all pictures, hundredths of a second: behind each graphic control label, 21 F9 04 flags. */
function delays(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length - 6; at++) {
    if (bytes[at] === 0x21 && bytes[at + 1] === 0xf9 && bytes[at + 2] === 4)
      found.push(bytes[at + 4] + 256 * bytes[at + 5]);
  }
  return found;
}

test('a picture that stays is written once, for as long as it stays', () => {
  const gif = startGif(4, 3);
  for (const red of [10, 10, 10, 200, 10]) gif.add(flat(red), 100);
  const bytes = gif.finish();
  assert.is(Buffer.from(bytes.subarray(0, 6)).toString(), 'GIF89a');
  assert.equal([bytes[6] + 256 * bytes[7], bytes[8] + 256 * bytes[9]], [4, 3]);
  assert.equal(delays(bytes), [30, 10, 10]);
  assert.ok(Buffer.from(bytes).includes('NETSCAPE2.0'), 'it loops');
  assert.is(bytes.at(-1), 0x3b);
});

test.run();
