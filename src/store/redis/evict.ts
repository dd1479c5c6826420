// Forgets whole nights, shard by shard in small steps, while reads and writes go on:
//
//   blocks      rows of nights that are over go out of a block and of the GEO sets in one script (evictBlock)
//   objects     those left without a detection leave the log; those that outlive their founding row get an
//               entry in the name index, since their id no longer leads to a row
//   ids         are given free last: a crash before leaves claims to rows that are gone, which the next put
//               of such an id finds empty
//   night index the shard leaves the night's set; then a new generation (evictNight) makes every process that
//               still counts on the entry read the shard anew

import { randomBytes } from 'node:crypto';
import { nightAtLongitude, nightEndTai } from '../../model/night.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import { ROW_MJD, ByteSink, packedOf, rowLengthAt, stationAt, type Packed } from '../packedRow.ts';
import { readBlocks, rowsOf } from './blocks.ts';
import { PLACE_BYTES, writeIdKey } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { dropObjects, type ObjectOfRow } from './evictObjects.ts';
import { bucketOfId } from './layout.ts';
import { MsgpackSink } from './msgpack.ts';
import { ownRefAt, aliasAt, objectRefAt } from '../packedRow.ts';
import { freshNames } from './rowsOut.ts';
import { runScript } from './scripts.ts';
import { CALL_ROWS, grouped } from './shardCall.ts';

const BLOCKS_AT_A_TIME = 64;
const WEST_END_DEG = -180;
const EAST_END_DEG = 180;

/** What one shard lost. */
interface Losses {
  rows: number;
  /** Id, place: PLACE_BYTES after each id; `idAt` holds the starts. */
  readonly ids: ByteSink;
  readonly idAt: number[];
  readonly objects: Map<string, ObjectOfRow>;
}

export async function evictBefore(context: RedisContext, mjdTai: number): Promise<number> {
  const { reads, writes, keys, indexedNights, indexedNames } = context;
  const nights = (await reads.ask((redis) => redis.smembers(keys.nights()))).map(Number);
  const due = nights.filter((night) => nightEndTai(night, EAST_END_DEG) <= mjdTai).sort((a, b) => a - b);
  const nightsOfShard = new Map<number, number[]>();
  for (const night of due) {
    const shards = await reads.ask((redis) => redis.smembers(keys.shardsOfNight(night)));
    for (const shard of shards.map(Number)) nightsOfShard.set(shard, [...(nightsOfShard.get(shard) ?? []), night]);
  }
  let forgotten = 0;
  for (const [shard, shardNights] of nightsOfShard) forgotten += await evictShard(context, shard, shardNights, mjdTai);
  indexedNights.clear();
  indexedNames.clear();
  for (const night of due) {
    if (nightEndTai(night, WEST_END_DEG) > mjdTai) continue;
    const left = await reads.ask((redis) => redis.scard(keys.shardsOfNight(night)));
    if (left === 0) await writes.ask((redis) => redis.srem(keys.nights(), night));
  }
  return forgotten;
}

async function evictShard(context: RedisContext, shard: number, nights: readonly number[], mjdTai: number): Promise<number> {
  const losses: Losses = { rows: 0, ids: new ByteSink(4096), idAt: [], objects: new Map() };
  let pixels = await pixelsOf(context, shard, nights);
  while (pixels.length > 0) {
    const grownPixels: number[] = [];
    for (let from = 0; from < pixels.length; from += BLOCKS_AT_A_TIME) {
      const part = pixels.slice(from, from + BLOCKS_AT_A_TIME);
      const blocks = await readBlocks(context, part);
      await freshNames(context, blocks);
      await Promise.all(
        part.map(async (pixel, b) => {
          const block = blocks[b];
          if (block !== null && !(await evictBlock(context, shard, pixel, block, mjdTai, losses))) grownPixels.push(pixel);
        }),
      );
    }
    pixels = grownPixels;
  }
  await dropObjects(context, shard, [...losses.objects.values()]);
  await releaseIds(context, losses);
  await settleNights(context, shard, nights);
  return losses.rows;
}

/** False when the block has grown meanwhile. */
async function evictBlock(
  context: RedisContext,
  shard: number,
  pixel: number,
  block: Packed,
  mjdTai: number,
  losses: Losses,
): Promise<boolean> {
  const { names, layout, writes, keys } = context;
  const kept = new ByteSink(block.bytes.length);
  const gone = new Map<number, number[]>();
  for (const at of rowsOf(block)) {
    const longitudeDeg = eastLongitudeDegOf(names.stations.names[stationAt(block.view, at)]) ?? 0;
    const night = nightAtLongitude(block.view.getFloat64(at + ROW_MJD, true), longitudeDeg);
    if (nightEndTai(night, longitudeDeg) > mjdTai) kept.append(block.bytes, at, at + rowLengthAt(block.view, at));
    else gone.set(night, [...(gone.get(night) ?? []), at]);
  }
  if (gone.size === 0) return true;
  const out = new MsgpackSink(block.bytes.length + 1024);
  out.list(4);
  out.integer(pixel - shard * layout.blocksPerShard);
  out.integer(block.bytes.length);
  out.binary(kept.bytes, 0, kept.length);
  out.list(2 * gone.size);
  const id = new ByteSink(1024);
  for (const [night, rows] of gone) {
    out.integer(night);
    out.list(rows.length);
    for (const at of rows) {
      id.length = 2;
      id.view.setUint16(0, pixel - shard * layout.blocksPerShard);
      writeRowId(id, block, at);
      out.binary(id.bytes, 0, id.length);
    }
  }
  const done = await writes.ask((redis) => runScript(redis, 'evictBlock', [keys.stats(shard)], [out.copyOut()]));
  if (done !== 1) return false;
  for (const [night, rows] of gone) {
    for (const at of rows) {
      losses.rows++;
      losses.idAt.push(losses.ids.length);
      writeRowId(losses.ids, block, at);
      losses.ids.reserve(PLACE_BYTES);
      losses.ids.bytes.writeUInt32BE(pixel, losses.ids.length);
      losses.ids.bytes.writeUIntBE(night, losses.ids.length + 4, 3);
      losses.ids.length += PLACE_BYTES;
      noteObject(losses, block, at);
    }
  }
  return true;
}

