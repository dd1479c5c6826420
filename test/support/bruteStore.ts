// A store that is right because there is nothing in it to be wrong: a list of rows, a list of objects, and
// a scan of all of them for every question. The oracle of the property tests. It shares with the engines
// only the sky's own rules (cone, polygon, MOC), the row order and the filter.

import { AppError } from '../../src/errors.ts';
import { DetectionColumns } from '../../src/model/columns.ts';
import { FIELDS } from '../../src/model/fields.ts';
import { passesFilter, passesWindow } from '../../src/model/filter.ts';
import { compareSourceIds } from '../../src/model/ids.ts';
import { nightEndTai, nightOf } from '../../src/model/night.ts';
import { compareKeys, rowKey } from '../../src/model/order.ts';
import { eastLongitudeDegOf } from '../../src/model/stations.ts';
import type { DetectionQuery } from '../../src/model/window.ts';
import { ARCSEC_PER_RAD, RAD_PER_ARCSEC } from '../../src/sky/angle.ts';
import { coneOf, isInside, separationRad } from '../../src/sky/cone.ts';
import { isInMoc } from '../../src/sky/moc.ts';
import { isInPolygon } from '../../src/sky/polygon.ts';
import type { Cone, UnitVector } from '../../src/sky/regions.ts';
import { unitVector } from '../../src/sky/vector.ts';
import type { DetectionStore, ObjectRecord, PutSummary, Region, RejectedRow, StoreSummary } from '../../src/store/store.ts';

export interface BruteStoreOptions {
  /** 1.0 */
  readonly associationRadiusArcsec?: number;
  /** Instead of it for these surveys. */
  readonly radiusArcsecBySurvey?: Readonly<Record<string, number>>;
}

interface BruteObject {
  readonly id: string;
  readonly at: UnitVector;
  readonly survey: string;
  readonly sourceId: string;
  readonly raDeg: number;
  readonly decDeg: number;
  /** With the survey: the exposure that founded it. */
  readonly mjdTai: number;
}

/** One detection, in a DetectionColumns of its own. */
interface BruteRow {
  readonly columns: DetectionColumns;
  readonly at: UnitVector;
  readonly object: BruteObject;
}

export function openBruteStore(options: BruteStoreOptions = {}): Promise<DetectionStore> {
  return Promise.resolve(new BruteStore(options));
}

class BruteStore implements DetectionStore {
  /** By key. */
  #rows = new Map<string, BruteRow>();
  /** Those with a detection. */
  #objects: BruteObject[] = [];
  readonly #options: BruteStoreOptions;
  readonly #radiusArcsec: ReadonlyMap<string, number>;

  constructor(options: BruteStoreOptions) {
    this.#options = options;
    this.#radiusArcsec = new Map(Object.entries(options.radiusArcsecBySurvey ?? {}));
  }

  put(batch: DetectionColumns): Promise<PutSummary> {
    let accepted = 0;
    let duplicates = 0;
    const rejected: RejectedRow[] = [];
    const unassociated: number[] = [];
    for (let row = 0; row < batch.length; row++) {
      const key = keyOf(batch, row);
      const stored = this.#rows.get(key);
      if (stored !== undefined) {
        const field = differingField(stored.columns, batch, row);
        if (field === null) duplicates++;
        else rejected.push({ row, code: 'already_exists', message: `${key} is stored with another ${field}` });
        continue;
      }
      const columns = new DetectionColumns(1);
      columns.copyRow(batch, row);
      columns.sepArcsec[0] = NaN;
      const near = this.#nearestObject(columns);
      this.#rows.set(key, { columns, at: vectorOf(columns), object: near ?? this.#found(columns) });
      accepted++;
      if (near === null) unassociated.push(row);
    }
    return Promise.resolve({ accepted, duplicates, rejected, unassociated });
  }

