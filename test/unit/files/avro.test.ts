// The container and the decoder, with files written by another implementation (avsc) and with files that lie.

import { once } from 'node:events';
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib';
import avro from 'avsc';
import { describe, expect, it } from 'vitest';
import { AvroCursor } from '../../../ingest/files/avro/cursor.ts';
import { avroReaderOf } from '../../../ingest/files/avro/schema.ts';
import { readBytes } from './collected.ts';

const SCHEMA = {
  type: 'record',
  name: 'alert',
  namespace: 'ztf',
  fields: [
    { name: 'objectId', type: 'string' },
    { name: 'candid', type: 'long' },
    {
      name: 'candidate',
      type: {
        type: 'record',
        name: 'candidate',
        fields: [
          { name: 'candid', type: 'long' },
          { name: 'jd', type: 'double' },
          { name: 'ra', type: 'double' },
          { name: 'dec', type: 'double' },
          { name: 'magpsf', type: ['null', 'float'] },
          { name: 'fid', type: 'int' },
        ],
      },
    },
  ],
} as const;

const packet = (candid: number) => ({
  objectId: `ZTF${String(candid)}`,
  candid,
  candidate: { candid, jd: 2_459_000.5, ra: 10, dec: 20, magpsf: { float: 18.5 }, fid: 1 },
});

/** Written by avsc: `count` packets in blocks of at most `blockSize` bytes. */
async function container(count: number, codec: string, blockSize = 65_536): Promise<Buffer> {
  const codecs = {
    null: (bytes: Buffer, done: Done) => done(null, bytes),
    deflate: (bytes: Buffer, done: Done) => done(null, deflateRawSync(bytes)),
    zstandard: (bytes: Buffer, done: Done) => done(null, zstdCompressSync(bytes)),
    snappy: (bytes: Buffer, done: Done) => done(null, snappyLiterals(bytes)),
  };
  const encoder = new avro.streams.BlockEncoder(avro.Type.forSchema(SCHEMA as unknown as avro.Schema, { wrapUnions: true }), {
    codec,
    codecs,
    blockSize,
  });
  const parts: Buffer[] = [];
  encoder.on('data', (bytes: Buffer) => parts.push(bytes));
  for (let candid = 1; candid <= count; candid++) encoder.write(packet(candid));
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(parts);
}

type Done = (error: null, bytes: Buffer) => void;

