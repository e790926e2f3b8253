/** A table of named, documented columns, and its CSV. */
import { stringify } from 'csv-stringify/sync';

export interface Column {
  name: string;
  unit: string; // '1' for a plain number
  description: string;
  values: Int32Array | Float32Array | Float64Array; // (rows)
}

export type FileTable = Column[];

/** What a column means, without its numbers. */
type ColumnDoc = Omit<Column, 'values'>;

export function columnDocs(table: FileTable): ColumnDoc[] {
  return table.map(({ values: _values, ...doc }) => doc);
}

function csvCell(value: number): string {
  if (Number.isNaN(value)) return ''; // what readers of CSV take as missing
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
}

/** The first line of a CSV file. */
export function csvHeader(table: FileTable): string {
  return stringify([table.map((column) => column.name)]);
}

/** The lines of a CSV file: shortest decimals that give the number back; empty where there is none (NaN). */
export function csvRows(table: FileTable): string {
  const rows = table[0].values.length;
  return stringify(
    Array.from({ length: rows }, (_, row) => table.map((column) => csvCell(column.values[row]))),
  );
}

/** Most rows of a table that are turned into bytes at once. */
export const PIECE = 2 ** 15;

/** A table in pieces of at most PIECE rows. */
export function* pieces(table: FileTable): Generator<FileTable> {
  const rows = table[0].values.length;
  for (let from = 0; from < rows; from += PIECE) {
    yield table.map((column) => ({ ...column, values: column.values.subarray(from, from + PIECE) }));
  }
}
