// Avro object container files: header (magic, schema, codec, sync marker), then blocks of records, each
// followed by the marker. The whole structure is walked and checked before the first record is decoded, so
// a file that is cut, joined or damaged loads nothing; sizes are checked before anything is allocated.

import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';
import { AppError } from '../../../src/errors.ts';
import { MAX_AVRO_BLOCK_BYTES, MAX_AVRO_HEADER_BYTES } from '../limits.ts';
import { quoted } from '../text.ts';
import { AvroCursor } from './cursor.ts';
import { avroReaderOf } from './schema.ts';

const MAGIC = Buffer.from('Obj\x01', 'latin1');
const SYNC_BYTES = 16;
/** Two varints of at most 10 bytes. */
const MAX_BLOCK_HEAD_BYTES = 20;

export interface AvroRecord {
  /** From 1. */
  readonly number: number;
  /** A Map for a record schema. */
  readonly value: unknown;
}

export interface AvroFile {
  /** The writer's schema as parsed JSON. */
  readonly schema: unknown;
  readonly records: AsyncIterable<AvroRecord>;
}

interface Header {
  readonly schema: unknown;
  readonly codec: string;
  readonly sync: Buffer;
  readonly firstBlock: number;
  readonly fileBytes: number;
}

interface Block {
  readonly count: number;
  readonly start: number;
  readonly size: number;
}

/** Gives the schema and the records to `use`, and closes the file when it is done. */
export async function* readAvroContainer<T>(path: string, use: (file: AvroFile) => AsyncIterable<T>): AsyncGenerator<T> {
  const file = await open(path);
  try {
    const header = await readHeader(file);
    const inflate = inflaterOf(header.codec);
    await walkToEnd(blocksOf(file, header));
    yield* use({ schema: header.schema, records: recordsOf(file, header, inflate) });
  } finally {
    await file.close();
  }
}

async function* recordsOf(file: FileHandle, header: Header, inflate: Inflate): AsyncGenerator<AvroRecord> {
  const read = avroReaderOf(header.schema);
  let number = 0;
  for await (const { count, start, size } of blocksOf(file, header)) {
    const cursor = new AvroCursor(inflate(await readAt(file, start, size)));
    // A record of no bytes at all says nothing; only a made-up count gives more records than bytes.
    if (count > cursor.left) throw brokenBlock(start, `says it has ${String(count)} records in ${String(cursor.left)} bytes`);
    for (let i = 0; i < count; i++) {
      number++;
      cursor.startRecord();
      yield { number, value: decoded(() => read(cursor), number) };
    }
    if (cursor.left > 0) throw brokenBlock(start, `has ${String(cursor.left)} bytes after its last record`);
  }
}

/** A walk that fails on the way says what is wrong with the structure. */
async function walkToEnd(blocks: AsyncIterable<Block>): Promise<void> {
  for await (const _ of blocks);
}

/** One value without a container, such as a message of a stream. */
export function decodeAvroMessage(schema: unknown, bytes: Buffer): unknown {
  const cursor = new AvroCursor(bytes);
  const value = decoded(() => avroReaderOf(schema)(cursor), 1);
  if (cursor.left > 0) throw new AppError('invalid_argument', `${String(cursor.left)} bytes are left after the record`);
  return value;
}

function decoded(read: () => unknown, number: number): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, `record ${String(number)}: ${error.message}`, { cause: error });
  }
}

async function readHeader(file: FileHandle): Promise<Header> {
  const { size: fileBytes } = await file.stat();
  const bytes = await readAt(file, 0, Math.min(fileBytes, MAX_AVRO_HEADER_BYTES));
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new AppError(
      'invalid_argument',
      fileBytes === 0 ? 'the file is empty' : `no Avro container: starts with ${quoted(bytes.toString('latin1', 0, 8))}`,
    );
  }
  const cursor = new AvroCursor(bytes);
  cursor.position = MAGIC.length;
  cursor.field = 'avro header';
  const metadata = new Map<string, Buffer>();
  for (let n = cursor.blockCount(); n > 0; n = cursor.blockCount()) {
    for (let i = 0; i < n; i++) {
      const name = cursor.string();
      const size = cursor.size();
      metadata.set(name, bytes.subarray(cursor.position, cursor.position + size));
      cursor.skip(size);
    }
  }
  const syncAt = cursor.position;
  cursor.skip(SYNC_BYTES);
  return {
    schema: parsedSchema(metadata.get('avro.schema')),
    codec: metadata.get('avro.codec')?.toString('latin1') ?? 'null',
    sync: bytes.subarray(syncAt, syncAt + SYNC_BYTES),
    firstBlock: cursor.position,
    fileBytes,
  };
}

