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
/** Squared chords closer than this may be in either order by separation, which decides. */
const CLOSE = 1e-9;
const CLOSE_SQ = 1e-28;

export class NearestSearch {
  readonly #rows: RowReader;
  readonly #answer: Answer;
  readonly #byChord: SortedRefs;
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
    this.#byChord = new SortedRefs((a, b) => a - b);
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
      this.#answer.take(null, filter, NO_END, false);
      if (!isDone) return false;
      if (this.#cone === this.#at || this.#select()) return true;
      this.#grow();
    }
    return false;
  }

  /** The rows by separation, ties in row order; sepArcsec is set. */
  fill(out: DetectionColumns): void {
    if (this.#cone === this.#at) this.#measureChords();
    this.#measureNearest();
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
    if (this.#answer.sorted.length < this.#k) return false;
    this.#measureChords();
    const { keys, length } = this.#byChord;
    const sureSq = this.#cone.chordSq * (1 - CLOSE) - CLOSE_SQ;
    let sure = 0;
    for (let i = 0; i < length; i++) if (keys[i] <= sureSq) sure++;
    return sure >= this.#k;
  }

  #measureChords(): void {
    const { refs, length } = this.#answer.sorted;
    const vector = this.#vector;
    const { x, y, z } = this.#at;
    this.#byChord.clear();
    for (let i = 0; i < length; i++) {
      unitVectorInto(this.#rows.raDeg(refs[i]), this.#rows.decDeg(refs[i]), vector, 0);
      const dx = vector[0] - x;
      const dy = vector[1] - y;
      const dz = vector[2] - z;
      this.#byChord.add(dx * dx + dy * dy + dz * dz, refs[i]);
    }
  }

  /** Separations, of the rows only that can be among the k nearest. */
  #measureNearest(): void {
    const byChord = this.#byChord;
    const vector = this.#vector;
    this.#bySeparation.clear();
    if (this.#k === 0 || byChord.length === 0) return;
    const last = Math.min(this.#k, byChord.length) - 1;
    byChord.sortFirst(last + 1);
    const limitSq = byChord.keys[last] * (1 + CLOSE) + CLOSE_SQ;
    for (let i = 0; i < byChord.length; i++) {
      if (byChord.keys[i] > limitSq) continue;
      const ref = byChord.refs[i];
      unitVectorInto(this.#rows.raDeg(ref), this.#rows.decDeg(ref), vector, 0);
      this.#bySeparation.add(separationRad(this.#at, { x: vector[0], y: vector[1], z: vector[2] }), ref);
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