/** Snappy that compresses nothing, in literals of at most 60 bytes. */
function snappyLiterals(bytes: Buffer): Buffer {
  const parts: Buffer[] = [varint(bytes.length)];
  for (let from = 0; from < bytes.length; from += 60) {
    const literal = bytes.subarray(from, from + 60);
    parts.push(Buffer.from([(literal.length - 1) << 2]), literal);
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([...parts, checksum]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

describe('an Avro container', () => {
  it.each(['null', 'deflate', 'snappy', 'zstandard'])('is read with codec %s, in one block or many', async (codec) => {
    for (const blockSize of [200, 65_536]) {
      const { rows, refusal } = await readBytes('a.avro', await container(100, codec, blockSize));
      expect(refusal).toBeNull();
      expect(rows.map((row) => row['source_id'])).toEqual(Array.from({ length: 100 }, (_, i) => String(i + 1)));
    }
  });

  it('refuses a snappy block whose checksum is wrong', async () => {
    const bytes = await container(1, 'snappy');
    bytes[bytes.length - 17] ^= 1;
    expect((await readBytes('a.avro', bytes)).refusal?.message).toMatch(/fails its snappy checksum/);
  });

  it.each([
    ['deflate', deflateRawSync(Buffer.alloc(80_000_000))],
    ['zstandard', zstdCompressSync(Buffer.alloc(80_000_000))],
    ['snappy', Buffer.concat([varint(2 ** 31), Buffer.alloc(8)])],
  ])('does not inflate a bomb in %s', async (codec, bomb) => {
    const whole = await container(1, codec);
    const sync = whole.subarray(-16);
    const header = whole.subarray(0, whole.indexOf(sync) + 16);
    const block = Buffer.concat([varint(2), varint(2 * bomb.length), bomb, sync]);
    const { refusal, rows } = await readBytes('a.avro', Buffer.concat([header, block]));
    expect(rows).toEqual([]);
    expect(refusal?.code).toBe('resource_exhausted');
  });

  it('refuses a schema of no survey by its name', async () => {
    const text = (await container(1, 'null')).toString('latin1').replace('ztf.alert', 'xyz.alert');
    expect((await readBytes('a.avro', Buffer.from(text, 'latin1'))).refusal?.message).toMatch(/"xyz.alert" is of no survey we know/);
  });
});

describe('the Avro decoder', () => {
  const decode = (schema: unknown, bytes: readonly number[]) => avroReaderOf(schema)(new AvroCursor(Buffer.from(bytes)));

  it('reads what avsc writes, of every type', () => {
    const schema = {
      type: 'record',
      name: 'all',
      fields: [
        { name: 'flag', type: 'boolean' },
        { name: 'small', type: 'int' },
        { name: 'real', type: 'double' },
        { name: 'single', type: 'float' },
        { name: 'text', type: 'string' },
        { name: 'blob', type: 'bytes' },
        { name: 'hash', type: { type: 'fixed', name: 'h', size: 3 } },
        { name: 'kind', type: { type: 'enum', name: 'k', symbols: ['a', 'b'] } },
        { name: 'list', type: { type: 'array', items: 'int' } },
        { name: 'map', type: { type: 'map', values: 'string' } },
        { name: 'maybe', type: ['null', 'string'] },
        { name: 'last', type: 'k' },
      ],
    };
    const value = {
      flag: true,
      small: -7,
      real: Math.PI,
      single: 0.5,
      text: 'Ωμέγα',
      blob: Buffer.from('xyz'),
      hash: Buffer.from('abc'),
      kind: 'b',
      list: [1, -2, 300_000],
      map: { one: 'x' },
      maybe: { string: 'y' },
      last: 'a',
    };
    const bytes = avro.Type.forSchema(schema as unknown as avro.Schema, { wrapUnions: true }).toBuffer(value);
    expect(decode(schema, [...bytes])).toEqual(
      new Map<string, unknown>([
        ['flag', true],
        ['small', -7],
        ['real', Math.PI],
        ['single', 0.5],
        ['text', 'Ωμέγα'],
        ['blob', null],
        ['hash', null],
        ['kind', 'b'],
        ['list', [1, -2, 300_000]],
        ['map', new Map([['one', 'x']])],
        ['maybe', 'y'],
        ['last', 'a'],
      ]),
    );
  });

  it.each([
    [0n, 0],
    [-1n, -1],
    [2n ** 53n - 1n, 2 ** 53 - 1],
    [2n ** 53n + 1n, 2n ** 53n + 1n],
    [-(2n ** 63n), -(2n ** 63n)],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
  ])('reads the long %s exactly', (value, expected) => {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    const bytes: number[] = [];
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    const read = decode('long', [...bytes, Number(rest)]);
    expect(BigInt(read as number | bigint)).toBe(value);
    expect(typeof read === 'bigint' || Number.isSafeInteger(expected)).toBe(true);
  });

  it('refuses a long of more than 64 bits', () => {
    expect(() => decode('long', [...Array<number>(9).fill(255), 2])).toThrow(/longer than an int64/);
  });

  it('refuses a list that says it has more items than a record may have, though they take no bytes', () => {
    expect(() => decode({ type: 'array', items: 'null' }, [...varint(2 * 2_000_000), 0])).toThrow(/2000000 items/);
  });

  it('refuses text beyond the end', () => {
    expect(() => decode('string', [200, 1, 65])).toThrow(/only 1 bytes are left/);
  });

  it('refuses records nested without end', () => {
    const schema = { type: 'record', name: 'node', fields: [{ name: 'next', type: ['null', 'node'] }] };
    expect(() => decode(schema, Array<number>(1_000).fill(2))).toThrow(/nested more than 64 deep/);
  });

  it('passes over defaults that break the rules and names that come twice', () => {
    const schema = {
      type: 'record',
      name: 'r',
      fields: [
        { name: 'a', type: ['float', 'null'], default: null },
        { name: 'a', type: 'int' },
      ],
    };
    expect(decode(schema, [2, 8])).toEqual(new Map([['a', 4]]));
  });

  it('keeps a field named __proto__ a field', () => {
    const schema = { type: 'record', name: 'r', fields: [{ name: '__proto__', type: 'int' }] };
    expect(decode(schema, [8])).toEqual(new Map([['__proto__', 4]]));
  });

  it('names a type that the schema does not define', () => {
    expect(() => avroReaderOf({ type: 'array', items: 'nowhere' })).toThrow(/uses the type "nowhere"/);
  });
});