function parsedSchema(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) throw new AppError('invalid_argument', 'avro header has no schema');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new AppError('invalid_argument', 'avro schema is not JSON', { cause: error });
  }
}

/** Walks from marker to marker; reads no record. */
async function* blocksOf(file: FileHandle, { firstBlock, fileBytes, sync }: Header): AsyncGenerator<Block> {
  let at = firstBlock;
  while (at < fileBytes) {
    const head = await readAt(file, at, Math.min(MAX_BLOCK_HEAD_BYTES, fileBytes - at));
    if (head.subarray(0, MAGIC.length).equals(MAGIC)) throw brokenBlock(at, 'is the start of another container; joined files are not read');
    const cursor = new AvroCursor(head);
    cursor.field = `avro block at byte ${String(at)}`;
    const count = cursor.long();
    const size = cursor.long();
    if (typeof count !== 'number' || count < 0) throw brokenBlock(at, `says it has ${String(count)} records`);
    if (typeof size !== 'number' || size < 0 || size > MAX_AVRO_BLOCK_BYTES) {
      throw brokenBlock(at, `says it has ${String(size)} bytes, must be at most ${String(MAX_AVRO_BLOCK_BYTES)}`);
    }
    const start = at + cursor.position;
    const end = start + size + SYNC_BYTES;
    if (end > fileBytes) throw brokenBlock(at, `ends at byte ${String(end)}, the file at ${String(fileBytes)}`);
    if (!(await readAt(file, start + size, SYNC_BYTES)).equals(sync)) throw brokenBlock(at, 'has no sync marker at its end');
    yield { count, start, size };
    at = end;
  }
}

function brokenBlock(at: number, what: string): AppError {
  return new AppError('invalid_argument', `avro block at byte ${String(at)} ${what}`);
}

async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read({ buffer, position });
  if (bytesRead < size) throw new AppError('invalid_argument', `the file ends at byte ${String(position + bytesRead)}, while it is read`);
  return buffer;
}

type Inflate = (stored: Buffer) => Buffer;

function inflaterOf(codec: string): Inflate {
  switch (codec) {
    case 'null':
      return (stored) => stored;
    case 'deflate':
      return (stored) => bounded(() => inflateRawSync(stored, { maxOutputLength: MAX_AVRO_BLOCK_BYTES }));
    case 'zstandard':
      return (stored) => bounded(() => zstdDecompressSync(stored, { maxOutputLength: MAX_AVRO_BLOCK_BYTES }));
    case 'snappy':
      return unsnapped;
    default:
      throw new AppError('invalid_argument', `avro codec is ${quoted(codec)}, must be one of null, deflate, snappy, zstandard`);
  }
}

function bounded(inflate: () => Buffer): Buffer {
  try {
    return inflate();
  } catch (error) {
    const isTooBig = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (isTooBig) throw new AppError('resource_exhausted', `avro block inflates to more than ${String(MAX_AVRO_BLOCK_BYTES)} bytes`);
    throw new AppError('invalid_argument', 'avro block cannot be inflated', { cause: error });
  }
}

/** Avro's snappy is the raw format with a big-endian CRC-32 of the inflated bytes after it. */
function unsnapped(stored: Buffer): Buffer {
  if (stored.length < 5) throw new AppError('invalid_argument', 'avro block is too short for snappy');
  const packed = stored.subarray(0, -4);
  let size = 0;
  for (let i = 0, scale = 1; ; i++, scale *= 128) {
    if (i > 4 || i >= packed.length) throw new AppError('invalid_argument', 'avro block is no snappy data');
    size += (packed[i] & 127) * scale;
    if (packed[i] < 128) break;
  }
  if (size > MAX_AVRO_BLOCK_BYTES) {
    throw new AppError(
      'resource_exhausted',
      `avro block inflates to ${String(size)} bytes, must be at most ${String(MAX_AVRO_BLOCK_BYTES)}`,
    );
  }
  const inflated = Buffer.alloc(size);
  bounded(() => {
    snappyUncompress(packed, inflated);
    return inflated;
  });
  if (crc32(inflated) !== stored.readUInt32BE(stored.length - 4))
    throw new AppError('invalid_argument', 'avro block fails its snappy checksum');
  return inflated;
}