  evictBefore(mjdTai: number): Promise<number> {
    const before = this.#rows.size;
    this.#rows = new Map([...this.#rows].filter(([, { columns }]) => nightEndOf(columns) > mjdTai));
    const left = new Set([...this.#rows.values()].map(({ object }) => object));
    this.#objects = this.#objects.filter((object) => left.has(object));
    return Promise.resolve(before - this.#rows.size);
  }

  cone(cone: Cone, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#answer(query, ({ at }) => isInside(cone, at.x, at.y, at.z), cone);
  }

  region(region: Region, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#answer(query, ({ columns, at }) =>
      region.kind === 'polygon' ? isInPolygon(region.polygon, at.x, at.y, at.z) : isInMoc(region.moc, columns.raDeg[0], columns.decDeg[0]),
    );
  }

  nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    const rows = this.#select(query, (row) => isInside(at, row.at.x, row.at.y, row.at.z));
    // The sort is stable: rows at one separation stay in row order.
    rows.sort((a, b) => separationRad(at, a.at) - separationRad(at, b.at));
    return Promise.resolve(columnsOfRows(rows.slice(0, Math.min(k, query.limit)), at));
  }

  lightCurve(objectId: string, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    const objects = new Set(this.#objectsNamed(objectId));
    return this.#answer(query, ({ object }) => objects.has(object));
  }

  night(night: number, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#answer(query, ({ columns }) => nightOf(columns.mjdTai[0], stationOf(columns)) === night);
  }

  detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    const rows = [...this.#rows.values()].filter(({ columns }) => columns.surveyOf(0) === survey && columns.sourceIdOf(0) === sourceId);
    return Promise.resolve(columnsOfRows(rows, null));
  }

  objects(objectId: string): Promise<readonly ObjectRecord[]> {
    const records = this.#objectsNamed(objectId).map((object): ObjectRecord => {
      const rows = [...this.#rows.values()].filter((row) => row.object === object);
      const times = rows.map(({ columns }) => columns.mjdTai[0]);
      return {
        objectId: object.id,
        aliases: [...new Set(rows.map(({ columns }) => columns.objectId[0]).filter((alias) => alias !== null))].sort(),
        raDeg: object.raDeg,
        decDeg: object.decDeg,
        detections: rows.length,
        mjdTaiFirst: Math.min(...times),
        mjdTaiLast: Math.max(...times),
      };
    });
    return Promise.resolve(records.sort((a, b) => (a.objectId < b.objectId ? -1 : 1)));
  }

  summary(): Promise<StoreSummary> {
    const times = [...this.#rows.values()].map(({ columns }) => columns.mjdTai[0]);
    const isEmpty = times.length === 0;
    return Promise.resolve({
      engine: 'memory',
      detections: this.#rows.size,
      objects: this.#objects.length,
      mjdTaiFirst: isEmpty ? null : times.reduce((a, b) => Math.min(a, b)),
      mjdTaiLast: isEmpty ? null : times.reduce((a, b) => Math.max(a, b)),
      surveys: [...new Set([...this.#rows.values()].map(({ columns }) => columns.surveyOf(0)))].sort(),
      bytesUsed: 0,
      bytesLimit: null,
      durability: 'none: a reference for tests',
      recovery: null,
    });
  }

  close(): Promise<void> {
    this.#rows.clear();
    return Promise.resolve();
  }

  #objectsNamed(name: string): BruteObject[] {
    const named = [...this.#rows.values()].filter(({ columns, object }) => object.id === name || columns.objectId[0] === name);
    return [...new Set(named.map(({ object }) => object))];
  }

  #nearestObject(row: DetectionColumns): BruteObject | null {
    const survey = row.surveyOf(0);
    const radiusArcsec = this.#radiusArcsec.get(survey) ?? this.#options.associationRadiusArcsec ?? 1;
    const cone = coneOf(row.raDeg[0], row.decDeg[0], radiusArcsec * RAD_PER_ARCSEC);
    let nearest: BruteObject | null = null;
    for (const object of this.#objects) {
      if (!isInside(cone, object.at.x, object.at.y, object.at.z)) continue;
      // Two sources of one exposure are two objects.
      if (object.survey === survey && object.mjdTai === row.mjdTai[0]) continue;
      if (nearest === null || isNearer(cone, object, nearest)) nearest = object;
    }
    return nearest;
  }

  /** The object that starts with this row, or the one that did before its night was forgotten: an id is one object's. */
  #found(row: DetectionColumns): BruteObject {
    const id = keyOf(row, 0);
    const known = this.#objects.find((object) => object.id === id);
    if (known !== undefined) return known;
    const object: BruteObject = {
      id,
      at: vectorOf(row),
      survey: row.surveyOf(0),
      sourceId: row.sourceIdOf(0),
      raDeg: row.raDeg[0],
      decDeg: row.decDeg[0],
      mjdTai: row.mjdTai[0],
    };
    this.#objects.push(object);
    return object;
  }

  #select(query: DetectionQuery, isIn: (row: BruteRow) => boolean): BruteRow[] {
    const { window, filter, after } = query;
    return [...this.#rows.values()]
      .filter(isIn)
      .filter(({ columns }) => passesWindow(window, columns.mjdTai[0]) && passesFilter(filter, columns, 0))
      .filter(({ columns }) => after === undefined || compareKeys(rowKey(columns, 0), after) > 0)
      .sort((a, b) => compareKeys(rowKey(a.columns, 0), rowKey(b.columns, 0)));
  }

  async *#answer(query: DetectionQuery, isIn: (row: BruteRow) => boolean, from: Cone | null = null): AsyncGenerator<DetectionColumns> {
    if (query.signal?.aborted === true) throw new AppError('cancelled', 'the query was cancelled');
    const rows = this.#select(query, isIn).slice(0, query.limit);
    // Small batches, so that whoever reads this store learns to read several.
    for (let first = 0; first < rows.length; first += 100) yield columnsOfRows(rows.slice(first, first + 100), from);
  }
}

function columnsOfRows(rows: readonly BruteRow[], from: Cone | null): DetectionColumns {
  const out = new DetectionColumns(Math.max(1, rows.length));
  for (const { columns, at, object } of rows) {
    const i = out.copyRow(columns, 0);
    out.objectId[i] = columns.objectId[0] ?? object.id;
    if (from !== null) out.sepArcsec[i] = separationRad(from, at) * ARCSEC_PER_RAD;
  }
  return out;
}

/** Outside name of a field in which the row differs from the stored one, null when it is the same. */
function differingField(stored: DetectionColumns, batch: DetectionColumns, row: number): string | null {
  return FIELDS.find((field) => !Object.is(field.value(stored, 0), field.value(batch, row)))?.name ?? null;
}

function nightEndOf(columns: DetectionColumns): number {
  const station = stationOf(columns);
  return nightEndTai(nightOf(columns.mjdTai[0], station), eastLongitudeDegOf(station) ?? 0);
}

/** Ties go to the smaller object id, ids compared as rows are: survey, then source id. */
function isNearer(from: UnitVector, a: BruteObject, b: BruteObject): boolean {
  const difference = chordSq(from, a.at) - chordSq(from, b.at);
  if (difference !== 0) return difference < 0;
  return a.survey === b.survey ? compareSourceIds(a.sourceId, b.sourceId) < 0 : a.survey < b.survey;
}

function chordSq(a: UnitVector, b: UnitVector): number {
  return (a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2;
}

const keyOf = (columns: DetectionColumns, row: number): string => `${columns.surveyOf(row)}:${columns.sourceIdOf(row)}`;
const stationOf = (columns: DetectionColumns): string => columns.stations.names[columns.station[0]];
const vectorOf = (columns: DetectionColumns): UnitVector => unitVector(columns.raDeg[0], columns.decDeg[0]);
