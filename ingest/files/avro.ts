// Avro files of alert packets, as batches of detections.

import { open } from 'node:fs/promises';
import { AppError } from '../../src/errors.ts';
import { decodeAvroMessage, type AvroFile, readAvroContainer } from './avro/container.ts';
import { BatchBuilder, type FileBatch } from './detectionBatch.ts';
import { MAX_AVRO_BLOCK_BYTES } from './limits.ts';
import type { PacketReader } from './packet.ts';
import { addPacket, packetReaderOf } from './packets.ts';
import type { ReadOptions } from './readOptions.ts';

/** Magic byte 0, then the schema's number in a registry as int32: how Kafka carries Avro. */
const CONFLUENT_HEAD_BYTES = 5;

export async function* readAvro(path: string, options: ReadOptions): AsyncGenerator<FileBatch> {
  const head = await headOf(path);
  if (head.length === CONFLUENT_HEAD_BYTES && head[0] === 0) yield* readConfluent(path, head.readInt32BE(1), options);
  else yield* readAvroContainer(path, (file) => batchesOf(file, options));
}

async function* batchesOf({ schema, records }: AvroFile, options: ReadOptions): AsyncGenerator<FileBatch> {
  const batch = new BatchBuilder();
  const reader = readerFor(schema);
  for await (const { number, value } of records) {
    addPacket(reader, value, `record ${String(number)}`, batch, options);
    if (batch.isFull) yield* batch.takeFull();
  }
  yield* batch.takeAll();
}

async function* readConfluent(path: string, schemaId: number, options: ReadOptions): AsyncGenerator<FileBatch> {
  const schema = options.registeredSchemas?.get(schemaId);
  if (schema === undefined) {
    throw new AppError(
      'invalid_argument',
      `Confluent framing: the file names schema ${String(schemaId)} of a registry in place of a schema of its own, and that schema was not given`,
    );
  }
  const file = await open(path);
  let bytes: Buffer;
  try {
    const { size } = await file.stat();
    if (size > MAX_AVRO_BLOCK_BYTES)
      throw new AppError('resource_exhausted', `message has ${String(size)} bytes, must have at most ${String(MAX_AVRO_BLOCK_BYTES)}`);
    bytes = await file.readFile();
  } finally {
    await file.close();
  }
  const batch = new BatchBuilder();
  addPacket(readerFor(schema), decodeAvroMessage(schema, bytes.subarray(CONFLUENT_HEAD_BYTES)), 'record 1', batch, options);
  yield* batch.takeAll();
}

function readerFor(schema: unknown): PacketReader {
  const { name, namespace, fields } = (typeof schema === 'object' && schema !== null ? schema : {}) as Record<string, unknown>;
  const names = (Array.isArray(fields) ? (fields as unknown[]) : []).map((field) => String((field as { name?: unknown } | null)?.name));
  const fullName = [namespace, name].filter((part) => typeof part === 'string' && part !== '').join('.');
  return packetReaderOf(fullName, new Set(names));
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(CONFLUENT_HEAD_BYTES), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
