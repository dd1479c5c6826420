// What the shared suite cannot see: several processes on one Redis, crashes between steps, a server that goes
// away and comes back, durability in the server's words.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBatch } from '../../../src/model/checkBatch.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import { cornersOf } from '../../../src/sky/healpix/nested.ts';
import { vectorToRaDec } from '../../../src/sky/vector.ts';
import { RedisClient } from '../../../src/store/redisClient.ts';
import { openRedisStore, type RedisStoreOptions } from '../../../src/store/redis/redisStore.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { collect, columnsOf, idsOf, keysOf, queryOf, recordOf, type DetectionRow } from '../../support/detections.ts';
import { startRedis, type TestServer } from '../../support/redisServer.ts';

const ALL_SKY = coneOf(0, 0, Math.PI);
const checked = (rows: readonly DetectionRow[]): DetectionColumns => checkBatch(columnsOf(rows)).good;

const server = await startRedis();
let stores = 0;

describe.skipIf(server === null)('redis store, beyond the suite', () => {
  let admin: RedisClient;
  const url = server?.url ?? '';
  beforeAll(async () => {
    admin = await RedisClient.connect({ url, server: 'redis' });
  });
  afterAll(async () => {
    admin.close();
    await server?.stop();
  });

  /** Stores that share one database, closed afterwards. */
  async function shared(count: number, body: (open: DetectionStore[], prefix: string) => Promise<void>): Promise<void> {
    const keyPrefix = `u${String(stores++)}`;
    const options: RedisStoreOptions = { url, keyPrefix, expectedRows: 1000 };
    const open = await Promise.all(Array.from({ length: count }, () => openRedisStore(options)));
    try {
      await body(open, keyPrefix);
    } finally {
      await Promise.all(open.map((store) => store.close()));
    }
  }

  const rowsOf = async (store: DetectionStore): Promise<Record<string, unknown>[]> => {
    const rows = await collect(store.cone(ALL_SKY, queryOf()));
    return Array.from({ length: rows.length }, (_, row) => recordOf(rows, row));
  };

  it('associates within the radius where a survey is called like a method of objects', async () => {
    await shared(1, async ([store]) => {
      const row = { survey: 'constructor', raDeg: 10, decDeg: 20 };
      await store.put(checked([{ ...row, sourceId: 1, mjdTai: 60_000 }]));
      // 0.9 and 1.1 arcsec away
      await store.put(checked([{ ...row, sourceId: 2, mjdTai: 60_001, decDeg: 20.00025 }]));
      await store.put(checked([{ ...row, sourceId: 3, mjdTai: 60_002, decDeg: 20.000306 }]));
      expect(await store.objects('constructor:1')).toMatchObject([{ detections: 2 }]);
      expect(await store.objects('constructor:3')).toMatchObject([{ detections: 1 }]);
    });
  });

  it('takes a batch once when three processes put it at the same time', async () => {
    await shared(3, async (open) => {
      const rows = Array.from({ length: 700 }, (_, i) => ({
        sourceId: i,
        raDeg: (i * 7.3) % 360,
        decDeg: (i % 170) - 85,
        mjdTai: 60_000 + (i % 3),
      }));
      const summaries = await Promise.all(open.map((store) => store.put(checked(rows))));
      expect(summaries.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(700);
      expect(summaries.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(1400);
      expect((await rowsOf(open[0])).length).toBe(700);
      expect((await open[1].summary()).detections).toBe(700);
    });
  });

  it('lets one of two contents of an id win when two processes put them at the same time', async () => {
    await shared(2, async (open) => {
      const rows = (raDeg: number): DetectionRow[] =>
        Array.from({ length: 200 }, (_, i) => ({ sourceId: i, raDeg: raDeg + i, decDeg: 5, mjdTai: 60_000 }));
      const [a, b] = await Promise.all([open[0].put(checked(rows(0))), open[1].put(checked(rows(100)))]);
      expect(a.accepted + b.accepted).toBe(200);
      expect(a.rejected.length + b.rejected.length).toBe(200);
      expect(new Set((await rowsOf(open[0])).map((row) => row['source_id'])).size).toBe(200);
    });
  });

  it('joins the objects that another process founded', async () => {
    await shared(2, async (open) => {
      await open[0].put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]));
      await open[1].put(checked([{ sourceId: 2, raDeg: 10, decDeg: 10, mjdTai: 60_001 }]));
      await open[0].put(checked([{ sourceId: 3, raDeg: 10, decDeg: 10, mjdTai: 60_002 }]));
      await open[1].put(checked([{ sourceId: 4, raDeg: 10.01, decDeg: 10, mjdTai: 60_002 }]));
      await open[0].put(checked([{ sourceId: 5, raDeg: 10.01, decDeg: 10, mjdTai: 60_003 }]));
      expect((await rowsOf(open[1])).map((row) => row['object_id'])).toEqual(['ZTF:1', 'ZTF:1', 'ZTF:1', 'ZTF:4', 'ZTF:4']);
    });
  });

  it('founds one object when many processes see it in one shard at the same time', async () => {
    await shared(4, async (open) => {
      for (let night = 0; night < 10; night++) {
        await Promise.all(
          open.map((store, s) =>
            store.put(checked([{ sourceId: 10 * night + s, raDeg: 50 + night, decDeg: -30, mjdTai: 60_000 + night + s / 10 }])),
          ),
        );
      }
      const objects = new Set((await rowsOf(open[0])).map((row) => row['object_id']));
      expect(objects.size).toBe(10);
      expect((await open[3].summary()).objects).toBe(10);
    });
  });

  it('joins across a border an object that another process founded before', async () => {
    await shared(2, async (open) => {
      // The corner of a shard: rows 0.3" to every side of it lie in up to four shards.
      const { raDeg, decDeg } = vectorToRaDec(cornersOf(4, 1000)[0]);
      const off = 0.3 / 3600;
      await open[0].put(checked([{ sourceId: 1, raDeg: raDeg + off, decDeg, mjdTai: 60_000 }]));
      const around = [
        [-off, 0],
        [0, off],
        [0, -off],
      ].map(([dRa, dDec], i) => ({ sourceId: 2 + i, raDeg: raDeg + dRa, decDeg: decDeg + dDec, mjdTai: 60_001 + i }));
      for (const [i, row] of around.entries()) await open[(i + 1) % 2].put(checked([row]));
      expect((await rowsOf(open[1])).map((row) => row['object_id'])).toEqual(['ZTF:1', 'ZTF:1', 'ZTF:1', 'ZTF:1']);
      expect(keysOf(await collect(open[0].lightCurve('ZTF:1', queryOf())))).toEqual(['ZTF:1', 'ZTF:2', 'ZTF:3', 'ZTF:4']);
    });
  });

  it('completes a batch whose ids were claimed by a process that died before it wrote', async () => {
    await shared(2, async ([dead, store], prefix) => {
      await dead.put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]));
      // What stands in Redis after the claim and before the write: the id index alone.
      const keys = await admin.ask((redis) => redis.keys(`${prefix}{*`));
      const written = keys.filter((key) => !key.includes('{i') && !key.includes('{meta}'));
      await admin.ask((redis) => redis.del(...written));
      expect((await store.detection('ZTF', '1')).length).toBe(0);
      expect((await store.put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]))).accepted).toBe(1);
      expect(idsOf(await store.detection('ZTF', '1'))).toEqual(['1']);
    });
  });

  it('takes an id that a dead process claimed for another place, which that process can then no longer write', async () => {
    await shared(2, async ([dead, store], prefix) => {
      await dead.put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]));
      const keys = await admin.ask((redis) => redis.keys(`${prefix}{*`));
      await admin.ask((redis) => redis.del(...keys.filter((key) => !key.includes('{i') && !key.includes('{meta}'))));
      expect((await store.put(checked([{ sourceId: 1, raDeg: 80, decDeg: 10, mjdTai: 60_000 }]))).accepted).toBe(1);
      expect((await dead.put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]))).rejected[0].code).toBe('already_exists');
      expect((await rowsOf(store)).map((row) => row['ra_deg'])).toEqual([80]);
    });
  });

  it('shows a night again to a process that indexed it before another one evicted it', async () => {
    await shared(2, async (open) => {
      await open[0].put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000.9 }]));
      expect(await open[1].evictBefore(60_010)).toBe(1);
      await open[0].put(checked([{ sourceId: 2, raDeg: 10, decDeg: 10, mjdTai: 60_000.9 }]));
      expect(idsOf(await collect(open[1].night(60_000, queryOf())))).toEqual(['2']);
      expect((await open[0].summary()).objects).toBe(1);
    });
  });

  it('answers a cone in a night alike through GEO and through blocks, at poles and across RA 0 too', async () => {
    const keyPrefix = `u${String(stores++)}`;
    const byBlocks = await openRedisStore({ url, keyPrefix, geoMinBytes: Infinity });
    const byGeo = await openRedisStore({ url, keyPrefix, geoMinBytes: 0 });
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const centres = [
      [0, 90],
      [123, -90],
      [0, 0],
      [359.99, 41.8],
      [45, 41.81],
    ];
    const rows = Array.from({ length: 1500 }, (_, i) => {
      const [raDeg, decDeg] = centres[i % centres.length];
      const spread = 3 * random() ** 2;
      return {
        sourceId: i,
        raDeg: (raDeg + (random() - 0.5) * spread * (Math.abs(decDeg) === 90 ? 120 : 1) + 360) % 360,
        decDeg: Math.max(-90, Math.min(90, decDeg + (random() - 0.5) * spread)),
        mjdTai: 60_000 + 6 * random(),
        station: ['X05', '568', ''][i % 3],
      };
    });
    await byGeo.put(checked(rows));
    let found = 0;
    for (const [raDeg, decDeg] of centres) {
      for (const radiusDeg of [0.2, 1, 5, 100]) {
        const cone = coneOf(raDeg, decDeg, (radiusDeg * Math.PI) / 180);
        const query = queryOf({ window: { mjdMinTai: 60_002.3, mjdMaxTai: 60_003.1 } });
        const answers = await Promise.all([byBlocks, byGeo].map(async (store) => keysOf(await collect(store.cone(cone, query)))));
        expect(answers[1]).toEqual(answers[0]);
        found += answers[0].length;
      }
    }
    expect(found).toBeGreaterThan(500);
    await Promise.all([byBlocks.close(), byGeo.close()]);
  });

  it('tells the durability that the server is set to', async () => {
    await shared(1, async ([store]) => {
      expect((await store.summary()).durability).toContain('append-only file off');
      await admin.ask((redis) => redis.config('SET', 'appendfsync', 'always'));
      await admin.ask((redis) => redis.config('SET', 'appendonly', 'yes'));
      expect((await store.summary()).durability).toContain('appendfsync always');
      await admin.ask((redis) => redis.config('SET', 'appendonly', 'no'));
    });
  });

  it('refuses rows with resource_exhausted when the server is full, and takes them when it has room', async () => {
    await shared(1, async ([store]) => {
      await store.put(checked([{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]));
      await admin.ask((redis) => redis.config('SET', 'maxmemory', '1'));
      const batch = checked([{ sourceId: 2, raDeg: 10, decDeg: 10, mjdTai: 60_001 }]);
      const full = await store.put(batch);
      await admin.ask((redis) => redis.config('SET', 'maxmemory', '0'));
      expect(full.rejected.map(({ row, code }) => [row, code])).toEqual([[0, 'resource_exhausted']]);
      expect((await store.put(batch)).accepted).toBe(1);
    });
  });

  it('does not open on a server that may drop any key when full', async () => {
    await admin.ask((redis) => redis.config('SET', 'maxmemory', '1gb', 'maxmemory-policy', 'allkeys-lru'));
    await expect(openRedisStore({ url })).rejects.toMatchObject({ code: 'failed_precondition' });
    await admin.ask((redis) => redis.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction'));
  });
});

