// Redis (6.2 and later) or Valkey as the archive: packed blocks of rows per fine HEALPix pixel, GEO sets per
// shard and night and per shard's objects. Layout and its reasons: docs/adr/0010-redis-layout.md.
//
// Several processes may work on one Redis at the same time: everything that answers depend on is there, and
// what a process remembers of it is checked by the script that writes.

import { AppError } from '../../errors.ts';
import type { DetectionColumns } from '../../model/columns.ts';
import type { DetectionQuery } from '../../model/window.ts';
import type { Cone } from '../../sky/regions.ts';
import { RedisKeys } from '../keys.ts';
import { RedisClient, shownUrl } from '../redisClient.ts';
import type { DetectionStore, ObjectRecord, PutSummary, Region, StoreSummary } from '../store.ts';
import type { RedisContext } from './context.ts';
import { evictBefore } from './evict.ts';
import { openLayout, type LayoutOptions } from './layout.ts';
import { Lookups } from './lookups.ts';
import { Names } from './names.ts';
import { ObjectLogs } from './objectLogs.ts';
import { Reader } from './reader.ts';
import { summaryOf } from './summary.ts';
import { Writer } from './writer.ts';

export interface RedisStoreOptions extends LayoutOptions {
  /** `redis://host:port/db`, `rediss://…`, `unix:///path` or `/path`. */
  readonly url: string;
  /** 1.0 */
  readonly associationRadiusArcsec?: number;
  /** Instead of it for these surveys. */
  readonly radiusArcsecBySurvey?: Readonly<Record<string, number>>;
  /** What all key names begin with; 'nj'. */
  readonly keyPrefix?: string;
  /** Blocks of a region, together, from which a search in a few nights goes through GEO; reader.ts says why. */
  readonly geoMinBytes?: number;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Bound of the object logs kept in this process; 512 MiB. */
  readonly objectCacheBytes?: number;
  readonly log?: { warn(details: object, message: string): void; info(details: object, message: string): void };
}

/** Largest association radius: an object's rows must stay within two neighbouring blocks. */
const MAX_RADIUS_ARCSEC = 60;

export async function openRedisStore(options: RedisStoreOptions): Promise<DetectionStore> {
  const radii = { defaultArcsec: options.associationRadiusArcsec ?? 1, bySurvey: options.radiusArcsecBySurvey ?? {} };
  const reachArcsec = Math.max(radii.defaultArcsec, ...Object.values(radii.bySurvey));
  if (!(reachArcsec >= 0 && reachArcsec <= MAX_RADIUS_ARCSEC)) {
    throw new AppError(
      'invalid_argument',
      `association radius is ${String(reachArcsec)} arcsec, must be within 0 and ${String(MAX_RADIUS_ARCSEC)}`,
    );
  }
  const state: { store: RedisStore | null } = { store: null };
  const connect = (onReady?: () => void): Promise<RedisClient> =>
    RedisClient.connect({
      url: options.url,
      server: 'redis',
      ...(options.commandTimeoutMs === undefined ? {} : { commandTimeoutMs: options.commandTimeoutMs }),
      ...(options.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: options.connectTimeoutMs }),
      ...(onReady === undefined ? {} : { onReady }),
      onLost: (error) => options.log?.warn({ url: shownUrl(options.url), error: error.message }, 'connection to redis lost'),
    });
  const writes = await connect(() => state.store?.distrust());
  let reads: RedisClient;
  try {
    reads = await connect(() => state.store?.distrust());
  } catch (error) {
    writes.close();
    throw error;
  }
  try {
    await checkServer(reads);
    const keys = new RedisKeys(options.keyPrefix);
    const layout = await openLayout(reads, keys, reachArcsec, options);
    const names = new Names(reads, keys);
    await names.refresh();
    const indexedNights = new Set<number>();
    const indexedNames = new Set<string>();
    const logs = new ObjectLogs(writes, keys, layout, names, options.objectCacheBytes ?? 512 * 1024 ** 2, () => {
      indexedNights.clear();
      indexedNames.clear();
    });
    const context: RedisContext = { reads, writes, keys, layout, names, logs, indexedNights, indexedNames };
    state.store = new RedisStore(context, new Writer(context, radii), new Reader(context, options.geoMinBytes), reachArcsec);
    return state.store;
  } catch (error) {
    reads.close();
    writes.close();
    throw error;
  }
}

