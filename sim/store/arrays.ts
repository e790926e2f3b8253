/** Two-dimensional arrays out of files that others wrote: JSON, npy, safetensors, Parquet. */
import { parquetReadObjects } from 'hyparquet';
import { StoreError } from './files.ts';
import { decodeNpy, type NpyArray, NpyError } from './npy.ts';
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

/** A two-dimensional npy file of little-endian numbers. */
export function readNpy(bytes: Uint8Array): Matrix {
  const { shape, data } = npyOf(bytes);
  expectTwo(shape);
  return asMatrix(shape, data);
}

/** An npy file, its errors those of the store. */
function npyOf(bytes: Uint8Array): NpyArray {
  try {
    return decodeNpy(bytes);
  } catch (error) {
    if (error instanceof NpyError) throw new StoreError(error.message);
    throw error;
  }
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
