/**
 * The safetensors format: an 8-byte header length, a JSON header, then every tensor's bytes, little-endian,
 * row-major. https://huggingface.co/docs/safetensors
 */

/** F32, F64 and I32 of the file format. */
export type TensorData = Float32Array | Float64Array | Int32Array;

/** An array in row-major order; the kind of `data` is its dtype. */
export interface StoredTensor {
  shape: number[];
  data: TensorData;
}

const DTYPES = { F64: Float64Array, F32: Float32Array, I32: Int32Array } as const;
type Dtype = keyof typeof DTYPES;

interface Entry {
  dtype: Dtype;
  shape: number[];
  data_offsets: [number, number]; // bytes from the end of the header
}

function dtypeOf(data: TensorData): Dtype {
  return data instanceof Float64Array ? 'F64' : data instanceof Float32Array ? 'F32' : 'I32';
}

/** The raw bytes of a typed array, without a copy. */
export function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * A file in parts to be written one after the other: header first, then each tensor without a copy. 8-byte
 * tensors come first so that all stay aligned. The same input gives the same bytes.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array[] {
  const named = Object.entries(tensors).sort(
    ([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT,
  );
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of named) {
    header[name] = { dtype: dtypeOf(data), shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(8 + padded).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(padded), true);
  head.set(json, 8);
  return [head, ...named.map(([, { data }]) => bytesOf(data))];
}

/** A safetensors file whose bytes cannot be what a writer wrote. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError';
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : Number.POSITIVE_INFINITY;
  if (8 + length > bytes.length) {
    throw new SafetensorsError(`expected a header of ${length} bytes, got a file of ${bytes.length}`);
  }
  try {
    return {
      header: JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))),
      start: 8 + length,
    };
  } catch {
    throw new SafetensorsError('expected a JSON header, got other bytes');
  }
}

function readTensor(name: string, entry: Entry, bytes: Uint8Array, start: number): StoredTensor {
  const type = DTYPES[entry.dtype];
  const [from, to] = entry.data_offsets ?? [];
  if (!type || !Array.isArray(entry.shape)) {
    throw new SafetensorsError(`tensor ${name}: expected F64, F32 or I32 with a shape, got ${entry.dtype}`);
  }
  const expected = entry.shape.reduce((a, b) => a * b, type.BYTES_PER_ELEMENT);
  if (to - from !== expected || !(from >= 0) || start + to > bytes.length) {
    throw new SafetensorsError(
      `tensor ${name}: expected ${expected} bytes, got ${Math.max(0, Math.min(to, bytes.length - start) - from)}`,
    );
  }
  const own = Uint8Array.from(bytes.subarray(start + from, start + to)); // a copy, so that it is aligned
  return { shape: entry.shape, data: new type(own.buffer, 0, own.length / type.BYTES_PER_ELEMENT) };
}

/** Tensors and metadata of a safetensors file. @throws SafetensorsError if it is cut or malformed. */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Record<string, StoredTensor>;
  metadata: Record<string, string>;
} {
  const { header, start } = parseHeader(bytes);
  const { __metadata__: metadata = {}, ...entries } = header;
  const tensors: Record<string, StoredTensor> = {};
  for (const [name, entry] of Object.entries(entries)) {
    tensors[name] = readTensor(name, entry as Entry, bytes, start);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}
