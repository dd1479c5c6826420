// One call of lua/putShard.lua: up to CALL_ROWS rows of one shard and everything about them.

import { ByteSink, finishRow } from '../packedRow.ts';
import type { Chunk } from './chunk.ts';
import { LAT, LON, geoScore } from './localFrame.ts';
import { MsgpackSink } from './msgpack.ts';
import { writeEntry, type ObjectLog } from './objectLog.ts';

/** A call holds the server for 4 to 6 us a row: readers beside wait no longer than half a millisecond. */
export const CALL_ROWS = 100;

export interface ShardCall {
  readonly shard: number;
  /** Rows of the chunk, in the order in which the script counts them. */
  readonly rows: readonly number[];
  readonly founding: readonly number[];
  /** Token of the log after the call, the one before where nothing is founded. */
  readonly tokenAfter: string;
  readonly logBytes: number;
  readonly message: Buffer;
}

const OUT = new MsgpackSink(65_536);
const LOG = new ByteSink(16_384);
const LOCAL = new Float64Array(2);

/** `tokenBefore` is the log's token when the call arrives, `newToken` a fresh one. */
export function shardCallOf(
  chunk: Chunk,
  log: ObjectLog,
  shard: number,
  rows: readonly number[],
  founding: readonly number[],
  tokenBefore: string,
  newToken: string,
  blocksPerShard: number,
): ShardCall {
  OUT.length = 0;
  LOG.length = 0;
  OUT.list(6);
  OUT.ascii(tokenBefore);
  OUT.ascii(founding.length > 0 ? newToken : '');
  for (const i of founding) writeEntry(LOG, chunk.founded(i));
  OUT.binary(LOG.bytes, 0, LOG.length);
  OUT.list(2 * founding.length);
  for (const i of founding) {
    writeScore(chunk, log, i);
    OUT.binary(chunk.ids.bytes, chunk.idAt[i], chunk.idAt[i + 1]);
  }
  const byNight = grouped(rows, (i) => chunk.night[i]);
  OUT.list(byNight.size);
  for (const [night, members] of byNight) {
    OUT.list(4);
    OUT.integer(night);
    OUT.double(members.reduce((least, i) => Math.min(least, chunk.mjdTai(i)), Infinity));
    OUT.double(members.reduce((most, i) => Math.max(most, chunk.mjdTai(i)), -Infinity));
    OUT.list(2 * members.length);
    for (const i of members) {
      writeScore(chunk, log, i);
      const from = chunk.idAt[i];
      const to = chunk.idAt[i + 1];
      OUT.open(2 + to - from);
      OUT.view.setUint16(OUT.length, chunk.pixel[i] - shard * blocksPerShard);
      OUT.length += 2;
      OUT.append(chunk.ids.bytes, from, to);
    }
  }
  const byPixel = grouped(rows, (i) => chunk.pixel[i]);
  OUT.list(2 * byPixel.size);
  for (const [pixel, members] of byPixel) {
    OUT.integer(pixel - shard * blocksPerShard);
    let length = 0;
    for (const i of members) length += rowBytes(chunk, i);
    OUT.open(length);
    for (const i of members) {
      const start = OUT.length;
      OUT.append(chunk.content.bytes, chunk.contentAt[i], chunk.contentAt[i + 1]);
      finishRow(OUT, start, chunk.object[i]);
    }
  }
  return {
    shard,
    rows: [...byNight.values()].flat(),
    founding,
    tokenAfter: founding.length > 0 ? newToken : tokenBefore,
    logBytes: LOG.length,
    message: OUT.copyOut(),
  };
}

function writeScore(chunk: Chunk, log: ObjectLog, i: number): void {
  log.frame.toLocal(chunk.xyz[3 * i], chunk.xyz[3 * i + 1], chunk.xyz[3 * i + 2], LOCAL);
  OUT.digits(geoScore(LOCAL[LON], LOCAL[LAT]));
}

/** Content and what finishRow appends. */
function rowBytes(chunk: Chunk, i: number): number {
  const object = chunk.object[i];
  const content = chunk.contentAt[i + 1] - chunk.contentAt[i];
  if (object === null) return content + 1;
  return content + 1 + 2 + (object.idText === null ? 8 : Buffer.byteLength(object.idText));
}

/** Groups in the order of their first member. */
export function grouped(rows: readonly number[], keyOf: (row: number) => number): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
