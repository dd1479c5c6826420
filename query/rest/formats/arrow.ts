// Arrow IPC stream: columns as they are, with validity bits for null. 64-bit integers are text, as in all
// formats: pandas makes floats of nullable int64. Units, UCDs and descriptions are field metadata.
//
// flechette writes the messages; the buffers are made here, since its builders take a value at a time.

import { Batch, Column, float32, float64, int32, Table, tableToIPC, utf8, type DataType, type Schema } from '@uwdata/flechette';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import type { Field } from '../../../src/model/fields.ts';
import { fieldsOf, FLOAT32_NAMES, FLOAT64_NAMES } from './fieldColumns.ts';
import type { ShownAnswer } from './format.ts';

const BATCH_ROWS = 16_384;
const END_OF_STREAM_BYTES = 8;

export function* encodeArrow(answer: ShownAnswer): Generator<Buffer> {
  const fields = fieldsOf(answer);
  const schema = schemaOf(fields, answer);
  const { columns } = answer;
  for (let first = 0; first === 0 || first < columns.length; first += BATCH_ROWS) {
    const end = Math.min(first + BATCH_ROWS, columns.length);
    const children = fields.map((field, f) => new Column([batchOf(columns, field, schema.fields[f].type, first, end)]));
    const stream = tableToIPC(new Table(schema, children), { format: 'stream' });
    if (stream === null) return;
    // each is a whole stream: its schema is wanted once, at the start, and its end mark once, at the end
    const bytes = Buffer.from(stream.buffer, stream.byteOffset, stream.byteLength);
    const start = first === 0 ? 0 : 8 + bytes.readInt32LE(4);
    yield bytes.subarray(start, end === columns.length ? bytes.length : bytes.length - END_OF_STREAM_BYTES);
  }
}

function schemaOf(fields: readonly Field[], answer: ShownAnswer): Schema {
  const metadata = new Map([['truncated', String(answer.truncated)]]);
  if (answer.nextCursor !== null) metadata.set('next', answer.nextCursor);
  return {
    fields: fields.map((field) => ({ name: field.name, type: arrowType(field), nullable: true, metadata: fieldMetadata(field) })),
    metadata,
  };
}

function fieldMetadata({ unit, ucd, description }: Field): Map<string, string> {
  const metadata = new Map([
    ['ucd', ucd],
    ['description', description],
  ]);
  if (unit !== '') metadata.set('unit', unit);
  return metadata;
}

function arrowType({ type }: Field): DataType {
  if (type === 'float32') return float32();
  if (type === 'float64') return float64();
  return type === 'int32' ? int32() : utf8();
}

/** Validity bits while values are written. */
class Validity {
  readonly bits: Uint8Array;
  nullCount = 0;

  constructor(length: number) {
    this.bits = new Uint8Array(Math.ceil(length / 8)).fill(255);
  }

  setNull(row: number): void {
    this.bits[row >> 3] &= ~(1 << (row & 7));
    this.nullCount++;
  }
}

function batchOf(columns: DetectionColumns, field: Field, type: DataType, first: number, end: number): Batch<unknown> {
  const length = end - first;
  const validity = new Validity(length);
  const part = { length, type, validity: validity.bits };
  if (field.type === 'float32' || field.type === 'float64') {
    const values = floatsOf(columns, field, first, end);
    for (let i = 0; i < length; i++) if (Number.isNaN(values[i])) validity.setNull(i);
    return new Batch({ ...part, values, nullCount: validity.nullCount });
  }
  if (field.type === 'int32') {
    const values = new Int32Array(length);
    for (let i = 0; i < length; i++) {
      const value = field.value(columns, first + i);
      if (value === null) validity.setNull(i);
      else values[i] = Number(value);
    }
    return new Batch({ ...part, values, nullCount: validity.nullCount });
  }
  const { offsets, bytes } = textsOf(columns, field, first, end, validity);
  return new Batch({ ...part, offsets, values: bytes, nullCount: validity.nullCount });
}

function floatsOf(columns: DetectionColumns, field: Field, first: number, end: number): Float32Array | Float64Array {
  const float32Name = FLOAT32_NAMES.get(field.name);
  if (float32Name !== undefined) return columns[float32Name].slice(first, end);
  const float64Name = FLOAT64_NAMES.get(field.name);
  if (float64Name !== undefined) return columns[float64Name].slice(first, end);
  return Float64Array.from({ length: end - first }, (_, i) => (field.value(columns, first + i) ?? NaN) as number);
}

function textsOf(
  columns: DetectionColumns,
  field: Field,
  first: number,
  end: number,
  validity: Validity,
): { offsets: Int32Array; bytes: Uint8Array } {
  const offsets = new Int32Array(end - first + 1);
  let bytes = Buffer.allocUnsafe(24 * (end - first) + 256);
  let at = 0;
  for (let row = first; row < end; row++) {
    const value = field.value(columns, row);
    if (value === null) {
      validity.setNull(row - first);
    } else {
      const text = typeof value === 'string' ? value : value.toString();
      if (at + 3 * text.length > bytes.length) bytes = Buffer.concat([bytes], 2 * bytes.length + 3 * text.length);
      at += bytes.write(text, at);
    }
    offsets[row - first + 1] = at;
  }
  return { offsets, bytes: bytes.subarray(0, at) };
}