function writeRowId(sink: ByteSink, block: Packed, at: number): void {
  const { survey, id, idText } = ownRefAt(block, at);
  writeIdKey(sink, survey, id, idText);
}

function noteObject(losses: Losses, block: Packed, at: number): void {
  const ref = objectRefAt(block, at);
  const key = `${String(ref.survey)}:${ref.idText ?? ref.id.toString()}`;
  let object = losses.objects.get(key);
  if (object === undefined) losses.objects.set(key, (object = { ref, aliases: new Set() }));
  const alias = aliasAt(block, at);
  if (alias !== null) object.aliases.add(alias);
}

async function releaseIds({ writes, keys, layout }: RedisContext, { ids, idAt }: Losses): Promise<void> {
  const bytes = packedOf(ids.copyOut()).bytes;
  const endOf = (i: number): number => (i + 1 < idAt.length ? idAt[i + 1] : bytes.length) - PLACE_BYTES;
  const buckets = idAt.map((start, i) => bucketOfId(layout, bytes, start, endOf(i)));
  for (const [tag, members] of grouped([...idAt.keys()], (i) => Math.floor(buckets[i] / layout.idBuckets))) {
    for (let from = 0; from < members.length; from += CALL_ROWS) {
      const part = members.slice(from, from + CALL_ROWS);
      const out = new MsgpackSink(8192);
      out.list(3 * part.length);
      for (const i of part) {
        out.integer(buckets[i] % layout.idBuckets);
        out.binary(bytes, idAt[i], endOf(i));
        out.binary(bytes, endOf(i), endOf(i) + PLACE_BYTES);
      }
      await writes.ask((redis) => runScript(redis, 'releaseIds', [keys.ids(tag)], [out.copyOut()]));
    }
  }
}

/** Counts, times and the night index of a shard that lost rows. */
async function settleNights(context: RedisContext, shard: number, nights: readonly number[]): Promise<void> {
  const { names, writes, keys } = context;
  const counted = new MsgpackSink(1024);
  const left: [night: number, rows: number, first: number, last: number][] = [];
  for (const night of nights) {
    const pixels = await pixelsOf(context, shard, [night]);
    if (pixels.length === 0) continue;
    let [rows, first, last] = [0, Infinity, -Infinity];
    for (let from = 0; from < pixels.length; from += BLOCKS_AT_A_TIME) {
      for (const block of await readBlocks(context, pixels.slice(from, from + BLOCKS_AT_A_TIME))) {
        if (block === null) continue;
        for (const at of rowsOf(block)) {
          const mjdTai = block.view.getFloat64(at + ROW_MJD, true);
          if (nightAtLongitude(mjdTai, eastLongitudeDegOf(names.stations.names[stationAt(block.view, at)]) ?? 0) !== night) continue;
          rows++;
          first = Math.min(first, mjdTai);
          last = Math.max(last, mjdTai);
        }
      }
    }
    left.push([night, rows, first, last]);
  }
  counted.list(4 * left.length);
  for (const [night, rows, first, last] of left) {
    counted.integer(night);
    counted.double(rows);
    counted.double(first);
    counted.double(last);
  }
  const evicted = new MsgpackSink(1024);
  evicted.list(nights.length);
  for (const night of nights) evicted.integer(night);

  await writes.ask((redis) => Promise.all(nights.map((night) => redis.srem(keys.shardsOfNight(night), shard))));
  const args = [randomBytes(8), counted.copyOut(), evicted.copyOut()];
  const still = await writes.ask((redis) => runScript(redis, 'evictNight', [keys.stats(shard)], args));
  // Rows that stay, or came in before the new generation: their entry comes back.
  if (!Array.isArray(still) || still.length === 0) return;
  await writes.ask((redis) => Promise.all(still.map((night) => redis.sadd(keys.shardsOfNight(Number(night)), shard))));
}

async function pixelsOf({ reads, keys, layout }: RedisContext, shard: number, nights: readonly number[]): Promise<number[]> {
  const pixels = new Set<number>();
  for (const night of nights) {
    const members = await reads.ask((redis) => redis.zrangeBuffer(keys.night(shard, night), 0, '-1'));
    for (const member of members) pixels.add(shard * layout.blocksPerShard + member.readUInt16BE(0));
  }
  return [...pixels];
}
