// Answers from the shared memory, in any thread: at once where that takes about a millisecond, else in slices that let
// the event loop run. Readers take no lock and see every row whole; what they look at is not reused until they are done
// (epochs.ts).

import { separationRad } from '../../sky/cone.ts';
import { ARCSEC_PER_RAD } from '../../sky/angle.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import type { Cone, UnitVector } from '../../sky/regions.ts';
import { DetectionColumns } from '../../model/columns.ts';
import { nightOf, nightWindow } from '../../model/night.ts';
import type { DetectionQuery, TimeWindow } from '../../model/window.ts';
import type { DetectionReader, ImmediateReader, ObjectRecord, Region, StoreSummary } from '../store.ts';
import { Answer, type Place } from './answer.ts';
import { ReaderEpoch } from './epochs.ts';
import { gatherInOrder } from './gatherInOrder.ts';
import { NearestSearch } from './nearestSearch.ts';
import { ObjectFinder } from './objectFinder.ts';
import { NO_END } from './pageScan.ts';
import { placeOfRegion } from './regionPlace.ts';
import { RowFilter } from './rowFilter.ts';
import { RowReader } from './rowReader.ts';
import { SharedMemory, type SharedHandle } from './sharedMemory.ts';
import { summaryOf } from './summary.ts';
import { checkSignal, nextTurn } from './turns.ts';

/** What an immediate answer may look at and hold: together about a millisecond. */
export type { SharedHandle } from './sharedMemory.ts';

const NOW_ENTRIES = 60_000;
const NOW_ROWS = 3000;
const BATCH_ROWS = 1000;
/** Objects of one alias that are looked at before others get their turn. */
const OBJECTS_A_TURN = 64;

