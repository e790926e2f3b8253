/** Arrays for NumPy: an npz file is a zip of npy files. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
import { Zip, ZipPassThrough } from 'fflate';
import type { Output } from './files.ts';
import { bytesOf, type TensorData } from './safetensors.ts';

/** Most bytes of an archive. */
export const NPZ_LIMIT = 2 ** 32 - 2 ** 20; // fflate writes no 64-bit zip
const DATE = '1980-01-01T00:00:00'; // the earliest a zip can say, so that bytes do not depend on the day

function descrOf(data: TensorData): string {
  return data instanceof Float64Array ? '<f8' : data instanceof Float32Array ? '<f4' : '<i4';
}

/** Header of an npy file, format 1.0: padded with spaces so that the data starts at a multiple of 64. */
function npyHeader(data: TensorData, shape: number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descrOf(data)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, ...Buffer.from('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(Buffer.from(text), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}

/** One array of an npz file, its first axis delivered in parts. */
export interface NpzArray {
  name: string;
  shape: number[];
  parts: Iterable<TensorData>;
}

/** Writes arrays one after the other, uncompressed, and stops at every `yield` so that others can work. */
export function* writeNpz(output: Output, arrays: Iterable<NpzArray>): Generator<void> {
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    output.write(chunk);
  });
  for (const { name, shape, parts } of arrays) {
    const entry = new ZipPassThrough(`${name}.npy`);
    entry.mtime = DATE;
    zip.add(entry);
    let isFirst = true;
    for (const part of parts) {
      if (isFirst) entry.push(npyHeader(part, shape));
      isFirst = false;
      entry.push(bytesOf(part));
      yield;
    }
    entry.push(new Uint8Array(), true);
  }
  zip.end();
}
