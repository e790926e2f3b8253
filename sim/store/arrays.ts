/** Two-dimensional arrays out of files that others wrote: JSON, npy, safetensors, Parquet. */
import { parquetReadObjects } from 'hyparquet';
import { StoreError } from './files.ts';
import { decodeSafetensors } from './safetensors.ts';

/** Numbers (rows, columns), row-major. */
export interface Matrix {
  rows: number;
  columns: number;
  data: ArrayLike<number>;
}

const asMatrix = ([rows, columns]: readonly number[], data: ArrayLike<number>): Matrix => ({
  rows,
  columns,
  data,
});

function expectTwo(shape: readonly number[]): void {
  if (shape.length !== 2) {
    throw new StoreError(`expected an array of shape (samples, features), got (${shape.join(', ')})`);
  }
}

/** A JSON list of lists. */
export function readJsonMatrix(bytes: Uint8Array): Matrix {
  const value = JSON.parse(new TextDecoder().decode(bytes));
  if (!Array.isArray(value) || !value.every(Array.isArray)) {
    throw new StoreError('expected a list of lists of numbers, one a sample');
  }
  const columns = value[0]?.length ?? 0;
  const data = new Float64Array(value.length * columns);
  value.forEach((row: unknown[], r) => {
    if (row.length !== columns)
      throw new StoreError(`row ${r}: expected ${columns} numbers as in the first, got ${row.length}`);
    row.forEach((entry, c) => {
      data[r * columns + c] = typeof entry === 'number' ? entry : Number.NaN;
    });
  });
  return { rows: value.length, columns, data };
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

/** The header of an npy file, and where its numbers begin. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
function npyHead(bytes: Uint8Array): { text: string; start: number } {
  const isNpy = bytes[0] === 0x93 && new TextDecoder().decode(bytes.subarray(1, 6)) === 'NUMPY';
  if (!isNpy) throw new StoreError('expected an npy file, got other bytes');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const length = bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  return { text: new TextDecoder().decode(bytes.subarray(start, start + length)), start: start + length };
}

/** A two-dimensional npy file of little-endian numbers. */
export function readNpy(bytes: Uint8Array): Matrix {
  const { text, start } = npyHead(bytes);
  const kind = text.match(/'descr':\s*'([^']+)'/)?.[1] ?? '';
  const shape = (text.match(/'shape':\s*\(([^)]*)\)/)?.[1] ?? '').split(',').filter((side) => side.trim());
  const sides = shape.map(Number);
  expectTwo(sides);
  if (!KINDS[kind])
    throw new StoreError(`expected numbers of kind ${Object.keys(KINDS).join(', ')}, got ${kind}`);
  const [size, read] = KINDS[kind];
  const [rows, columns] = sides;
  if (bytes.length - start !== rows * columns * size) {
    throw new StoreError(`expected ${rows * columns * size} bytes of numbers, got ${bytes.length - start}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const byColumns = /'fortran_order':\s*True/.test(text);
  const place = (at: number) => (byColumns ? (at % columns) * rows + Math.floor(at / columns) : at);
  return asMatrix(
    sides,
    Float64Array.from({ length: rows * columns }, (_, at) => read(view, place(at) * size)),
  );
}

/** The tensor `samples` of a safetensors file, or its only one. */
export function readSafetensorsMatrix(bytes: Uint8Array): Matrix {
  const { tensors } = decodeSafetensors(bytes);
  const names = Object.keys(tensors);
  const own = tensors.samples ?? (names.length === 1 ? tensors[names[0]] : undefined);
  if (!own)
    throw new StoreError(`expected one tensor, or one called samples, got ${names.join(', ') || 'none'}`);
  expectTwo(own.shape);
  return asMatrix(own.shape, own.data);
}

/** A Parquet file, a column a feature in their order, uncompressed or with Snappy. */
export async function readParquetMatrix(bytes: Uint8Array<ArrayBuffer>): Promise<Matrix> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file });
  const columns = Object.keys(rows[0] ?? {});
  const data = rows.flatMap((row) =>
    columns.map((name) => {
      const value = row[name];
      return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
        ? Number(value)
        : Number.NaN;
    }),
  );
  return { rows: rows.length, columns: columns.length, data };
}
