// One JSON object a line, from a file or a request body, as batches of detections. Names: contract/detectionRow.ts.

import { isUtf8 } from 'node:buffer';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import { parseExactJson } from './exactJson.ts';
import { MAX_RECORD_BYTES } from './limits.ts';
import { linesOf } from './lines.ts';

export async function* readNdjson(chunks: AsyncIterable<Uint8Array>, batch = new BatchBuilder()): AsyncGenerator<FileBatch> {
  for await (const { line, bytes, isTooLong } of linesOf(chunks)) {
    if (isTooLong) batch.reject(line, `longer than ${String(MAX_RECORD_BYTES)} bytes`);
    else addLine(batch, line, bytes);
    if (batch.isFull) yield* batch.takeFull();
  }
  yield* batch.takeAll();
}

/** A JSON value that should be one detection. */
export function addJsonRow(batch: BatchBuilder, value: unknown, place: number | null): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) batch.addOwn(value as Readonly<Record<string, unknown>>, place);
  else batch.reject(place, `is ${Array.isArray(value) ? 'a list' : JSON.stringify(value).slice(0, 60)}, must be an object`);
}

function addLine(batch: BatchBuilder, line: number, bytes: Buffer): void {
  if (!isUtf8(bytes)) {
    batch.reject(line, 'is not UTF-8');
    return;
  }
  const text = bytes.toString('utf8').trim();
  if (text === '') return;
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    batch.reject(line, `is not JSON: ${error instanceof Error ? error.message : ''}`);
    return;
  }
  addJsonRow(batch, value, line);
}
