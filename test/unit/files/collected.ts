// What reading a file gives, all at once, for tests to look into.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../src/errors.ts';
import { FIELDS } from '../../../src/model/fields.ts';
import type { RejectedRow } from '../../../src/model/rejectedRow.ts';
import type { FileBatch } from '../../../ingest/files/detectionBatch.ts';
import { readDetections } from '../../../ingest/files/readFile.ts';
import type { ReadOptions } from '../../../ingest/files/readOptions.ts';

/** A detection by its outside names, without those that have no value. */
export type OutsideRow = Readonly<Record<string, string | number | bigint>>;

export interface Collected {
  readonly rows: readonly OutsideRow[];
  readonly numbers: readonly number[];
  readonly rejected: readonly RejectedRow[];
  readonly largestBatch: number;
  /** Why the file was given up, after whatever rows came before. */
  readonly refusal: AppError | null;
}

export async function collected(batches: AsyncIterable<FileBatch>): Promise<Collected> {
  const rows: OutsideRow[] = [];
  const numbers: number[] = [];
  const rejected: RejectedRow[] = [];
  let largestBatch = 0;
  let refusal: AppError | null = null;
  try {
    for await (const batch of batches) {
      rows.push(...outsideRows(batch));
      numbers.push(...batch.rows);
      rejected.push(...batch.rejected);
      largestBatch = Math.max(largestBatch, batch.columns.length, batch.rejected.length);
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    refusal = error;
  }
  return { rows, numbers, rejected, largestBatch, refusal };
}

export function readAll(path: string, options?: ReadOptions): Promise<Collected> {
  return collected(readDetections(path, options));
}

/** Writes the bytes to a file of that name and reads it. */
export async function readBytes(name: string, bytes: string | Uint8Array, options?: ReadOptions): Promise<Collected> {
  const dir = mkdtempSync(join(tmpdir(), 'nightjar-files-'));
  try {
    writeFileSync(join(dir, name), bytes);
    return await readAll(join(dir, name), options);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function outsideRows({ columns }: FileBatch): OutsideRow[] {
  return Array.from({ length: columns.length }, (_, row) => {
    const values = FIELDS.map((field) => [field.name, field.value(columns, row)] as const);
    return Object.fromEntries(values.filter((entry): entry is [string, string | number | bigint] => entry[1] !== null));
  });
}
