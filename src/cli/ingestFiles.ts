// Files into a running service: read, send, count. A file that cannot be read to its end is a failure of that
// file; what came before it is stored, and sending it again does no harm.

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FileBatch } from '../../ingest/files/detectionBatch.ts';
import { readDetections } from '../../ingest/files/readFile.ts';
import type { ReadOptions } from '../../ingest/files/readOptions.ts';
import { AppError } from '../errors.ts';
import { DetectionColumns } from '../model/columns.ts';
import type { RejectedRow } from '../model/rejectedRow.ts';
import type { BatchSender } from './ingestSender.ts';

export interface IngestError {
  /** Number of the row in its file, from 1; null for an error of the whole file. */
  readonly row: number | null;
  readonly code: string;
  readonly message: string;
}

export interface IngestSum {
  accepted: number;
  duplicates: number;
  rejected: number;
  readonly errors: IngestError[];
  /** Rejected rows by code and message without their numbers, with how many there were. */
  readonly reasons: Map<string, number>;
  failedFiles: number;
}

export interface IngestOptions {
  readonly read: ReadOptions;
  readonly batchRows: number;
  /** Called after each acknowledgement. */
  readonly onProgress: (file: string, sum: IngestSum) => void;
}

const MOST_IN_FLIGHT = 8;
/** More are counted, not listed. */
const MOST_ERRORS = 100_000;
const MOST_REASONS = 1000;

export async function ingestFiles(files: readonly string[], sender: BatchSender, options: IngestOptions): Promise<IngestSum> {
  const sum: IngestSum = { accepted: 0, duplicates: 0, rejected: 0, errors: [], reasons: new Map(), failedFiles: 0 };
  for (const file of files) {
    const prefix = files.length > 1 ? `${basename(file)}: ` : '';
    try {
      await ingestFile(file, prefix, sender, sum, options);
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown;
      sum.failedFiles++;
      sum.errors.push({ row: null, code: thrown.code, message: thrown.message });
      // the next file would fare no better
      if (thrown.code === 'unavailable' || thrown.code === 'deadline_exceeded') break;
    }
  }
  return sum;
}

async function ingestFile(file: string, prefix: string, sender: BatchSender, sum: IngestSum, options: IngestOptions): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let failure: unknown = null;
  const errors: IngestError[] = [];
  const reject = (rejected: readonly RejectedRow[], numberOf: (row: number) => number): void => {
    sum.rejected += rejected.length;
    for (const { row, code, message } of rejected) {
      const reason = `${code}: ${reasonOf(message)}`;
      if (sum.reasons.has(reason) || sum.reasons.size < MOST_REASONS) sum.reasons.set(reason, (sum.reasons.get(reason) ?? 0) + 1);
      if (sum.errors.length + errors.length < MOST_ERRORS) errors.push({ row: numberOf(row), code, message: prefix + message });
    }
  };
  const send = async ({ columns, rows }: Pick<FileBatch, 'columns' | 'rows'>): Promise<void> => {
    try {
      const report = await sender.send(columns);
      sum.accepted += report.accepted;
      sum.duplicates += report.duplicates;
      reject(report.rejected, (row) => rows[row]);
      options.onProgress(file, sum);
    } catch (error) {
      failure ??= error;
    }
  };
  try {
    for await (const batch of inBatches(readDetections(file, options.read), options.batchRows)) {
      if (failure !== null) break;
      reject(batch.rejected, (row) => row);
      if (batch.columns.length === 0) continue;
      const sent: Promise<void> = send(batch).finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= MOST_IN_FLIGHT) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
    sum.errors.push(...errors.sort((a, b) => (a.row ?? 0) - (b.row ?? 0)));
  }
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- what `send` caught, passed on as it was
  if (failure !== null) throw failure;
}

/** Batches of at most `mostRows`, smaller where the reader's are. */
async function* inBatches(batches: AsyncIterable<FileBatch>, mostRows: number): AsyncGenerator<FileBatch> {
  for await (const batch of batches) {
    const { columns, rows } = batch;
    if (columns.length <= mostRows) {
      yield batch;
      continue;
    }
    const { surveys, stations, bands } = columns;
    for (let from = 0; from < columns.length; from += mostRows) {
      const to = Math.min(from + mostRows, columns.length);
      const part = new DetectionColumns(to - from, { surveys, stations, bands });
      for (let row = from; row < to; row++) part.copyRow(columns, row);
      yield { columns: part, rows: rows.subarray(from, to), rejected: from === 0 ? batch.rejected : [] };
    }
  }
}

/** `line 17: ra_deg is 400, must be ...` and the same of line 18 with another value are one reason. */
function reasonOf(message: string): string {
  return message
    .replace(/^(?:line \d+|record \d+[^:]*): /, '')
    .replace(/ is (?:"(?:[^"\\]|\\.)*"|\S+), must/, ' is ..., must')
    .replace(/^.* is stored already/, '... is stored already');
}

export async function sizeOf(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}
