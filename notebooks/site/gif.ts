/** Pictures one after the other as a GIF: 64 colours a picture, and a picture that stays is written once. */
import { applyPalette, GIFEncoder, quantize } from 'gifenc/dist/gifenc.esm.js';

const COLORS = 64;

/** A GIF under way. All pictures have one size. */
export interface Gif {
  /** Adds RGBA pixels (width · height · 4), seen for so many milliseconds. */
  add(pixels: Uint8ClampedArray, delay: number): void;
  /** The whole file. Call it once, after a picture at least. */
  finish(): Uint8Array<ArrayBuffer>;
}

const same = (a: Uint8ClampedArray, b: Uint8ClampedArray) => a.every((value, at) => value === b[at]);

/** A GIF of this size, which begins again at its end. */
export function startGif(width: number, height: number): Gif {
  const encoder = GIFEncoder();
  let last: { pixels: Uint8ClampedArray; delay: number } | null = null; // not yet written: it may stay
  const write = () => {
    if (!last) return;
    const palette = quantize(last.pixels, COLORS);
    const index = applyPalette(last.pixels, palette);
    encoder.writeFrame(index, width, height, { palette, delay: last.delay, repeat: 0 });
  };
  return {
    add(pixels, delay) {
      if (last && same(last.pixels, pixels)) {
        last.delay += delay;
        return;
      }
      write();
      last = { pixels, delay };
    },
    finish() {
      write();
      encoder.finish();
      return encoder.bytes();
    },
  };
}
