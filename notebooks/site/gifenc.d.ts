/** What we use of gifenc, which comes without types. */
declare module 'gifenc/dist/gifenc.esm.js' {
  type Palette = [red: number, green: number, blue: number][];
  interface Frame {
    palette: Palette;
    delay: number; // ms
    repeat?: number; // 0 = for ever; of the first frame
  }
  interface Encoder {
    writeFrame(index: Uint8Array, width: number, height: number, frame: Frame): void;
    finish(): void;
    bytes(): Uint8Array<ArrayBuffer>;
  }
  export function GIFEncoder(): Encoder;
  /** At most so many colours for RGBA pixels. */
  export function quantize(pixels: Uint8ClampedArray, colors: number): Palette;
  /** The nearest colour of each pixel, as its place in the palette. */
  export function applyPalette(pixels: Uint8ClampedArray, palette: Palette): Uint8Array;
}
