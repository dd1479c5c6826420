// Places and nights: which blocks to read, and the rows in them.
//
//   a few pixels       their blocks, one MGET a shard
//   a wider region     the same, shard by shard; the pixel map spares asking for empty pixels
//   wide, a few nights GEO of (shard, night) says which pixels have such rows: the blocks of the others,
//                      full of other nights, stay where they are
//   nearest            a small cone; if that is not enough, GEO of the objects bounds the distance

import { AppError } from '../../errors.ts';
import { DetectionColumns } from '../../model/columns.ts';
import { nightAtLongitude, nightWindow } from '../../model/night.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import type { DetectionQuery, TimeWindow } from '../../model/window.ts';
import { RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { coneOf } from '../../sky/cone.ts';
import { isInMoc } from '../../sky/moc.ts';
import { isInPolygon } from '../../sky/polygon.ts';
import type { Cone } from '../../sky/regions.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import { ROW_DEC, ROW_MJD, ROW_RA, stationAt, type Packed } from '../packedRow.ts';
import type { Region } from '../store.ts';
import { readBlocks } from './blocks.ts';
import type { RedisContext } from './context.ts';
import { GEO_MAX_RADIUS_RAD, GEO_PAD_RAD, LAT, LON, LocalFrame, geoRadiusM, radOfGeoM } from './localFrame.ts';
import { planOfCone, planOfRegion, type Plan, type Span } from './plan.ts';
import { RowCollector, freshNames, type RowTest } from './rowsOut.ts';

/** Blocks of one read of a wide region: about 1 MB. */
const READ_BLOCKS = 512;
/** Rows held for one pass of an answer; a larger answer takes several passes, each from where the last ended. */
const MAX_HELD_ROWS = 500_000;
/**
 * A region of at most so many nights goes through the nights' GEO sets where its blocks are larger than this together.
 * Below, reading them all is faster: 30' of 20 epochs (130 kB) took 0.34 ms of CPU against 0.41 by GEO.
 */
const GEO_MIN_BYTES = 400_000;
const GEO_MAX_NIGHTS = 4;
const FIRST_NEAREST_RAD = 30 * RAD_PER_ARCSEC;
/** Shards that are read ahead of each other. */
const SHARDS_AHEAD = 4;

const AT = new Float64Array(3);
const LOCAL = new Float64Array(2);

export class Reader {
  readonly #context: RedisContext;
  readonly #geoMinBytes: number;
  readonly #frames = new Map<number, LocalFrame>();
  /** Mean size of the blocks of late reads, empty places counted. */
  #blockBytes = 1000;

  constructor(context: RedisContext, geoMinBytes = GEO_MIN_BYTES) {
    this.#context = context;
    this.#geoMinBytes = geoMinBytes;
  }

  async *cone(cone: Cone, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    const plan = planOfCone(cone, this.#context.layout);
    yield* this.answer(query, cone, (rows) => this.#scan(plan, query, rows, null, cone));
  }

  async *region(region: Region, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    const plan = planOfRegion(region, this.#context.layout);
    const test: RowTest =
      region.kind === 'polygon'
        ? ({ view }, at) => {
            unitVectorInto(view.getFloat64(at + ROW_RA, true), view.getFloat64(at + ROW_DEC, true), AT, 0);
            return isInPolygon(region.polygon, AT[0], AT[1], AT[2]);
          }
        : ({ view }, at) => isInMoc(region.moc, view.getFloat64(at + ROW_RA, true), view.getFloat64(at + ROW_DEC, true));
    yield* this.answer(query, null, (rows) => this.#scan(plan, query, rows, test, null));
  }

  async *night(night: number, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    const { keys, reads, names } = this.#context;
    const window = nightWindow(night);
    const inNight: DetectionQuery = { ...query, window: overlap(window, query.window) };
    const test: RowTest = ({ view }, at) => {
      const station = names.stations.names[stationAt(view, at)];
      return nightAtLongitude(view.getFloat64(at + ROW_MJD, true), eastLongitudeDegOf(station) ?? 0) === night;
    };
    yield* this.answer(inNight, null, async (rows) => {
      const shards = (await reads.ask((redis) => redis.smembers(keys.shardsOfNight(night)))).map(Number);
      await inTurn(shards, async (shard) => {
        const pixels = await this.#pixelsOfNights(shard, [night], null);
        await this.#read(pixels, query, rows, test);
      });
    });
  }

  async nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    const { layout, names } = this.#context;
    const wanted = Math.min(k, query.limit);
    if (wanted <= 0) return new DetectionColumns(1, names);
    let radiusRad = Math.min(at.radiusRad, FIRST_NEAREST_RAD);
    let wasBounded = false;
    for (;;) {
      const isLast = radiusRad >= at.radiusRad;
      const cone = isLast ? at : coneOf(at.raDeg, at.decDeg, radiusRad);
      const rows = new RowCollector(names, query, wanted, query.after, cone, true);
      await this.#scan(planOfCone(cone, layout), query, rows, null, cone);
      if (isLast || rows.length >= wanted) {
        for (const batch of rows.batches()) return batch;
        return new DetectionColumns(1, names);
      }
      // Each object has a detection within its reach, so k objects bound the distance of k detections,
      // unless a filter takes them away: then the circle grows on.
      const bound: number = wasBounded ? Infinity : await this.#boundOfNearest(at, wanted);
      wasBounded = true;
      radiusRad = Math.min(at.radiusRad, bound > radiusRad && bound < Infinity ? bound : 6 * radiusRad);
    }
  }

  /** Runs passes over the same blocks until the limit or the end of the answer. */
  async *answer(query: DetectionQuery, from: Cone | null, scan: (rows: RowCollector) => Promise<void>): AsyncGenerator<DetectionColumns> {
    checkSignal(query);
    let { after } = query;
    for (let left = query.limit; left > 0; left -= MAX_HELD_ROWS) {
      const rows = new RowCollector(this.#context.names, query, Math.min(left, MAX_HELD_ROWS), after, from);
      await scan(rows);
      checkSignal(query);
      yield* rows.batches();
      if (!rows.wasCut) return;
      after = rows.lastKey();
    }
  }

  async #scan(plan: Plan, query: DetectionQuery, rows: RowCollector, test: RowTest | null, cone: Cone | null): Promise<void> {
    const nights = plan.pixels * this.#blockBytes > this.#geoMinBytes ? nightsOf(query.window) : null;
    if (nights === null && plan.pixels <= READ_BLOCKS) {
      const spans = [...plan.spans.values()].flat();
      await this.#readSpans(spans, query, rows, test);
      return;
    }
    let shards = [...plan.spans.keys()];
    if (shards.length > 64) {
      const { keys, reads } = this.#context;
      const used = new Set((await reads.ask((redis) => redis.smembers(keys.shards()))).map(Number));
      shards = shards.filter((shard) => used.has(shard));
    }
    await inTurn(shards, async (shard) => {
      const spans = plan.spans.get(shard) ?? [];
      const occupied = nights === null ? await this.#occupied(shard) : await this.#pixelsOfNights(shard, nights, cone);
      const pixels: number[] = [];
      const sure: number[] = [];
      let s = 0;
      for (const pixel of occupied) {
        while (s < spans.length && spans[s].high <= pixel) s++;
        if (s < spans.length && spans[s].low <= pixel) (spans[s].isInside ? sure : pixels).push(pixel);
      }
      await this.#read(pixels, query, rows, test);
      await this.#read(sure, query, rows, test, true);
    });
  }

  async #readSpans(spans: readonly Span[], query: DetectionQuery, rows: RowCollector, test: RowTest | null): Promise<void> {
    checkSignal(query);
    const pixels: number[] = [];
    const inside: boolean[] = [];
    for (const { low, high, isInside } of spans) {
      for (let pixel = low; pixel < high; pixel++) {
        pixels.push(pixel);
        inside.push(isInside);
      }
    }
    const blocks = await this.#blocksOf(pixels);
    blocks.forEach((block, p) => {
      if (block !== null) rows.add(block, inside[p], test);
    });
  }

  async #read(pixels: readonly number[], query: DetectionQuery, rows: RowCollector, test: RowTest | null, isInside = false): Promise<void> {
    for (let from = 0; from < pixels.length; from += READ_BLOCKS) {
      checkSignal(query);
      const blocks = await this.#blocksOf(pixels.slice(from, from + READ_BLOCKS));
      for (const block of blocks) if (block !== null) rows.add(block, isInside, test);
    }
  }

  async #blocksOf(pixels: readonly number[]): Promise<(Packed | null)[]> {
    const blocks = await readBlocks(this.#context, pixels);
    await freshNames(this.#context, blocks);
    if (pixels.length > 0) {
      let bytes = 0;
      for (const block of blocks) bytes += block?.bytes.length ?? 0;
      this.#blockBytes += 0.05 * (bytes / pixels.length - this.#blockBytes);
    }
    return blocks;
  }

  /** Pixels of a shard that have a block, ascending. */
  async #occupied(shard: number): Promise<number[]> {
    const { keys, reads, layout } = this.#context;
    const map = await reads.ask((redis) => redis.getBuffer(keys.pixelMap(shard)));
    const pixels: number[] = [];
    map?.forEach((byte, i) => {
      for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) pixels.push(shard * layout.blocksPerShard + 8 * i + bit);
    });
    return pixels;
  }

  /** Pixels of a shard with rows of these nights, and of this cone as far as GEO can tell; ascending. */
  async #pixelsOfNights(shard: number, nights: readonly number[], cone: Cone | null): Promise<number[]> {
    const { keys, reads, layout } = this.#context;
    const pixels = new Set<number>();
    await Promise.all(
      nights.map(async (night) => {
        const members = await reads.ask(async (redis) => {
          const key = keys.night(shard, night);
          if (cone === null || cone.radiusRad > GEO_MAX_RADIUS_RAD) return redis.zrangeBuffer(key, 0, '-1');
          this.#frameOf(shard).toLocal(cone.x, cone.y, cone.z, LOCAL);
          const found = await redis.callBuffer(
            ...([
              'GEOSEARCH',
              key,
              'FROMLONLAT',
              String(LOCAL[LON]),
              String(LOCAL[LAT]),
              'BYRADIUS',
              String(geoRadiusM(cone.radiusRad)),
              'm',
            ] as const),
          );
          return found as Buffer[];
        });
        for (const member of members) pixels.add(shard * layout.blocksPerShard + member.readUInt16BE(0));
      }),
    );
    return [...pixels].sort((a, b) => a - b);
  }

  /** A radius that surely holds k detections, by the k nearest objects; Infinity where GEO can't tell. */
  async #boundOfNearest(at: Cone, k: number): Promise<number> {
    const { keys, reads, layout } = this.#context;
    const radiusRad = Math.min(at.radiusRad, GEO_MAX_RADIUS_RAD);
    const plan = planOfCone(coneOf(at.raDeg, at.decDeg, radiusRad), layout);
    const distances: number[] = [];
    await Promise.all(
      [...plan.spans.keys()].map(async (shard) => {
        const found = (await reads.ask((redis) => {
          this.#frameOf(shard).toLocal(at.x, at.y, at.z, LOCAL);
          return redis.call(
            ...([
              'GEOSEARCH',
              keys.places(shard),
              'FROMLONLAT',
              String(LOCAL[LON]),
              String(LOCAL[LAT]),
              'BYRADIUS',
              String(geoRadiusM(radiusRad)),
              'm',
            ] as const),
            ...(['ASC', 'COUNT', String(k), 'WITHDIST'] as const),
          );
        })) as [string, string][];
        for (const [, distanceM] of found) distances.push(radOfGeoM(Number(distanceM)));
      }),
    );
    if (distances.length < k) return Infinity;
    distances.sort((a, b) => a - b);
    return distances[k - 1] + layout.reachArcsec * RAD_PER_ARCSEC + 2 * GEO_PAD_RAD;
  }

  #frameOf(shard: number): LocalFrame {
    let frame = this.#frames.get(shard);
    if (frame === undefined) {
      frame = new LocalFrame(this.#context.layout.shardOrder, shard);
      this.#frames.set(shard, frame);
    }
    return frame;
  }
}

function checkSignal({ signal }: DetectionQuery): void {
  if (signal?.aborted === true) throw new AppError('cancelled', 'the query was cancelled');
}

function overlap(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { mjdMinTai: Math.max(a.mjdMinTai, b.mjdMinTai), mjdMaxTai: Math.min(a.mjdMaxTai, b.mjdMaxTai) };
}

/** The nights, at whatever longitude, that a window may touch; null where they are many. */
function nightsOf({ mjdMinTai, mjdMaxTai }: TimeWindow): number[] | null {
  if (!(mjdMaxTai - mjdMinTai <= GEO_MAX_NIGHTS)) return null;
  const nights: number[] = [];
  for (let night = Math.floor(mjdMinTai) - 2; night <= Math.ceil(mjdMaxTai); night++) {
    const bounds = nightWindow(night);
    if (bounds.mjdMinTai < mjdMaxTai && bounds.mjdMaxTai > mjdMinTai) nights.push(night);
  }
  return nights.length > GEO_MAX_NIGHTS ? null : nights;
}

/** Runs a task for each item, a few at a time. */
async function inTurn(items: readonly number[], task: (item: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await task(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(SHARDS_AHEAD, items.length) }, worker));
}
