// What the store holds and what its server promises.

import type { StoreSummary } from '../store.ts';
import type { RedisContext } from './context.ts';
import { shardStateOf } from './objectLogs.ts';

const SHARDS_AT_A_TIME = 256;

export async function summaryOf(context: RedisContext): Promise<StoreSummary> {
  const { reads, keys, names } = context;
  await names.refresh();
  const shards = (await reads.ask((redis) => redis.smembers(keys.shards()))).map(Number);
  let detections = 0;
  let objects = 0;
  let mjdTaiFirst = Infinity;
  let mjdTaiLast = -Infinity;
  for (let from = 0; from < shards.length; from += SHARDS_AT_A_TIME) {
    const part = shards.slice(from, from + SHARDS_AT_A_TIME);
    const all = await reads.ask((redis) => Promise.all(part.map((shard) => redis.hgetBuffer(keys.stats(shard), 'all'))));
    for (const state of all.map(shardStateOf)) {
      objects += state.objects;
      detections += state.rows;
      if (state.rows === 0) continue;
      mjdTaiFirst = Math.min(mjdTaiFirst, state.mjdTaiFirst);
      mjdTaiLast = Math.max(mjdTaiLast, state.mjdTaiLast);
    }
  }
  const info = await reads.ask((redis) => redis.info());
  const limit = Number(infoField(info, 'maxmemory') ?? 0);
  return {
    engine: 'redis',
    detections,
    objects,
    mjdTaiFirst: detections === 0 ? null : mjdTaiFirst,
    mjdTaiLast: detections === 0 ? null : mjdTaiLast,
    surveys: names.surveys.names.slice(1).sort(),
    bytesUsed: Number(infoField(info, 'used_memory') ?? 0),
    bytesLimit: limit > 0 ? limit : null,
    durability: await durabilityOf(context, info),
    recovery: null,
  };
}

/** In the server's own words: appendonly and appendfsync, which a managed server may keep to itself. */
async function durabilityOf({ reads }: RedisContext, info: string): Promise<string> {
  if (infoField(info, 'aof_enabled') !== '1') return 'redis: append-only file off, a restart loses what its last snapshot has not';
  try {
    const reply = await reads.ask((redis) => redis.call('CONFIG', 'GET', 'appendfsync'));
    const policy = Array.isArray(reply) ? String(reply[1]) : 'not told';
    const promise: Readonly<Record<string, string>> = {
      always: 'synced before the acknowledgement',
      everysec: 'synced every second, a power cut loses at most about a second',
      no: 'written, synced when the system pleases',
    };
    return `redis: append-only file, appendfsync ${policy}: ${promise[policy] ?? 'unknown policy'}`;
  } catch {
    return 'redis: append-only file on, the server does not tell its appendfsync';
  }
}

function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1];
}
