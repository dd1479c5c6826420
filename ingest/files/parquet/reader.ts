// Parquet files, decoded in a thread of their own. The decoder (hyparquet) believes the counts inside a file:
// a run length of 2^30 in a damaged page fills the heap before anybody could check it. The thread may use so
// much memory and no more; when it asks for more it ends, and the process does not.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../../src/errors.ts';
import { BatchBuilder, type FileBatch } from '../detectionBatch.ts';
import { MAX_PARQUET_HEAP_MB, MAX_PARQUET_SLICE_MS } from '../limits.ts';
import { addPart } from '../packet.ts';
import { addPacket } from '../packets.ts';
import type { ReadOptions } from '../readOptions.ts';
import { ValueFields } from '../recordFields.ts';
import { addLsstPacket } from '../surveys/lsst.ts';
import { addZtfPacket, asteroidRows, ztfTableRowOf } from '../surveys/ztf.ts';
import { bareName, type ParquetKind } from './shape.ts';
import type { ParquetMessage } from './worker.ts';

type Row = Readonly<Record<string, unknown>>;

export async function* readParquet(path: string, options: ReadOptions): AsyncGenerator<FileBatch> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: path,
    resourceLimits: { maxOldGenerationSizeMb: MAX_PARQUET_HEAP_MB, maxYoungGenerationSizeMb: 32 },
  });
  try {
    const batch = new BatchBuilder();
    let kind: ParquetKind = 'our columns';
    let number = 0;
    for (let message = await nextMessage(worker); !('end' in message); message = await nextMessage(worker)) {
      if ('problem' in message) throw new AppError(message.code, message.problem);
      if ('shape' in message) {
        kind = message.shape.kind;
        continue;
      }
      for (const row of message.rows) {
        addRow(batch, kind, row, `record ${String(++number)}`, options);
        if (batch.isFull) yield* batch.takeFull();
      }
    }
    yield* batch.takeAll();
  } finally {
    await worker.terminate();
  }
}

async function nextMessage(worker: Worker): Promise<ParquetMessage> {
  worker.postMessage('next');
  const stop = new AbortController();
  const late = setTimeout(() => {
    stop.abort();
  }, MAX_PARQUET_SLICE_MS);
  try {
    const [message] = (await once(worker, 'message', { signal: stop.signal })) as [ParquetMessage];
    return message;
  } catch (error) {
    if (stop.signal.aborted)
      throw new AppError('resource_exhausted', `parquet took more than ${String(MAX_PARQUET_SLICE_MS)} ms to decode`);
    const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    if (isMemory) throw new AppError('resource_exhausted', `parquet needs more than ${String(MAX_PARQUET_HEAP_MB)} MB to decode`);
    throw error;
  } finally {
    clearTimeout(late);
  }
}

function addRow(batch: BatchBuilder, kind: ParquetKind, row: Row, place: string, options: ReadOptions): void {
  switch (kind) {
    case 'ztf packets':
      addPacket(addZtfPacket, mapOf(row), place, batch, options);
      return;
    case 'lsst packets':
      addPacket(addLsstPacket, mapOf(row), place, batch, options);
      return;
    case 'ztf table':
      addPart(batch, place, () => ztfTableRowOf(bareFields(row), options));
      return;
    case 'ztf asteroids':
      asteroidRows(row, place, batch, options);
      return;
    case 'our columns':
      batch.addOwn(row, place);
  }
}

function bareFields(row: Row): ValueFields {
  return new ValueFields(new Map(Object.entries(row).map(([name, value]) => [bareName(name), value])));
}

/** Records as the packet readers take them: Maps, in lists too. */
function mapOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(mapOf);
  if (typeof value !== 'object' || value === null || value instanceof Date || ArrayBuffer.isView(value)) return value;
  return new Map(Object.entries(value).map(([name, inner]) => [name, mapOf(inner)]));
}
