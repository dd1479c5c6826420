// Tile38 as the live sky: detections of the last nights, each of which expires with its night. A
// DetectionStore for that window, and later the engine of fences. Answers are exact: Tile38 names candidates,
// the float64 position beside each point decides. Reasons and numbers: docs/adr/0011-tile38-live-sky.md.

import { AppError } from '../../errors.ts';
import { DetectionColumns } from '../../model/columns.ts';
import { passesFilter, passesWindow } from '../../model/filter.ts';
import { nightEndTai, nightOf } from '../../model/night.ts';
import { compareKeys, compareRows, rowKey } from '../../model/order.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import type { DetectionQuery } from '../../model/window.ts';
import { ARCSEC_PER_RAD, RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { coneOf, isInside, separationRad } from '../../sky/cone.ts';
import { isInMoc } from '../../sky/moc.ts';
import { isInPolygon, polygonBound } from '../../sky/polygon.ts';
import type { Cone, UnitVector } from '../../sky/regions.ts';
import { unitVector } from '../../sky/vector.ts';
import { Tile38Keys } from '../keys.ts';
import { RedisClient, shownUrl } from '../redisClient.ts';
import type { DetectionStore, ObjectRecord, PutSummary, Region, StoreSummary } from '../store.ts';
import type { LiveObject } from './liveObjects.ts';
import { keyOf, putLive, type LiveRules } from './livePut.ts';
import { LiveSkyDb } from './liveSkyDb.ts';
import { readRowJson, type ReadRow } from './rowJson.ts';

export interface Tile38StoreOptions {
  /** `redis://host:port`, `unix:///path` or `/path`. */
  readonly url: string;
  /** Nights that are kept after the one a detection is from; 15. */
  readonly windowNights?: number;
  /** 1.0 */
  readonly associationRadiusArcsec?: number;
  readonly radiusArcsecBySurvey?: Readonly<Record<string, number>>;
  /** What the names of the collections begin with; 'nj'. */
  readonly keyPrefix?: string;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly log?: { warn(details: object, message: string): void; info(details: object, message: string): void };
}

const BATCH_ROWS = 1024;
const FIRST_NEAREST_RAD = 60 * RAD_PER_ARCSEC;
/** A summary reads every row: it is kept for so many times what it took. */
const SUMMARY_REST = 10;

export async function openTile38Store(options: Tile38StoreOptions): Promise<DetectionStore> {
  const { associationRadiusArcsec = 1, radiusArcsecBySurvey = {}, windowNights = 15 } = options;
  const client = await RedisClient.connect({
    url: options.url,
    server: 'tile38',
    maxInFlight: 64,
    ...(options.commandTimeoutMs === undefined ? {} : { commandTimeoutMs: options.commandTimeoutMs }),
    ...(options.connectTimeoutMs === undefined ? {} : { connectTimeoutMs: options.connectTimeoutMs }),
    onLost: (error) => options.log?.warn({ url: shownUrl(options.url), error: error.message }, 'connection to tile38 lost'),
  });
  const rules: LiveRules = {
    windowNights,
    radiusArcsecOf: (survey) => (Object.hasOwn(radiusArcsecBySurvey, survey) ? radiusArcsecBySurvey[survey] : associationRadiusArcsec),
    reachArcsec: Math.max(associationRadiusArcsec, ...Object.values(radiusArcsecBySurvey)),
    now: Date.now,
  };
  return new Tile38Store(client, new LiveSkyDb(client, new Tile38Keys(options.keyPrefix)), rules);
}

type RowTest = (columns: DetectionColumns, row: number, at: UnitVector, read: ReadRow) => boolean;

class Tile38Store implements DetectionStore {
  readonly #client: RedisClient;
  readonly #db: LiveSkyDb;
  readonly #rules: LiveRules;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #summary: { readonly value: StoreSummary; readonly until: number } | null = null;

  constructor(client: RedisClient, db: LiveSkyDb, rules: LiveRules) {
    this.#client = client;
    this.#db = db;
    this.#rules = rules;
  }

  async *cone(cone: Cone, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    yield* this.#answer(this.#db.rowsNear(cone), query, (_, __, at) => isInside(cone, at.x, at.y, at.z), cone);
  }

  async *region(region: Region, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    if (region.kind === 'polygon') {
      const { polygon } = region;
      yield* this.#answer(this.#db.rowsNear(polygonBound(polygon)), query, (_, __, at) => isInPolygon(polygon, at.x, at.y, at.z));
    } else {
      const { moc } = region;
      yield* this.#answer(this.#db.allRows(), query, (columns, row) => isInMoc(moc, columns.raDeg[row], columns.decDeg[row]));
    }
  }

  async nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    const wanted = Math.min(k, query.limit);
    for (let radiusRad = Math.min(at.radiusRad, FIRST_NEAREST_RAD); ; radiusRad = Math.min(at.radiusRad, 8 * radiusRad)) {
      const isLast = radiusRad >= at.radiusRad;
      const cone = isLast ? at : coneOf(at.raDeg, at.decDeg, radiusRad);
      const rows = await this.#gather(this.#db.rowsNear(cone), query, (_, __, v) => isInside(cone, v.x, v.y, v.z), cone);
      if (!isLast && rows.length < wanted) continue;
      const sep = rows.sepArcsec;
      const order = Uint32Array.from({ length: rows.length }, (_, row) => row);
      order.sort((a, b) => sep[a] - sep[b] || compareRows(rows, a, rows, b));
      return picked(rows, order.subarray(0, Math.max(0, wanted)));
    }
  }

  async *lightCurve(objectId: string, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    const all = new DetectionColumns(64);
    for (const object of await this.#objectsNamed(objectId)) {
      const { rows, aliases } = await this.#rowsOf(object);
      if (object.objectId !== objectId && !aliases.has(objectId)) continue;
      for (let row = 0; row < rows.length; row++) if (passes(query, rows, row)) all.copyRow(rows, row);
    }
    yield* batches(all, query.limit);
  }

  async *night(night: number, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    yield* this.#answer(this.#db.rowsOfNights(night, night), query, (columns, row) => nightOfRow(columns, row) === night);
  }

  async detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    const out = new DetectionColumns(1);
    const [json] = await this.#db.rowsById([`${survey}:${sourceId}`]);
    if (json === null) return out;
    readRowJson(json, out);
    // "a:b" + "c" and "a" + "b:c" are one key of two different detections.
    if (out.surveyOf(0) !== survey) out.length = 0;
    return out;
  }

  async objects(objectId: string): Promise<readonly ObjectRecord[]> {
    const records: ObjectRecord[] = [];
    for (const object of await this.#objectsNamed(objectId)) {
      const { rows, aliases } = await this.#rowsOf(object);
      if (rows.length === 0 || (object.objectId !== objectId && !aliases.has(objectId))) continue;
      const times = rows.mjdTai.subarray(0, rows.length).toSorted();
      records.push({
        objectId: object.objectId,
        aliases: [...aliases].sort(),
        raDeg: object.raDeg,
        decDeg: object.decDeg,
        detections: rows.length,
        mjdTaiFirst: times[0],
        mjdTaiLast: times[times.length - 1],
      });
    }
    return records.sort((a, b) => (a.objectId < b.objectId ? -1 : 1));
  }

  async summary(): Promise<StoreSummary> {
    const started = performance.now();
    if (this.#summary !== null && started < this.#summary.until) return this.#summary.value;
    let detections = 0;
    let [first, last] = [Infinity, -Infinity];
    const row = new DetectionColumns(1);
    for await (const json of this.#db.allRows()) {
      row.length = 0;
      readRowJson(json, row);
      detections++;
      first = Math.min(first, row.mjdTai[0]);
      last = Math.max(last, row.mjdTai[0]);
    }
    const server = await this.#db.server();
    const limit = Number(server.get('max_heap_size') ?? 0);
    const hasLog = Number(server.get('aof_size') ?? 0) > 0;
    const value: StoreSummary = {
      engine: 'tile38',
      detections,
      objects: await this.#db.countObjects(),
      mjdTaiFirst: detections === 0 ? null : first,
      mjdTaiLast: detections === 0 ? null : last,
      surveys: row.surveys.names.slice(1).sort(),
      bytesUsed: Number(server.get('heap_size') ?? 0),
      bytesLimit: limit > 0 ? limit : null,
      durability: `tile38: live sky of ${String(this.#rules.windowNights)} nights, ${hasLog ? 'append-only file synced every second' : 'append-only file empty or off'}`,
      recovery: null,
    };
    const ended = performance.now();
    this.#summary = { value, until: ended + (ended - started > 50 ? SUMMARY_REST * (ended - started) : 0) };
    return value;
  }

  put(batch: DetectionColumns): Promise<PutSummary> {
    return this.#inTurn(() => putLive(this.#db, this.#rules, batch));
  }

  evictBefore(mjdTai: number): Promise<number> {
    return this.#inTurn(() => this.#evict(mjdTai));
  }

  async close(): Promise<void> {
    await this.#lastWrite.catch(() => undefined);
    this.#client.close();
  }

  /** Writes go one after the other: association looks at what is there. */
  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const turn = this.#lastWrite.then(write, write);
    this.#lastWrite = turn.catch(() => undefined);
    return turn;
  }

  async #evict(mjdTai: number): Promise<number> {
    const ids: string[] = [];
    const touched = new Map<string, Set<string>>();
    for await (const json of this.#db.rowsOfNights(0, Math.ceil(mjdTai))) {
      const row = new DetectionColumns(1);
      const { joined, alias } = readRowJson(json, row);
      const longitudeDeg = eastLongitudeDegOf(row.stations.names[row.station[0]]) ?? 0;
      if (nightEndTai(nightOfRow(row, 0), longitudeDeg) > mjdTai) continue;
      ids.push(keyOf(row, 0));
      const aliases = touched.get(joined) ?? new Set();
      if (alias !== null) aliases.add(alias);
      touched.set(joined, aliases);
    }
    for (let from = 0; from < ids.length; from += BATCH_ROWS) await this.#db.dropRows(ids.slice(from, from + BATCH_ROWS));
    for (const [objectId, aliases] of touched) {
      const object = await this.#db.object(objectId);
      if (object !== null && (await this.#rowsOf(object)).rows.length === 0) await this.#db.dropObject(objectId, aliases);
    }
    this.#summary = null;
    return ids.length;
  }

  async #objectsNamed(name: string): Promise<LiveObject[]> {
    const ids = new Set([name, ...(await this.#db.objectIdsNamed(name))]);
    const found: LiveObject[] = [];
    for (const id of ids) {
      const object = await this.#db.object(id);
      if (object !== null) found.push(object);
    }
    return found;
  }

  /** An object's rows and the surveys' own ids that they carry. */
  async #rowsOf(object: LiveObject): Promise<{ rows: DetectionColumns; aliases: Set<string> }> {
    const rows = new DetectionColumns(16);
    const aliases = new Set<string>();
    const cone = coneOf(object.raDeg, object.decDeg, this.#rules.reachArcsec * RAD_PER_ARCSEC);
    for await (const json of this.#db.rowsNear(cone)) {
      const { joined, alias } = readRowJson(json, rows);
      if (joined !== object.objectId) rows.length--;
      else if (alias !== null) aliases.add(alias);
    }
    return { rows, aliases };
  }

  async *#answer(
    from: AsyncIterable<string>,
    query: DetectionQuery,
    test: RowTest,
    centre: Cone | null = null,
  ): AsyncGenerator<DetectionColumns> {
    yield* batches(await this.#gather(from, query, test, centre), query.limit);
  }

  async #gather(from: AsyncIterable<string>, query: DetectionQuery, test: RowTest, centre: Cone | null): Promise<DetectionColumns> {
    const rows = new DetectionColumns(64);
    checkSignal(query);
    for await (const json of from) {
      const read = readRowJson(json, rows);
      const { row } = read;
      const at = unitVector(rows.raDeg[row], rows.decDeg[row]);
      if (!test(rows, row, at, read) || !passes(query, rows, row)) rows.length--;
      else if (centre !== null) rows.sepArcsec[row] = separationRad(centre, at) * ARCSEC_PER_RAD;
    }
    checkSignal(query);
    return rows;
  }
}

function passes({ window, filter, after }: DetectionQuery, columns: DetectionColumns, row: number): boolean {
  if (!passesWindow(window, columns.mjdTai[row]) || !passesFilter(filter, columns, row)) return false;
  return after === undefined || compareKeys(rowKey(columns, row), after) > 0;
}

function* batches(rows: DetectionColumns, limit: number): Generator<DetectionColumns> {
  const order = Uint32Array.from({ length: rows.length }, (_, row) => row);
  order.sort((a, b) => compareRows(rows, a, rows, b));
  const n = Math.min(order.length, Math.max(0, limit));
  for (let from = 0; from < n; from += BATCH_ROWS) yield picked(rows, order.subarray(from, Math.min(n, from + BATCH_ROWS)));
}

function picked(rows: DetectionColumns, order: Uint32Array): DetectionColumns {
  const { surveys, stations, bands } = rows;
  const out = new DetectionColumns(Math.max(1, order.length), { surveys, stations, bands });
  for (const row of order) out.copyRow(rows, row);
  return out;
}

function nightOfRow(columns: DetectionColumns, row: number): number {
  return nightOf(columns.mjdTai[row], columns.stations.names[columns.station[row]]);
}

function checkSignal({ signal }: DetectionQuery): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'the query was cancelled');
}
