// Indexes that are written before the rows they lead to. An entry that leads nowhere is harmless: readers
// look at the rows themselves.

import type { ObjectRef } from '../packedRow.ts';
import type { Chunk } from './chunk.ts';
import { idKeyOf, refOfIdKey } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { bucketOf } from './layout.ts';
import { MsgpackSink } from './msgpack.ts';
import { runScript } from './scripts.ts';
import { CALL_ROWS, grouped, type ShardCall } from './shardCall.ts';

const MAX_REMEMBERED = 500_000;

/** Tells which shards hold which nights. */
export async function indexNights(context: RedisContext, chunk: Chunk, calls: readonly ShardCall[]): Promise<void> {
  const { indexedNights, keys, layout, writes } = context;
  const shards = 12 * 4 ** layout.shardOrder;
  /** Pair to shard. */
  const fresh = new Map<number, number>();
  for (const { rows, shard } of calls) {
    for (const i of rows) {
      const pair = chunk.night[i] * shards + shard;
      if (!indexedNights.has(pair)) fresh.set(pair, shard);
    }
  }
  if (fresh.size === 0) return;
  const byNight = grouped([...fresh.keys()], (pair) => Math.floor(pair / shards));
  await writes.ask((redis) =>
    Promise.all([
      redis.sadd(keys.nights(), ...byNight.keys()),
      redis.sadd(keys.shards(), ...fresh.values()),
      ...[...byNight].map(([night, pairs]) => redis.sadd(keys.shardsOfNight(night), ...pairs.map((pair) => pair % shards))),
    ]),
  );
  if (indexedNights.size > MAX_REMEMBERED) indexedNights.clear();
  for (const pair of fresh.keys()) indexedNights.add(pair);
}

/** An object as the name index keeps it. */
export interface NamedObject extends ObjectRef {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** Adds the surveys' own object ids as names of the objects that their rows are going to. */
export async function indexObjectNames(context: RedisContext, chunk: Chunk, calls: readonly ShardCall[]): Promise<void> {
  const { indexedNames } = context;
  const entries = new Map<string, [name: string, object: NamedObject]>();
  for (const { rows } of calls) {
    for (const i of rows) {
      const alias = chunk.alias(i);
      if (alias === null) continue;
      const object = chunk.object[i] ?? chunk.founded(i);
      const entry = `${alias}\0${String(object.survey)}:${object.idText ?? object.id.toString()}`;
      if (!indexedNames.has(entry)) entries.set(entry, [alias, object]);
    }
  }
  if (entries.size === 0) return;
  await addObjectNames(context, [...entries.values()]);
  if (indexedNames.size > MAX_REMEMBERED) indexedNames.clear();
  for (const entry of entries.keys()) indexedNames.add(entry);
}

export async function addObjectNames(context: RedisContext, entries: readonly (readonly [string, NamedObject])[]): Promise<void> {
  const { keys, layout, writes } = context;
  const packed = entries.map(([name, object]) => ({ bucket: nameBucket(context, name), field: packName(name, object) }));
  const asks: Promise<unknown>[] = [];
  for (const [tag, members] of grouped([...packed.keys()], (e) => Math.floor(packed[e].bucket / layout.idBuckets))) {
    for (let from = 0; from < members.length; from += CALL_ROWS) {
      const part = members.slice(from, from + CALL_ROWS);
      const out = new MsgpackSink(4096);
      out.list(2 * part.length);
      for (const e of part) {
        out.integer(packed[e].bucket % layout.idBuckets);
        out.binary(packed[e].field);
      }
      asks.push(writes.ask((redis) => runScript(redis, 'addObjectNames', [keys.objectNames(tag)], [out.copyOut()])));
    }
  }
  await Promise.all(asks);
}

/** Takes names of objects that are gone out again. */
export async function removeObjectNames(context: RedisContext, entries: readonly (readonly [string, NamedObject])[]): Promise<void> {
  const { keys, layout, writes } = context;
  for (let from = 0; from < entries.length; from += CALL_ROWS) {
    await writes.ask((redis) =>
      Promise.all(
        entries.slice(from, from + CALL_ROWS).map(([name, object]) => {
          const bucket = nameBucket(context, name);
          const key = keys.objectNames(Math.floor(bucket / layout.idBuckets)) + String(bucket % layout.idBuckets);
          return redis.hdel(key, packName(name, object));
        }),
      ),
    );
  }
}

/** The objects that have or had this name. */
export async function objectsNamed(context: RedisContext, name: string): Promise<NamedObject[]> {
  const { keys, layout, reads } = context;
  const bucket = nameBucket(context, name);
  const key = keys.objectNames(Math.floor(bucket / layout.idBuckets)) + String(bucket % layout.idBuckets);
  const fields = await reads.ask((redis) => redis.hkeysBuffer(key));
  const head = Buffer.from(`${name}\0`);
  return fields
    .filter((field) => field.length >= head.length + 19 && field.subarray(0, head.length).equals(head))
    .map((field) => ({
      raDeg: field.readDoubleLE(head.length),
      decDeg: field.readDoubleLE(head.length + 8),
      ...refOfIdKey(field, head.length + 16),
    }));
}

/** Name, 0, raDeg, decDeg, id bytes of the object. */
function packName(name: string, object: NamedObject): Buffer {
  const position = Buffer.alloc(16);
  position.writeDoubleLE(object.raDeg, 0);
  position.writeDoubleLE(object.decDeg, 8);
  return Buffer.concat([Buffer.from(`${name}\0`), position, idKeyOf(object)]);
}

function nameBucket({ layout }: RedisContext, name: string): number {
  const bytes = Buffer.from(name);
  return bucketOf(layout, bytes, 0, bytes.length);
}
