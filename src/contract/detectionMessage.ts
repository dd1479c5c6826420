// Batches and answers of detections between their bytes and columns. A batch is rows or a table, with the
// same meaning: what is wrong with its structure refuses it whole (invalid_argument), what is wrong with a
// row refuses that row.

import { AppError, invalidArgument } from '../errors.ts';
import { DetectionColumns } from '../model/columns.ts';
import type { RejectedRow } from '../store/store.ts';
import { clearRows, RowsReader, RowsWriter } from './detectionRows.ts';
import { readTable, tableOfColumns } from './detectionTable.ts';
import { DetectionBatch, DetectionsReply, DetectionTable } from './gen/codec.js';
import { OUTSIDE_SCHEMAS } from './gen/schemas.ts';
import { FIELD_NUMBERS } from './gen/wire.ts';
import { malformed, WireReader } from './wireReader.ts';
import { tagOf, WIRE_BYTES, WIRE_VARINT, WireWriter } from './wireWriter.ts';

/** Most rows of a batch, whether rows or table: the proto's max_items of DetectionBatch.detections. */
export const MAX_BATCH_ROWS = OUTSIDE_SCHEMAS.DetectionBatch.properties?.['detections'].maxItems ?? 0;

export interface DecodedBatch {
  readonly sequence: bigint;
  /** The rows that could be read. */
  readonly columns: DetectionColumns;
  /** Row k of `columns` is row rows[k] of the batch; null where every row could be read. */
  readonly rows: Uint32Array | null;
  /** The others, ascending; `row` is the index in the batch. */
  readonly rejected: RejectedRow[];
}

const BATCH = FIELD_NUMBERS.DetectionBatch;
const BATCH_SEQUENCE = tagOf(BATCH.sequence, WIRE_VARINT);
const BATCH_DETECTION = tagOf(BATCH.detections, WIRE_BYTES);
const BATCH_TABLE = tagOf(BATCH.table, WIRE_BYTES);

/** More names than a survey has: columns that are reused start over before a stream of made-up names fills them. */
const MAX_KEPT_NAMES = 1000;

/**
 * Reads an encoded DetectionBatch. `reused` may be the columns of an earlier batch that nobody needs any
 * more: its arrays and names are kept, which saves most of the allocation.
 */
export function columnsOfBatch(bytes: Uint8Array, reused?: DetectionColumns): DecodedBatch {
  const reader = new WireReader(bytes);
  let rowCount = 0;
  let sequence = 0n;
  let table: Uint8Array | null = null;
  while (reader.at < reader.end) {
    const tag = reader.varint();
    if (tag === BATCH_DETECTION) {
      reader.take(reader.length());
      rowCount++;
    } else if (tag === BATCH_TABLE) {
      if (table !== null) throw malformed('table is there twice');
      const length = reader.length();
      const from = reader.take(length);
      table = bytes.subarray(from, from + length);
    } else if (tag === BATCH_SEQUENCE) {
      sequence = reader.varint64();
    } else {
      reader.skip(tag & 7);
    }
  }
  if (table === null) return { sequence, ...readRows(reader, rowCount, reused) };
  if (rowCount > 0) throw new AppError('invalid_argument', 'detections and table are both given, must be one of them');
  return { sequence, ...readWholeTable(decodedTable(table), reused) };
}

/** The sequence number of a batch whose rows cannot be read, as far as it can be known. */
export function sequenceOfBatch(bytes: Uint8Array): bigint {
  const reader = new WireReader(bytes);
  try {
    while (reader.at < reader.end) {
      const tag = reader.varint();
      if (tag === BATCH_SEQUENCE) return reader.varint64();
      reader.skip(tag & 7);
    }
  } catch {
    // broken before the number: it has none that we could name
  }
  return 0n;
}

function columnsFor(rows: number, reused: DetectionColumns | undefined): DetectionColumns {
  const isFull = reused === undefined || [reused.surveys, reused.stations, reused.bands].some(({ names }) => names.length > MAX_KEPT_NAMES);
  if (isFull) return new DetectionColumns(rows);
  reused.length = 0;
  reused.reserve(rows);
  return reused;
}

type ReadRows = Pick<DecodedBatch, 'columns' | 'rows' | 'rejected'>;

function readRows(reader: WireReader, rowCount: number, reused: DetectionColumns | undefined): ReadRows {
  checkRowCount('detections', rowCount);
  const columns = columnsFor(rowCount, reused);
  clearRows(columns, 0, rowCount);
  const rejected: RejectedRow[] = [];
  const rowsReader = new RowsReader(columns);
  reader.at = 0;
  for (let row = 0; row < rowCount;) {
    const tag = reader.varint();
    if (tag === BATCH_DETECTION) rowsReader.read(reader, row++, rejected);
    else reader.skip(tag & 7);
  }
  return { columns, rows: rejected.length === 0 ? null : rowsLeft(rowCount, rejected), rejected };
}

