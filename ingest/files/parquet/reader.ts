// Parquet files, decoded in a thread of their own (boundedThread.ts says why).

import { messagesOfThread } from '../boundedThread.ts';
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
  const limits = { what: 'parquet', heapMb: MAX_PARQUET_HEAP_MB, answerMs: MAX_PARQUET_SLICE_MS };
  const batch = new BatchBuilder();
  let kind: ParquetKind = 'our columns';
  let number = 0;
  for await (const message of messagesOfThread<ParquetMessage>(new URL('./worker.ts', import.meta.url), path, limits)) {
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
