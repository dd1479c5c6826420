// The k nearest rows: cones that grow until one holds k, then those by separation. The first cone is a guess; each next
// one is larger by what the last one held, so two or three do.

import { ARCSEC_PER_RAD, RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { chordSqOf, separationRad } from '../../sky/cone.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import type { Cone } from '../../sky/regions.ts';
import type { DetectionColumns } from '../../model/columns.ts';
import type { DetectionQuery } from '../../model/window.ts';
import { Answer } from './answer.ts';
import { NO_END } from './pageScan.ts';
import { RowFilter } from './rowFilter.ts';
import type { RowReader } from './rowReader.ts';
import type { SharedMemory } from './sharedMemory.ts';
import { SortedRefs } from './sortedRefs.ts';

const FIRST_RADIUS_RAD = 4 * RAD_PER_ARCSEC;
const MOST_GROWTH = 16;
/** Area that should hold k rows, over the one that just did: rows are not spread evenly. */
const AREA_MARGIN = 2;
/** Two separations closer than this may be in either order by chord: rows just outside a cone are not nearer. */
const RIM = 1 - 1e-9;

export class NearestSearch {
  readonly #rows: RowReader;
  readonly #answer: Answer;
  readonly #bySeparation: SortedRefs;
  readonly #vector = new Float64Array(3);
  #at: Cone = { x: 1, y: 0, z: 0, raDeg: 0, decDeg: 0, radiusRad: 0, chordSq: 0 };
  #cone: Cone = this.#at;
  #k = 0;
  #query: DetectionQuery | null = null;
  #filter: RowFilter | null = null;

  constructor(memory: SharedMemory, rows: RowReader) {
    this.#rows = rows;
    this.#answer = new Answer(memory, rows);
    this.#bySeparation = new SortedRefs((a, b) => rows.mjdTai(a) - rows.mjdTai(b) || rows.compareIds(a, b));
  }

  begin(at: Cone, k: number, query: DetectionQuery): void {
    this.#at = at;
    this.#k = k;
    this.#query = query;
    this.#filter = new RowFilter(this.#rows, query);
    this.#beginCone(FIRST_RADIUS_RAD * Math.max(1, Math.sqrt(k / 4)));
  }

  /** Goes on for about `budget` entries; true when the rows are found. */
  run(budget: number): boolean {
    const filter = this.#filter;
    if (filter === null) return true;
    while (budget > 0) {
      // the scan's own budget is coarse: what it found is the better measure of what it cost
      const isDone = this.#answer.scan(budget);
      budget -= 500 + 8 * this.#answer.pending;
      this.#answer.take(null, filter, NO_END);
      if (!isDone) return false;
      if (this.#cone === this.#at || this.#select()) return true;
      this.#grow();
    }
    return false;
  }

  /** The rows by separation, ties in row order; sepArcsec is set. */
  fill(out: DetectionColumns): void {
    const { sorted } = this.#answer;
    if (this.#cone === this.#at) this.#measure(sorted);
    const found = this.#bySeparation;
    const count = Math.min(this.#k, found.length);
    found.sortFirst(count);
    this.#rows.prepare(out);
    out.length = 0;
    for (let i = 0; i < count; i++) {
      this.#rows.append(found.refs[i], out);
      out.sepArcsec[i] = found.keys[i] * ARCSEC_PER_RAD;
    }
  }

  /** Whether the cone holds k rows surely nearer than any outside it. */
  #select(): boolean {
    const { sorted } = this.#answer;
    if (sorted.length < this.#k) return false;
    this.#measure(sorted);
    let sure = 0;
    for (let i = 0; i < this.#bySeparation.length; i++) if (this.#bySeparation.keys[i] <= this.#cone.radiusRad * RIM) sure++;
    return sure >= this.#k;
  }

  #measure(sorted: SortedRefs): void {
    const { refs, length } = sorted;
    const vector = this.#vector;
    this.#bySeparation.clear();
    for (let i = 0; i < length; i++) {
      unitVectorInto(this.#rows.raDeg(refs[i]), this.#rows.decDeg(refs[i]), vector, 0);
      this.#bySeparation.add(separationRad(this.#at, { x: vector[0], y: vector[1], z: vector[2] }), refs[i]);
    }
  }

  #grow(): void {
    const held = this.#answer.sorted.length;
    const growth = held === 0 ? MOST_GROWTH : Math.min(MOST_GROWTH, Math.max(1.5, Math.sqrt((AREA_MARGIN * this.#k) / held)));
    this.#beginCone(this.#cone.radiusRad * growth);
  }

  #beginCone(radiusRad: number): void {
    const at = this.#at;
    this.#cone = radiusRad >= at.radiusRad ? at : { ...at, radiusRad, chordSq: chordSqOf(radiusRad) };
    this.#answer.sorted.clear();
    if (this.#query !== null) this.#answer.beginPlace({ cone: this.#cone, test: null }, this.#query.window);
  }
}