describe.skipIf(server === null)('a redis server that goes away', () => {
  it('fails with unavailable meanwhile, and serves again on an empty server with new names', async () => {
    let redis: TestServer | null = await startRedis();
    if (redis === null) return;
    const { url } = redis;
    const store = await openRedisStore({ url });
    try {
      await store.put(
        checked([
          { sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: 60_000, survey: 'A' },
          { sourceId: 1, raDeg: 10, decDeg: 20, mjdTai: 60_000, survey: 'B' },
        ]),
      );
      await redis.stop();
      await expect(store.put(checked([{ sourceId: 2, raDeg: 10, decDeg: 10, mjdTai: 60_000 }]))).rejects.toMatchObject({
        code: 'unavailable',
      });
      await expect(collect(store.cone(ALL_SKY, queryOf()))).rejects.toMatchObject({ code: 'unavailable' });
      redis = await startRedis({ url });
      const batch = checked([{ sourceId: 3, raDeg: 10, decDeg: 10, mjdTai: 60_000, survey: 'B' }]);
      const accepted = await untilReachable(async () => (await store.put(batch)).accepted);
      expect(accepted).toBe(1);
      expect(keysOf(await collect(store.cone(ALL_SKY, queryOf())))).toEqual(['B:3']);
      const other = await openRedisStore({ url });
      expect(keysOf(await collect(other.cone(ALL_SKY, queryOf())))).toEqual(['B:3']);
      await other.close();
    } finally {
      await store.close();
      await redis?.stop();
    }
  });

  it('is unavailable at the start when nothing listens', async () => {
    await expect(openRedisStore({ url: 'unix:///nonexistent/nightjar.sock', connectTimeoutMs: 500 })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('answers deadline_exceeded when the server hangs', async () => {
    const redis = await startRedis();
    if (redis === null) return;
    const store = await openRedisStore({ url: redis.url, commandTimeoutMs: 200 });
    try {
      process.kill(redis.pid, 'SIGSTOP');
      await expect(collect(store.cone(ALL_SKY, queryOf()))).rejects.toMatchObject({ code: 'deadline_exceeded' });
      process.kill(redis.pid, 'SIGCONT');
      expect(await untilReachable(async () => (await store.summary()).detections)).toBe(0);
    } finally {
      await store.close();
      await redis.stop();
    }
  });
});

/** Asks again until the store reaches its server: the time of a reconnection is not a test's to say. */
async function untilReachable<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const code = (error as { code?: string }).code;
      if (code !== 'unavailable' && code !== 'deadline_exceeded') throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