/** GEOSEARCH and ZMSCORE came with 6.2; a policy that throws keys away at random loses detections silently. */
async function checkServer(client: RedisClient): Promise<void> {
  const info = await client.ask((redis) => redis.info());
  const version = /^redis_version:(\d+)\.(\d+)/m.exec(info);
  if (version !== null && Number(version[1]) * 100 + Number(version[2]) < 602) {
    throw new AppError('failed_precondition', `the server speaks Redis ${version[1]}.${version[2]}, must be at least 6.2`);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  const maxMemory = Number(/^maxmemory:(\d+)/m.exec(info)?.[1] ?? 0);
  if (maxMemory > 0 && policy.startsWith('allkeys')) {
    throw new AppError('failed_precondition', `maxmemory-policy is ${policy}, must be noeviction: the server would drop detections`);
  }
}

class RedisStore implements DetectionStore {
  readonly #context: RedisContext;
  readonly #writer: Writer;
  readonly #reader: Reader;
  readonly #lookups: Lookups;
  readonly #reachArcsec: number;
  /** The connection was lost since: what this process remembers must be checked before the next use. */
  #isDistrusted = false;
  #checking: Promise<void> | null = null;

  constructor(context: RedisContext, writer: Writer, reader: Reader, reachArcsec: number) {
    this.#context = context;
    this.#writer = writer;
    this.#reader = reader;
    this.#lookups = new Lookups(context, this.#reader);
    this.#reachArcsec = reachArcsec;
  }

  distrust(): void {
    this.#isDistrusted = true;
  }

  async *cone(cone: Cone, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    yield* this.#reader.cone(cone, query);
  }

  async *region(region: Region, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    yield* this.#reader.region(region, query);
  }

  async nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    return this.#reader.nearest(at, k, query);
  }

  async *lightCurve(objectId: string, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    yield* this.#lookups.lightCurve(objectId, query);
  }

  async *night(night: number, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    yield* this.#reader.night(night, query);
  }

  async detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    if (this.#isDistrusted) await this.#trust();
    return this.#lookups.detection(survey, sourceId);
  }

  async objects(objectId: string): Promise<readonly ObjectRecord[]> {
    if (this.#isDistrusted) await this.#trust();
    return this.#lookups.objects(objectId);
  }

  async summary(): Promise<StoreSummary> {
    if (this.#isDistrusted) await this.#trust();
    return summaryOf(this.#context);
  }

  async put(batch: DetectionColumns): Promise<PutSummary> {
    if (this.#isDistrusted) await this.#trust();
    return this.#writer.put(batch);
  }

  async evictBefore(mjdTai: number): Promise<number> {
    if (this.#isDistrusted) await this.#trust();
    return evictBefore(this.#context, mjdTai);
  }

  async close(): Promise<void> {
    await this.#writer.idle();
    this.#context.reads.close();
    this.#context.writes.close();
  }

  /** After a reconnection: the same database as before, or another one (restarted empty, restored)? */
  async #trust(): Promise<void> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    await this.#checking;
  }

  async #check(): Promise<void> {
    const { reads, keys, layout, names, logs, indexedNights, indexedNames } = this.#context;
    this.#isDistrusted = false;
    try {
      const now = await openLayout(reads, keys, this.#reachArcsec, layout);
      if (now.blockOrder !== layout.blockOrder || now.idBuckets !== layout.idBuckets || now.shardOrder !== layout.shardOrder) {
        throw new AppError('failed_precondition', 'the database behind the connection has another layout now');
      }
      // Writing goes on with what is known only if Redis is known to be the same.
      await this.#writer.idle();
      logs.reset();
      indexedNights.clear();
      indexedNames.clear();
      if (now.instance !== layout.instance) names.reset();
      await names.refresh();
    } catch (error) {
      this.#isDistrusted = true;
      throw error;
    }
  }
}
