// What kind of file is this? Contents first (magic bytes), then the name, then the look of the first line.

import { type FileHandle, open } from 'node:fs/promises';
import { AppError } from '../../src/errors.ts';
import { inflated, isGzip } from './gzip.ts';

export type FileKind = 'csv' | 'avro' | 'parquet' | 'ades psv' | 'ades xml' | 'mpc80' | 'ndjson';

export interface Sniffed {
  readonly kind: FileKind;
  readonly isGzipped: boolean;
}

const HEAD_BYTES = 4_096;

const KIND_OF_EXTENSION: ReadonlyMap<string, FileKind> = new Map([
  ['csv', 'csv'],
  ['avro', 'avro'],
  ['parquet', 'parquet'],
  ['psv', 'ades psv'],
  ['xml', 'ades xml'],
  ['obs', 'mpc80'],
  ['mpc', 'mpc80'],
  ['mpc80', 'mpc80'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
]);

export async function sniffFile(path: string): Promise<Sniffed> {
  const file = await open(path);
  let head: Uint8Array;
  try {
    if (!(await file.stat()).isFile()) throw new AppError('invalid_argument', `${path} is no regular file`);
    head = await readHead(file);
  } finally {
    await file.close();
  }
  if (!isGzip(head)) return { kind: kindOf(head, path), isGzipped: false };
  const kind = kindOf(await inflatedHead(path), path.replace(/\.gz$/i, ''));
  if (kind === 'avro' || kind === 'parquet') {
    throw new AppError('invalid_argument', `${kind} inside gzip is not read; unpack it first`);
  }
  return { kind, isGzipped: true };
}

function kindOf(head: Uint8Array, path: string): FileKind {
  const magic = Buffer.from(head.subarray(0, 4)).toString('latin1');
  if (magic === 'Obj\x01') return 'avro';
  if (magic === 'PAR1') return 'parquet';
  const extension = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return KIND_OF_EXTENSION.get(extension) ?? kindOfText(Buffer.from(head).toString('utf8'), extension);
}

function kindOfText(head: string, extension: string): FileKind {
  const text = head.replace(/^\uFEFF/, '').trimStart();
  const firstLine = /^[^\r\n]*/.exec(text)?.[0] ?? '';
  if (text.startsWith('<')) return 'ades xml';
  if (text.startsWith('{')) return 'ndjson';
  if (text.startsWith('# version=')) return 'ades psv';
  if (extension === 'json' || text.startsWith('[')) {
    throw new AppError('invalid_argument', 'a JSON document is not read from a file; write one JSON object a line (.ndjson)');
  }
  if (firstLine.split(',').length >= 4) return 'csv';
  if (firstLine.split('|').length >= 4) return 'ades psv';
  return 'mpc80';
}

async function readHead(file: FileHandle): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read({
    buffer: Buffer.alloc(HEAD_BYTES),
    position: 0,
  });
  return buffer.subarray(0, bytesRead);
}

async function inflatedHead(path: string): Promise<Uint8Array> {
  for await (const chunk of inflated(path)) return chunk.subarray(0, HEAD_BYTES);
  return Buffer.alloc(0);
}
