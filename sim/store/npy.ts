/** NumPy's npy format, read in Node and in browsers. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */

/** An npy file whose bytes cannot be read as numbers. */
export class NpyError extends Error {
  override name = 'NpyError';
}

/** An array in row-major order, whatever the order in the file. */
export interface NpyArray {
  shape: number[];
  data: Float64Array;
}

type Reader = (view: DataView, at: number) => number;

/** Kinds of numbers in npy files, by NumPy's names: bytes of one, and how it is read. */
const KINDS: Record<string, [size: number, read: Reader]> = {
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
  '<i2': [2, (view, at) => view.getInt16(at, true)],
  '<u4': [4, (view, at) => view.getUint32(at, true)],
  '<u2': [2, (view, at) => view.getUint16(at, true)],
  '|i1': [1, (view, at) => view.getInt8(at)],
  '|u1': [1, (view, at) => view.getUint8(at)],
  '|b1': [1, (view, at) => view.getUint8(at)],
};

/** The header of an npy file, and where its numbers begin. */
function npyHead(bytes: Uint8Array): { text: string; start: number } {
  const isNpy = bytes[0] === 0x93 && new TextDecoder().decode(bytes.subarray(1, 6)) === 'NUMPY';
  if (!isNpy) throw new NpyError('expected an npy file, got other bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const length = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  return { text: new TextDecoder().decode(bytes.subarray(start, start + length)), start: start + length };
}

/** Where entry `at` of the row-major order stands in a file that runs along the first axis first. */
function byColumns(at: number, shape: readonly number[]): number {
  let place = 0;
  let rest = at;
  for (let axis = shape.length - 1, stride = shape.reduce((a, b) => a * b, 1); axis >= 0; axis--) {
    stride /= shape[axis];
    place += (rest % shape[axis]) * stride;
    rest = Math.floor(rest / shape[axis]);
  }
  return place;
}

/** An npy file of little-endian numbers. @throws NpyError */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { text, start } = npyHead(bytes);
  const kind = text.match(/'descr':\s*'([^']+)'/)?.[1] ?? '';
  const sides = (text.match(/'shape':\s*\(([^)]*)\)/)?.[1] ?? '').split(',').filter((side) => side.trim());
  const shape = sides.map(Number);
  if (!KINDS[kind])
    throw new NpyError(`expected numbers of kind ${Object.keys(KINDS).join(', ')}, got ${kind}`);
  const [size, read] = KINDS[kind];
  const length = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - start !== length * size) {
    throw new NpyError(`expected ${length * size} bytes of numbers, got ${bytes.length - start}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const columns = /'fortran_order':\s*True/.test(text);
  const place = (at: number) => (columns ? byColumns(at, shape) : at);
  return { shape, data: Float64Array.from({ length }, (_, at) => read(view, place(at) * size)) };
}
