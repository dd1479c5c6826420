// Detections by id, objects and light curves. An object's detections lie within the association radius of the
// one that founded it, so its light curve is a tiny cone and a look at each row's object.

import { DetectionColumns } from '../../model/columns.ts';
import { int64OfText } from '../../model/ids.ts';
import type { DetectionQuery } from '../../model/window.ts';
import { RAD_PER_ARCSEC, RAD_PER_DEG } from '../../sky/angle.ts';
import { smallConeCover } from '../../sky/healpix/cover.ts';
import {
  ROW_DEC,
  ROW_MJD,
  ROW_RA,
  aliasAt,
  floatColumnsOf,
  foundedObjectAt,
  isSameRef,
  objectIdOf,
  objectRefAt,
  ownRefAt,
  unpackRow,
  type ObjectRef,
  type Packed,
} from '../packedRow.ts';
import type { ObjectRecord } from '../store.ts';
import { readBlocks, rowsOf } from './blocks.ts';
import { idKeyOf } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { objectsNamed, type NamedObject } from './indexes.ts';
import { bucketOfId } from './layout.ts';
import type { Reader } from './reader.ts';
import { freshNames } from './rowsOut.ts';

/** Objects whose blocks are read at a time: an alias of a moving object may name thousands. */
const OBJECTS_AT_A_TIME = 100;

const CELLS = new Float64Array(12);

export class Lookups {
  readonly #context: RedisContext;
  readonly #reader: Reader;

  constructor(context: RedisContext, reader: Reader) {
    this.#context = context;
    this.#reader = reader;
  }

  async detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    const out = new DetectionColumns(1, this.#context.names);
    const found = await this.#rowOf(survey, sourceId);
    if (found !== null) unpackRow(found.block, found.at, out, floatColumnsOf(out));
    return out;
  }

  async objects(objectId: string): Promise<readonly ObjectRecord[]> {
    const records: ObjectRecord[] = [];
    await this.#eachObject(await this.#objectsOf(objectId), (object, rows) => {
      const id = objectIdOf(object, this.#context.names.surveys);
      const aliases = new Set<string>();
      let mjdTaiFirst = Infinity;
      let mjdTaiLast = -Infinity;
      for (const [block, at] of rows) {
        const mjdTai = block.view.getFloat64(at + ROW_MJD, true);
        if (mjdTai < mjdTaiFirst) mjdTaiFirst = mjdTai;
        if (mjdTai > mjdTaiLast) mjdTaiLast = mjdTai;
        const alias = aliasAt(block, at);
        if (alias !== null) aliases.add(alias);
      }
      if (rows.length === 0 || (id !== objectId && !aliases.has(objectId))) return;
      const { raDeg, decDeg } = object;
      records.push({ objectId: id, aliases: [...aliases].sort(), raDeg, decDeg, detections: rows.length, mjdTaiFirst, mjdTaiLast });
    });
    return records.sort((a, b) => (a.objectId < b.objectId ? -1 : 1));
  }

  async *lightCurve(objectId: string, query: DetectionQuery): AsyncGenerator<DetectionColumns> {
    const objects = await this.#objectsOf(objectId);
    if (objects.length === 0) return;
    yield* this.#reader.answer(query, null, async (collector) => {
      const blocks = new Map<Packed, Set<number>>();
      await this.#eachObject(objects, (object, rows) => {
        const isOwn = objectIdOf(object, this.#context.names.surveys) === objectId;
        if (!isOwn && !rows.some(([block, at]) => aliasAt(block, at) === objectId)) return;
        for (const [block, at] of rows) {
          const wanted = blocks.get(block);
          if (wanted === undefined) blocks.set(block, new Set([at]));
          else wanted.add(at);
        }
      });
      for (const [block, wanted] of blocks) collector.add(block, false, (_, at) => wanted.has(at));
    });
  }

  /** Candidates for an object id or alias: each once. */
  async #objectsOf(objectId: string): Promise<NamedObject[]> {
    const found = await objectsNamed(this.#context, objectId);
    // A survey's name may hold a colon itself: every split is tried.
    for (let colon = objectId.indexOf(':'); colon >= 0; colon = objectId.indexOf(':', colon + 1)) {
      const row = await this.#rowOf(objectId.slice(0, colon), objectId.slice(colon + 1));
      if (row === null || !foundedObjectAt(row.block, row.at)) continue;
      const { view } = row.block;
      found.push({
        ...ownRefAt(row.block, row.at),
        raDeg: view.getFloat64(row.at + ROW_RA, true),
        decDeg: view.getFloat64(row.at + ROW_DEC, true),
      });
    }
    return found.filter((object, i) => found.findIndex((other) => isSameRef(object, other)) === i);
  }

  /** Calls back with each object and its rows. */
  async #eachObject(objects: readonly NamedObject[], use: (object: NamedObject, rows: readonly [Packed, number][]) => void): Promise<void> {
    const { layout } = this.#context;
    for (let from = 0; from < objects.length; from += OBJECTS_AT_A_TIME) {
      const part = objects.slice(from, from + OBJECTS_AT_A_TIME);
      const cells = part.map(({ raDeg, decDeg }) => {
        const reachRad = layout.reachArcsec * RAD_PER_ARCSEC;
        const cover = smallConeCover(raDeg * RAD_PER_DEG, decDeg * RAD_PER_DEG, reachRad, layout.blockOrder, CELLS);
        return Array.from(CELLS.subarray(0, cover.n));
      });
      const pixels = [...new Set(cells.flat())];
      const blocks = await readBlocks(this.#context, pixels);
      await freshNames(this.#context, blocks);
      const byPixel = new Map(pixels.map((pixel, p) => [pixel, blocks[p]]));
      part.forEach((object, o) => {
        const rows: [Packed, number][] = [];
        for (const pixel of cells[o]) {
          const block = byPixel.get(pixel);
          if (block === null || block === undefined) continue;
          for (const at of rowsOf(block)) if (isSameRef(objectRefAt(block, at), object)) rows.push([block, at]);
        }
        use(object, rows);
      });
    }
  }

  async #rowOf(survey: string, sourceId: string): Promise<{ block: Packed; at: number } | null> {
    const { names, keys, reads, layout } = this.#context;
    if (names.surveys.find(survey) === undefined) await names.refresh();
    const number = names.surveys.find(survey);
    if (number === undefined || number === 0) return null;
    const id = int64OfText(sourceId);
    const ref: ObjectRef = { survey: number, id: id ?? 0n, idText: id === null ? sourceId : null };
    const key = idKeyOf(ref);
    const bucket = bucketOfId(layout, key, 0, key.length);
    const bucketKey = keys.ids(Math.floor(bucket / layout.idBuckets)) + String(bucket % layout.idBuckets);
    const place = await reads.ask((redis) => redis.hgetBuffer(bucketKey, key));
    if (place === null) return null;
    const [block] = await readBlocks(this.#context, [place.readUInt32BE(0)]);
    if (block === null) return null;
    await freshNames(this.#context, [block]);
    for (const at of rowsOf(block)) if (isSameRef(ownRefAt(block, at), ref)) return { block, at };
    return null;
  }
}
