// CSV, from a file or a request body, as batches of detections.

import { AppError } from '../../src/errors.ts';
import { type CsvRecord, CsvScanner } from './csvRecords.ts';
import { type CsvTable, csvTableOf } from './csvColumns.ts';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import { withoutByteOrderMark } from './encoding.ts';
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
  const scanner = new CsvScanner();
  const take = (record: CsvRecord): void => {
    reader.take(record);
  };
  for await (const chunk of withoutByteOrderMark(chunks)) {
    scanner.push(chunk, take);
    if (batch.isFull) yield* batch.takeFull();
  }
  const last = scanner.end();
  if (last !== null) take(last);
  reader.end();
  yield* batch.takeAll();
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
