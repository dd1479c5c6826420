// What is asked of Tile38, and how. NEARBY is exact at poles and across RA 0; WITHIN and INTERSECTS are not
// (measured: nothing found across a pole or the antimeridian), so they are not used. Every command that
// lists gives LIMIT and follows the cursor: without LIMIT Tile38 stops at 100 without a word.

import type { Cone } from '../../sky/regions.ts';
import { AppError } from '../../errors.ts';
import { RAD_PER_ARCSEC } from '../../sky/angle.ts';
import type { Tile38Keys } from '../keys.ts';
import type { RedisClient } from '../redisClient.ts';
import type { LiveObject } from './liveObjects.ts';

/** Tile38's sphere (tidwall/geojson). */
const EARTH_RADIUS_M = 6_371_000;
/** Wider than any rounding of Tile38's distances; the exact test follows. */
const PAD_RAD = 0.02 * RAD_PER_ARCSEC;
/** NEARBY sorts what it finds; beyond this radius a scan is cheaper. */
const MAX_NEARBY_RAD = 0.2;
const PAGE = 10_000;

export interface Place {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** [id, GeoJSON, [field, value, ...]] */
type Item = [string, string, string[]?];

export class LiveSkyDb {
  readonly #client: RedisClient;
  readonly #keys: Tile38Keys;

  constructor(client: RedisClient, keys: Tile38Keys) {
    this.#client = client;
    this.#keys = keys;
  }

  /** JSON of the rows that may lie in the cone. */
  rowsNear(cone: Cone): AsyncGenerator<string> {
    const { sky } = this.#keys;
    return cone.radiusRad > MAX_NEARBY_RAD ? this.#list(['SCAN', sky], []) : this.#list(['NEARBY', sky], placeOf(cone, cone.radiusRad));
  }

  allRows(): AsyncGenerator<string> {
    return this.#list(['SCAN', this.#keys.sky], []);
  }

  rowsOfNights(first: number, last: number): AsyncGenerator<string> {
    return this.#list(['SCAN', this.#keys.sky, 'WHERE', 'n', String(first), String(last)], []);
  }

