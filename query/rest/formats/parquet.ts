// Parquet, snappy, a row group for every some ten thousand rows, written as it goes. Columns have the types
// of the Arrow stream: 64-bit integers are text, so that no reader makes floats of them.

import { ByteWriter, ParquetWriter, type BasicType, type ColumnSource, type SchemaElement } from 'hyparquet-writer';
import { schemaFromColumnData } from 'hyparquet-writer';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import type { Field } from '../../../src/model/fields.ts';
import { fieldsOf } from './fieldColumns.ts';
import type { ShownAnswer } from './format.ts';

const GROUP_ROWS = 32_768;
const TYPES: Readonly<Record<Field['type'], BasicType>> = {
  text: 'STRING', int64: 'STRING', uint64: 'STRING', int32: 'INT32', float32: 'FLOAT', float64: 'DOUBLE',
}; // prettier-ignore

export function* encodeParquet(answer: ShownAnswer): Generator<Buffer> {
  const { columns, truncated, nextCursor } = answer;
  const fields = fieldsOf(answer);
  const bytes = new ByteWriter(64 * 1024);
  const kvMetadata = [{ key: 'truncated', value: String(truncated) }];
  if (nextCursor !== null) kvMetadata.push({ key: 'next', value: nextCursor });
  const writer = new ParquetWriter({ writer: bytes, schema: schemaOf(fields), kvMetadata, createdBy: 'nightjar' });
  for (let first = 0; first < columns.length; first += GROUP_ROWS) {
    const end = Math.min(first + GROUP_ROWS, columns.length);
    void writer.write({ columnData: fields.map((field) => sourceOf(columns, field, first, end)), rowGroupSize: GROUP_ROWS });
    if (end < columns.length) yield taken(bytes);
  }
  void writer.finish();
  yield taken(bytes);
}

function schemaOf(fields: readonly Field[]): SchemaElement[] {
  return schemaFromColumnData({ columnData: fields.map(({ name, type }) => ({ name, data: [], type: TYPES[type], nullable: true })) });
}

function sourceOf(columns: DetectionColumns, field: Field, first: number, end: number): ColumnSource {
  const data = Array.from({ length: end - first }, (_, i) => {
    const value = field.value(columns, first + i);
    return typeof value === 'bigint' ? value.toString() : value;
  });
  return { name: field.name, data, type: TYPES[field.type], nullable: true };
}

/** What was written since the last call; the writer's own count of bytes goes on. */
function taken(bytes: ByteWriter): Buffer {
  const part = Buffer.from(bytes.getBuffer());
  bytes.index = 0;
  return part;
}
