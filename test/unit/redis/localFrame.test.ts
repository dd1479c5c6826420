import { afterAll, describe, expect, it } from 'vitest';
import { RedisClient } from '../../../src/store/redisClient.ts';
import { GEO_PAD_RAD, LAT, LON, LocalFrame, geoRadiusM, geoScore } from '../../../src/store/redis/localFrame.ts';
import { centreOf, cornersOf, pixelCount } from '../../../src/sky/healpix/nested.ts';
import { startRedis } from '../../support/redisServer.ts';

const ORDER = 4;

describe('local frame of a shard', () => {
  it('has the centre at 0, 0 and the whole shard far from the poles and the seam', () => {
    const local = new Float64Array(2);
    for (let shard = 0; shard < pixelCount(ORDER); shard++) {
      const frame = new LocalFrame(ORDER, shard);
      const { x, y, z } = centreOf(ORDER, shard);
      frame.toLocal(x, y, z, local);
      expect(Math.hypot(local[LON], local[LAT])).toBeLessThan(1e-12);
      for (const corner of cornersOf(ORDER, shard)) {
        frame.toLocal(corner.x, corner.y, corner.z, local);
        expect(Math.hypot(local[LON], local[LAT])).toBeLessThan(8);
      }
    }
  });
});

const server = await startRedis();
const client = server === null ? null : await RedisClient.connect({ url: server.url, server: 'redis' });

describe.skipIf(client === null)('GEO score', () => {
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  it('is the one that GEOADD gives', async () => {
    const places = [
      [0, 0],
      [1e-7, -1e-7],
      [-3.999, 3.999],
      [7.123456789, -6.987654321],
      [-179.9, -85],
      [179.9, 85],
    ];
    for (const [lon, lat] of places) {
      await client?.ask((redis) => redis.geoadd('k', lon, lat, 'm'));
      expect([lon, lat, await client?.ask((redis) => redis.zscore('k', 'm'))]).toEqual([lon, lat, String(geoScore(lon, lat))]);
    }
  });

  it('leaves a position findable within the pad', async () => {
    let seed = 1;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (let i = 0; i < 300; i++) {
      const [lon, lat] = [16 * random() - 8, 16 * random() - 8];
      await client?.ask((redis) => redis.zadd('near', geoScore(lon, lat), String(i)));
      const args = ['GEOSEARCH', 'near', 'FROMLONLAT', String(lon), String(lat), 'BYRADIUS', String(geoRadiusM(0)), 'm'] as const;
      expect(await client?.ask((redis) => redis.call(...args))).toContain(String(i));
    }
    expect(GEO_PAD_RAD).toBeGreaterThan(0);
  });
});
