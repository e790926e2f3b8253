/** Tables as Parquet, one row group for each part, so that a table larger than memory can be written. */
import { type ColumnSource, fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { Column, Table } from './table.ts';

const TYPES = { Int32Array: 'INT32', Float32Array: 'FLOAT', Float64Array: 'DOUBLE' } as const;

const typeOf = ({ values }: Column) => TYPES[values.constructor.name as keyof typeof TYPES];

/** A Parquet file being written; close it to make it readable. */
export interface ParquetFile {
  append(table: Table): void;
  close(): void;
}

/** Opens a Parquet file for tables with these columns; their meaning and units go into its metadata. */
export function openParquet(file: string, columns: Table): ParquetFile {
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map((column) => ({
        name: column.name,
        type: typeOf(column),
        repetition_type: 'REQUIRED' as const,
      })),
    ],
    kvMetadata: columns.map(({ name, unit, description }) => ({
      key: name,
      value: `[${unit}] ${description}`,
    })),
    createdBy: 'superpose',
  });
  return {
    append(table) {
      const columnData: ColumnSource[] = table.map(({ name, values }) => ({
        name,
        data: values,
        offsetIndex: false, // held in memory to the end otherwise
      }));
      writer.write({ columnData, rowGroupSize: table[0].values.length });
    },
    close: () => void writer.finish(),
  };
}
