// Any file of detections, as batches. A file is read in one pass with flat memory; what that pass cannot
// know beforehand (a broken end) is checked before the first row for gzip, Avro and Parquet, which carry
// their own checks. Plain text is taken as it comes: an error in its form stops there, and the rows of the
// batches before are with the caller.

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../src/errors.ts';
import { readAdesPsv } from './adesPsv.ts';
import { readAdesXml } from './adesXml.ts';
import { readAvro } from './avro.ts';
import { readCsv } from './csv.ts';
import type { FileBatch } from './detectionBatch.ts';
import { readMpc80 } from './mpc80.ts';
import { readNdjson } from './ndjson.ts';
import { checkGzip, inflated } from './gzip.ts';
import { readParquet } from './parquet/reader.ts';
import type { ReadOptions } from './readOptions.ts';
import { type FileKind, sniffFile } from './sniff.ts';

/**
 * Reads a file whose kind it finds out itself. Batches hold at most 1,000 rows. Bad rows are in `rejected`;
 * a bad file throws AppError with a message that starts with its name.
 */
export async function* readDetections(path: string, options: ReadOptions = {}): AsyncGenerator<FileBatch> {
  const name = basename(path);
  try {
    yield* batchesOf(path, name, options);
  } catch (error) {
    throw named(name, error);
  }
}

async function* batchesOf(path: string, name: string, options: ReadOptions): AsyncGenerator<FileBatch> {
  const { kind, isGzipped } = await sniffFile(path);
  if (kind === 'avro' || kind === 'parquet') {
    yield* kind === 'avro' ? readAvro(path, options) : readParquet(path, options);
    options.onBytes?.((await stat(path)).size);
  } else {
    if (isGzipped) await checkGzip(path);
    const chunks = isGzipped ? inflated(path, options.onBytes) : plain(path, options.onBytes);
    // Made-up ids hold the file's name, and a file is the same whether it is packed or not.
    yield* textBatches(kind, chunks, isGzipped ? name.replace(/\.gz$/i, '') : name, options);
  }
}

async function* plain(path: string, onBytes?: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

function textBatches(
  kind: Exclude<FileKind, 'avro' | 'parquet'>,
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  options: ReadOptions,
): AsyncIterable<FileBatch> {
  switch (kind) {
    case 'csv':
      return readCsv(chunks, options, name);
    case 'ndjson':
      return readNdjson(chunks);
    case 'ades psv':
      return readAdesPsv(chunks, options, name);
    case 'ades xml':
      return readAdesXml(chunks, options, name);
    case 'mpc80':
      return readMpc80(chunks, options, name);
  }
}

function named(name: string, error: unknown): unknown {
  if (error instanceof AppError)
    return new AppError(error.code, `${name}: ${error.message}`, {
      cause: error,
      details: error.details,
    });
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ENOENT') return new AppError('not_found', `${name}: no such file`, { cause: error });
  if (error.code === 'EACCES')
    return new AppError('permission_denied', `${name}: may not be read`, {
      cause: error,
    });
  return error;
}
