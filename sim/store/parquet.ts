/** Tables as Parquet, one row group for each part, so that a table larger than memory can be written. */
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import type { Output } from './files.ts';
import type { Column, FileTable } from './table.ts';

const TYPES = { Int32Array: 'INT32', Float32Array: 'FLOAT', Float64Array: 'DOUBLE' } as const;

const typeOf = ({ values }: Column) => TYPES[values.constructor.name as keyof typeof TYPES];

/** A Parquet file being written; end it to make it readable. */
interface ParquetFile {
  append(table: FileTable): void;
  end(): void;
}

/** Begins a Parquet file of tables with these columns; their meaning and units go into its metadata. */
export function beginParquet(output: Output, columns: FileTable): ParquetFile {
  const bytes = new ByteWriter();
  const drain = () => {
    output.write(bytes.getBytes());
    bytes.index = 0;
  };
  const writer = new ParquetWriter({
    writer: bytes,
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
      drain();
    },
    end() {
      writer.finish();
      drain();
    },
  };
}