  /** JSON of each row, null where there is none. */
  rowsById(ids: readonly string[]): Promise<(string | null)[]> {
    return this.#client.ask((redis) =>
      Promise.all(ids.map(async (id) => jsonOf((await redis.call('GET', this.#keys.sky, id, 'WITHFIELDS')) as [string, string[]?] | null))),
    );
  }

  /** The nearest objects, at most `limit`, that may lie within the radius of each place; nearest first. */
  async objectsNear(places: readonly Place[], radiusRad: number, limit: number): Promise<LiveObject[][]> {
    return this.#client.ask((redis) =>
      Promise.all(
        places.map(async (place) => {
          const args = ['NEARBY', this.#keys.objects, 'LIMIT', String(limit), ...placeOf(place, radiusRad)] as const;
          const [, items] = (await redis.call(...args)) as [number, Item[]];
          return items.map((item) => JSON.parse(fieldOf(item[2])) as LiveObject);
        }),
      ),
    );
  }

  async object(objectId: string): Promise<LiveObject | null> {
    const reply = (await this.#client.ask((redis) => redis.call('GET', this.#keys.objects, objectId, 'WITHFIELDS'))) as
      [string, string[]?] | null;
    const json = jsonOf(reply);
    return json === null ? null : (JSON.parse(json) as LiveObject);
  }

  async objectIdsNamed(name: string): Promise<string[]> {
    const head = `${hexOf(name)}:`;
    const ids: string[] = [];
    for (let cursor = 0; ;) {
      const args = ['SCAN', this.#keys.names, 'CURSOR', String(cursor), 'LIMIT', String(PAGE), 'MATCH', `${head}*`, 'IDS'] as const;
      const reply = (await this.#client.ask((redis) => redis.call(...args))) as [number, string[]];
      for (const id of reply[1]) ids.push(Buffer.from(id.slice(head.length), 'hex').toString());
      cursor = reply[0];
      if (cursor === 0) return ids;
    }
  }

  /** Whether each row was new: SET ... NX. */
  async putRows(
    rows: readonly { id: string; json: string; night: number; mjdTai: number; raDeg: number; decDeg: number; expireS: number }[],
  ): Promise<boolean[]> {
    const { sky } = this.#keys;
    return this.#client.ask((redis) =>
      Promise.all(
        rows.map(async ({ id, json, night, mjdTai, raDeg, decDeg, expireS }) => {
          const fields = ['FIELD', 'n', String(night), 'FIELD', 't', String(mjdTai), 'FIELD', 'r', json] as const;
          const reply = await redis.call(
            'SET',
            sky,
            id,
            ...fields,
            'EX',
            String(expireS),
            'NX',
            'POINT',
            String(decDeg),
            String(lonOf(raDeg)),
          );
          return reply !== null;
        }),
      ),
    );
  }

  /** Objects are written over: only their expiry may have changed. */
  async putObjects(objects: readonly LiveObject[], nowS: number): Promise<void> {
    await this.#client.ask((redis) =>
      Promise.all(
        objects.map((object) => {
          const place = ['POINT', String(object.decDeg), String(lonOf(object.raDeg))] as const;
          const expireS = String(object.untilS - nowS);
          return redis.call('SET', this.#keys.objects, object.objectId, 'FIELD', 'r', JSON.stringify(object), 'EX', expireS, ...place);
        }),
      ),
    );
  }

  async putNames(names: readonly { name: string; objectId: string; expireS: number }[]): Promise<void> {
    await this.#client.ask((redis) =>
      Promise.all(
        names.map(({ name, objectId, expireS }) =>
          redis.call('SET', this.#keys.names, `${hexOf(name)}:${hexOf(objectId)}`, 'EX', String(expireS), 'STRING', ''),
        ),
      ),
    );
  }

  async dropRows(ids: readonly string[]): Promise<void> {
    await this.#client.ask((redis) => Promise.all(ids.map((id) => redis.call('DEL', this.#keys.sky, id))));
  }

  async dropObject(objectId: string, names: Iterable<string>): Promise<void> {
    const ids = [...names].map((name) => `${hexOf(name)}:${hexOf(objectId)}`);
    await this.#client.ask((redis) =>
      Promise.all([redis.call('DEL', this.#keys.objects, objectId), ...ids.map((id) => redis.call('DEL', this.#keys.names, id))]),
    );
  }

  async countObjects(): Promise<number> {
    const reply = await this.#client.ask((redis) => redis.call('SCAN', this.#keys.objects, 'LIMIT', String(2 ** 31), 'COUNT'));
    return Array.isArray(reply) ? Number(reply.at(-1)) : Number(reply);
  }

  /** SERVER as a map. */
  async server(): Promise<Map<string, string>> {
    const reply = (await this.#client.ask((redis) => redis.call('SERVER'))) as string[];
    return new Map(Array.from({ length: reply.length / 2 }, (_, i) => [reply[2 * i], reply[2 * i + 1]]));
  }

  async #page(head: readonly string[], cursor: number, tail: readonly string[]): Promise<[number, Item[]]> {
    const [command, ...rest] = [...head, 'CURSOR', String(cursor), 'LIMIT', String(PAGE), ...tail];
    return (await this.#client.ask((redis) => redis.call(command, ...rest))) as [number, Item[]];
  }

  async *#list(head: readonly string[], tail: readonly string[]): AsyncGenerator<string> {
    // Tile38 wants CURSOR and LIMIT before WHERE or after it alike. A row that moves between two pages may come twice.
    const seen = new Set<string>();
    for (let cursor = 0; ;) {
      const [next, items] = await this.#page(head, cursor, tail);
      for (const [id, , fields] of items) {
        if (next !== 0 || cursor !== 0) {
          if (seen.has(id)) continue;
          seen.add(id);
        }
        yield fieldOf(fields);
      }
      cursor = next;
      if (cursor === 0) return;
    }
  }
}

function placeOf({ raDeg, decDeg }: Place, radiusRad: number): string[] {
  return ['POINT', String(decDeg), String(lonOf(raDeg)), String((radiusRad + PAD_RAD) * EARTH_RADIUS_M)];
}

/** Tile38's plane goes from -180 to 180. */
function lonOf(raDeg: number): number {
  return raDeg > 180 ? raDeg - 360 : raDeg;
}

function jsonOf(reply: [string, string[]?] | null): string | null {
  return reply === null ? null : fieldOf(reply[1]);
}

function fieldOf(fields: readonly string[] | undefined): string {
  const at = fields?.indexOf('r') ?? -1;
  if (fields === undefined || at < 0) throw new AppError('internal', 'a row of tile38 has no field r');
  return fields[at + 1];
}

/** Ids of the name index: no character means anything in a MATCH. */
function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}
