// The numbers of the layout, fixed when a database is first used and read back by every later process:
// orders of shards and blocks, tags and buckets of the id index.

import { randomBytes } from 'node:crypto';
import { AppError } from '../../errors.ts';
import type { RedisKeys } from '../keys.ts';
import type { RedisClient } from '../redisClient.ts';

export interface Layout {
  /** Changes when the database is another one (flushed, replaced). */
  readonly instance: string;
  readonly shardOrder: number;
  readonly blockOrder: number;
  /** Blocks of one shard: 4^(blockOrder - shardOrder). */
  readonly blocksPerShard: number;
  /** Hash tags over which ids are spread: at most so many nodes of a cluster share them. */
  readonly idTags: number;
  /** Buckets of each tag, a power of two. Up to 128 ids a bucket Redis keeps compactly. */
  readonly idBuckets: number;
  /** Largest association radius that was ever used, arcsec: how far an object's detections may lie from it. */
  readonly reachArcsec: number;
}

export interface LayoutOptions {
  readonly blockOrder?: number;
  readonly expectedRows?: number;
}

const VERSION = '1';
const SHARD_ORDER = 4;
const DEFAULT_BLOCK_ORDER = 9;
const ID_TAGS = 16;
const DEFAULT_EXPECTED_ROWS = 20_000_000;

/** Reads the layout, writing it first where there is none. Raises the reach to `reachArcsec`. */
export async function openLayout(client: RedisClient, keys: RedisKeys, reachArcsec: number, options: LayoutOptions): Promise<Layout> {
  const rows = options.expectedRows ?? DEFAULT_EXPECTED_ROWS;
  const wanted = {
    version: VERSION,
    instance: randomBytes(8).toString('hex'),
    shardOrder: String(SHARD_ORDER),
    blockOrder: String(options.blockOrder ?? DEFAULT_BLOCK_ORDER),
    idTags: String(ID_TAGS),
    idBuckets: String(2 ** Math.max(4, Math.ceil(Math.log2(rows / (ID_TAGS * 80))))),
    reachArcsec: String(reachArcsec),
  };
  const key = keys.config();
  const stored = await client.ask(async (redis) => {
    await Promise.all(Object.entries(wanted).map(([field, value]) => redis.hsetnx(key, field, value)));
    return redis.hgetall(key);
  });
  if (stored['version'] !== VERSION) {
    throw new AppError('failed_precondition', `the database has layout version ${stored['version'] ?? 'none'}, must be ${VERSION}`);
  }
  const shardOrder = Number(stored['shardOrder']);
  const blockOrder = Number(stored['blockOrder']);
  const storedReach = Number(stored['reachArcsec']);
  // A lost race here is mended by the next start of the process that lost.
  if (storedReach < reachArcsec) await client.ask((redis) => redis.hset(key, 'reachArcsec', String(reachArcsec)));
  return {
    instance: stored['instance'] ?? '',
    shardOrder,
    blockOrder,
    blocksPerShard: 4 ** (blockOrder - shardOrder),
    idTags: Number(stored['idTags']),
    idBuckets: Number(stored['idBuckets']),
    reachArcsec: Math.max(storedReach, reachArcsec),
  };
}

/** Numbers in a row of the id space share a bucket, so that a batch of consecutive ids takes few commands. */
const NEAR_IDS_BITS = 4;

/** Where an id is kept: tag * idBuckets + bucket in it. Id bytes as in chunk.ts. */
export function bucketOfId(layout: Layout, bytes: Uint8Array, start: number, end: number): number {
  const isText = (bytes[start] & 0x80) !== 0;
  return bucketOf(layout, bytes, start, end, isText ? 0 : NEAR_IDS_BITS);
}

/** The same for any bytes; the last `ignoredBits` (below 8) do not count. */
export function bucketOf(layout: Layout, bytes: Uint8Array, start: number, end: number, ignoredBits = 0): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end - 1; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  hash = Math.imul(hash ^ (bytes[end - 1] >> ignoredBits), 0x01000193);
  // FNV leaves the low bits of short ids badly mixed.
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return (hash >>> 0) % (layout.idTags * layout.idBuckets);
}