export class MemoryReader implements DetectionReader, ImmediateReader {
  readonly #memory: SharedMemory;
  readonly #rows: RowReader;
  readonly #epoch: ReaderEpoch;
  readonly #answer: Answer;
  readonly #finder: ObjectFinder;
  readonly #nearest: NearestSearch;
  readonly #at = new Float64Array(3);

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#rows = new RowReader(memory);
    this.#epoch = new ReaderEpoch(memory);
    this.#answer = new Answer(memory, this.#rows);
    this.#finder = new ObjectFinder(memory, this.#rows);
    this.#nearest = new NearestSearch(memory, this.#rows);
  }

  /** Gives its place among the readers back. */
  close(): void {
    this.#epoch.close();
  }

  coneNow(cone: Cone, query: DetectionQuery, out: DetectionColumns): boolean {
    return this.#placesNow([{ cone, test: null }], query, out, cone);
  }

  lightCurveNow(objectId: string, query: DetectionQuery, out: DetectionColumns): boolean {
    const epoch = this.#epoch.begin();
    try {
      const objects = this.#finder.objects(objectId);
      if (objects.length > OBJECTS_A_TURN) {
        out.length = 0;
        return false;
      }
      return this.#fillNow(
        objects.map((object) => this.#finder.placeOf(object)),
        query,
        out,
        null,
      );
    } finally {
      this.#epoch.end(epoch);
    }
  }

  nearestNow(at: Cone, k: number, query: DetectionQuery, out: DetectionColumns): boolean {
    out.length = 0;
    const epoch = this.#epoch.begin();
    try {
      const search = this.#nearest;
      search.begin(at, Math.min(k, query.limit), query);
      if (!search.run(NOW_ENTRIES)) return false;
      search.fill(out);
      return true;
    } finally {
      this.#epoch.end(epoch);
    }
  }

  detectionNow(survey: string, sourceId: string, out: DetectionColumns): boolean {
    out.length = 0;
    const epoch = this.#epoch.begin();
    try {
      const ref = this.#finder.row(survey, sourceId);
      if (ref !== 0) {
        this.#rows.prepare(out);
        this.#rows.append(ref, out);
      }
      return true;
    } finally {
      this.#epoch.end(epoch);
    }
  }

  /** Number of rows in a cone, and their refs: what the index alone does, for measurements. */
  countCone(cone: Cone, window: TimeWindow): number {
    const epoch = this.#epoch.begin();
    try {
      this.#answer.beginPlace({ cone, test: null }, window);
      this.#answer.scan(NO_END);
      return this.#answer.pending;
    } finally {
      this.#epoch.end(epoch);
    }
  }

  cone(cone: Cone, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#stream(() => [{ cone, test: null }], query, query.window, cone);
  }

  region(region: Region, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#stream(() => [placeOfRegion(region, this.#rows)], query, query.window, null);
  }

  lightCurve(objectId: string, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#stream(() => this.#finder.objects(objectId).map((object) => this.#finder.placeOf(object)), query, query.window, null);
  }

  night(night: number, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    const rows = this.#rows;
    const test = (ref: number): boolean => nightOf(rows.mjdTai(ref), rows.stations.name(rows.station(ref))) === night;
    const { mjdMinTai, mjdMaxTai } = nightWindow(night);
    const window = {
      mjdMinTai: Math.max(mjdMinTai, query.window.mjdMinTai),
      mjdMaxTai: Math.min(mjdMaxTai, query.window.mjdMaxTai),
    };
    return this.#stream(() => [{ cone: null, test }], query, window, null);
  }

  async nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    const out = new DetectionColumns(16);
    if (this.nearestNow(at, k, query, out)) return out;
    const search = new NearestSearch(this.#memory, this.#rows);
    const epoch = this.#epoch.begin();
    try {
      search.begin(at, Math.min(k, query.limit), query);
      while (!search.run(NOW_ENTRIES)) await nextTurn(query.signal);
      search.fill(out);
    } finally {
      this.#epoch.end(epoch);
    }
    return out;
  }

  detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    const out = new DetectionColumns(1);
    this.detectionNow(survey, sourceId, out);
    return Promise.resolve(out);
  }

  async objects(objectId: string): Promise<readonly ObjectRecord[]> {
    const epoch = this.#epoch.begin();
    try {
      const records: ObjectRecord[] = [];
      for (const object of this.#finder.objects(objectId)) {
        // the alias of a moving thing has thousands
        if (records.length % OBJECTS_A_TURN === OBJECTS_A_TURN - 1) await nextTurn();
        records.push(this.#finder.record(object));
      }
      return records.sort((a, b) => (a.objectId < b.objectId ? -1 : 1));
    } finally {
      this.#epoch.end(epoch);
    }
  }

  summary(): Promise<StoreSummary> {
    return Promise.resolve(summaryOf(this.#memory, this.#rows));
  }

  #placesNow(places: readonly Place[], query: DetectionQuery, out: DetectionColumns, from: Cone | null): boolean {
    const epoch = this.#epoch.begin();
    try {
      return this.#fillNow(places, query, out, from);
    } finally {
      this.#epoch.end(epoch);
    }
  }

  #fillNow(places: readonly Place[], query: DetectionQuery, out: DetectionColumns, from: Cone | null): boolean {
    out.length = 0;
    const answer = this.#answer;
    const { sorted } = answer;
    const filter = new RowFilter(this.#rows, query);
    sorted.clear();
    for (const place of places) {
      answer.beginPlace(place, query.window);
      const isDone = answer.scan(NOW_ENTRIES);
      if (!isDone || answer.pending + sorted.length > NOW_ROWS) return false;
      answer.take(place.test, filter, NOW_ROWS);
    }
    const count = Math.min(query.limit, sorted.length);
    sorted.sortFirst(count);
    this.#rows.prepare(out);
    out.reserve(count);
    for (let i = 0; i < count; i++) this.#append(sorted.refs[i], out, from);
    return true;
  }

  #append(ref: number, out: DetectionColumns, from: UnitVector | null): void {
    this.#rows.append(ref, out);
    if (from === null) return;
    const i = out.length - 1;
    const at = this.#at;
    unitVectorInto(out.raDeg[i], out.decDeg[i], at, 0);
    out.sepArcsec[i] = separationRad(from, { x: at[0], y: at[1], z: at[2] }) * ARCSEC_PER_RAD;
  }

  async *#stream(
    placesOf: () => readonly Place[],
    query: DetectionQuery,
    window: TimeWindow,
    from: Cone | null,
  ): AsyncGenerator<DetectionColumns> {
    checkSignal(query.signal);
    const epoch = this.#epoch.begin();
    try {
      const out = new DetectionColumns(Math.max(1, Math.min(BATCH_ROWS, query.limit)));
      const answer = new Answer(this.#memory, this.#rows);
      let left = query.limit;
      for await (const refs of gatherInOrder(answer, placesOf(), new RowFilter(this.#rows, query), window, query, BATCH_ROWS)) {
        out.length = 0;
        this.#rows.prepare(out);
        for (let i = refs.first; i < refs.end && left > 0; i++, left--) this.#append(answer.sorted.refs[i], out, from);
        if (out.length > 0) yield out;
        if (left <= 0) return;
        checkSignal(query.signal);
      }
    } finally {
      this.#epoch.end(epoch);
    }
  }
}

/** In a query thread: reads what the store in another thread writes. Close it when the thread is done. */
export function openMemoryReader(handle: SharedHandle): MemoryReader {
  return new MemoryReader(SharedMemory.open(handle));
}