function decodedTable(bytes: Uint8Array): DetectionTable {
  try {
    return DetectionTable.decode(bytes);
  } catch (error) {
    throw malformed(`table: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readWholeTable(table: DetectionTable, reused: DetectionColumns | undefined): ReadRows {
  const rowCount = table.rows ?? 0;
  checkRowCount('table.rows', rowCount);
  const columns = columnsFor(rowCount, reused);
  const rejected: RejectedRow[] = [];
  readTable(table, columns, rejected);
  if (rejected.length === 0) return { columns, rows: null, rejected };
  rejected.sort((a, b) => a.row - b.row);
  const rows = rowsLeft(rowCount, rejected);
  const { surveys, stations, bands } = columns;
  const left = new DetectionColumns(rows.length, { surveys, stations, bands });
  for (const row of rows) left.copyRow(columns, row);
  return { columns: left, rows, rejected };
}

function checkRowCount(field: string, count: number): void {
  if (count > MAX_BATCH_ROWS) throw invalidArgument(field, count, `at most ${String(MAX_BATCH_ROWS)} rows`);
}

function rowsLeft(rowCount: number, rejected: readonly RejectedRow[]): Uint32Array {
  const rows = new Uint32Array(rowCount - rejected.length);
  let next = 0;
  let k = 0;
  for (let row = 0; row < rowCount; row++) {
    if (next < rejected.length && rejected[next].row === row) next++;
    else rows[k++] = row;
  }
  return rows;
}

const REPLY = FIELD_NUMBERS.DetectionsReply;
const REPLY_DETECTION = tagOf(REPLY.detections, WIRE_BYTES);
const REPLY_TRUNCATED = tagOf(REPLY.truncated, WIRE_VARINT);
const REPLY_CURSOR = tagOf(REPLY.nextCursor, WIRE_BYTES);

export interface ReplyOptions {
  readonly truncated: boolean;
  readonly nextCursor: string | null;
  readonly asTable: boolean;
}

/** Reused between answers: each is copied out before the next one starts. */
const writer = new WireWriter();

/** An encoded DetectionsReply of rows [from, to). */
export function encodeReply(columns: DetectionColumns, options: ReplyOptions, from = 0, to = columns.length): Uint8Array {
  if (options.asTable) {
    const { truncated, nextCursor } = options;
    return DetectionsReply.encode({ table: tableOfColumns(columns, from, to), truncated, nextCursor: nextCursor ?? '' }).finish();
  }
  writer.clear();
  const rows = new RowsWriter(columns);
  for (let i = from; i < to; i++) rows.write(writer, REPLY_DETECTION, i);
  if (options.truncated) writer.uint32(REPLY_TRUNCATED, 1);
  if (options.nextCursor !== null) writer.text(REPLY_CURSOR, options.nextCursor);
  return writer.take();
}

const MATCH = FIELD_NUMBERS.Match;
const MATCHES = tagOf(FIELD_NUMBERS.CrossMatchReply.matches, WIRE_BYTES);
const MATCHES_TRUNCATED = tagOf(FIELD_NUMBERS.CrossMatchReply.truncated, WIRE_VARINT);
const MATCH_POSITION = tagOf(MATCH.position, WIRE_VARINT);
const MATCH_ID = tagOf(MATCH.id, WIRE_BYTES);
const MATCH_DETECTION = tagOf(MATCH.detection, WIRE_BYTES);

export interface MatchLines {
  readonly columns: DetectionColumns;
  readonly positionOf: readonly number[];
  /** Row of each line, -1 none. */
  readonly rowOf: readonly number[];
  readonly truncated: boolean;
}

/** An encoded CrossMatchReply; `idOf` is the id that a position came with. */
export function encodeMatches(lines: MatchLines, idOf: (position: number) => string): Uint8Array {
  writer.clear();
  const rows = new RowsWriter(lines.columns);
  lines.rowOf.forEach((row, line) => {
    const position = lines.positionOf[line];
    const start = writer.begin(MATCHES);
    if (position !== 0) writer.uint32(MATCH_POSITION, position);
    const id = idOf(position);
    if (id !== '') writer.text(MATCH_ID, id);
    if (row >= 0) rows.write(writer, MATCH_DETECTION, row);
    writer.end(start);
  });
  if (lines.truncated) writer.uint32(MATCHES_TRUNCATED, 1);
  return writer.take();
}

/** An encoded DetectionBatch, for clients. */
export function encodeBatch(sequence: bigint, columns: DetectionColumns, options: { readonly asTable: boolean }): Uint8Array {
  if (options.asTable) return DetectionBatch.encode({ sequence, table: tableOfColumns(columns) }).finish();
  writer.clear();
  writer.uint64(BATCH_SEQUENCE, sequence);
  const rows = new RowsWriter(columns);
  for (let i = 0; i < columns.length; i++) rows.write(writer, BATCH_DETECTION, i);
  return writer.take();
}
