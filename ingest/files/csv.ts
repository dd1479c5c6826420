// CSV, from a file or a request body, as batches of detections.

import { AppError } from '../../src/errors.ts';
import { type CsvRecord, byteOrderMarkLength, CsvScanner, refuseOtherEncodings } from './csvRecords.ts';
import { type CsvTable, csvTableOf } from './csvColumns.ts';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import type { ReadOptions } from './readOptions.ts';
import { TextFields } from './recordFields.ts';
import { RowProblem, trimBlanks } from './text.ts';

export async function* readCsv(
  chunks: AsyncIterable<Uint8Array>,
  options: ReadOptions,
  fileName: string,
  batch = new BatchBuilder(),
): AsyncGenerator<FileBatch> {
  const reader = new CsvReader(options, fileName, batch);
  for await (const record of recordsOf(chunks)) {
    reader.take(record);
    if (batch.isFull) yield* batch.takeFull();
  }
  reader.end();
  yield* batch.takeAll();
}

async function* recordsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  const scanner = new CsvScanner();
  let head = Buffer.alloc(0);
  let isStart = true;
  for await (const chunk of chunks) {
    if (!isStart) {
      yield* scanner.push(chunk);
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 4) continue;
    isStart = false;
    refuseOtherEncodings(head);
    yield* scanner.push(head.subarray(byteOrderMarkLength(head)));
  }
  if (isStart) yield* scanner.push(head.subarray(byteOrderMarkLength(head)));
  const last = scanner.end();
  if (last !== null) yield last;
}

class CsvReader {
  readonly #options: ReadOptions;
  readonly #fileName: string;
  readonly #batch: BatchBuilder;
  #table: CsvTable | null = null;
  #fields: TextFields = new TextFields(new Map());
  #width = 0;

  constructor(options: ReadOptions, fileName: string, batch: BatchBuilder) {
    this.#options = options;
    this.#fileName = fileName;
    this.#batch = batch;
  }

  take(record: CsvRecord): void {
    if (this.#table === null) {
      this.#readHeader(record);
      return;
    }
    if (record.problem !== null) {
      this.#batch.reject(record.line, record.problem);
      return;
    }
    const width = record.fields.length;
    if (width !== this.#width) {
      this.#batch.reject(record.line, `has ${String(width)} fields, the header has ${String(this.#width)}`);
      return;
    }
    this.#fields.fields = record.fields;
    try {
      this.#table.addRow(this.#batch, this.#fields, record.line);
    } catch (error) {
      if (!(error instanceof RowProblem || error instanceof AppError)) throw error;
      this.#batch.reject(record.line, error.message);
    }
  }

  end(): void {
    if (this.#table === null) throw new AppError('invalid_argument', 'no header: the file has no line with text');
  }

  #readHeader(record: CsvRecord): void {
    if (record.problem !== null) throw new AppError('invalid_argument', `line ${String(record.line)}: the header ${record.problem}`);
    this.#table = csvTableOf(record.fields.map(trimBlanks), this.#options, this.#fileName);
    this.#fields = new TextFields(this.#table.columns);
    this.#width = record.fields.length;
  }
}
