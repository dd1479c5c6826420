// One answer in the making: which places to scan, which rows pass, in what order. Used at once by the immediate reader
// and in slices by the asynchronous one.

import type { Cone } from '../../sky/regions.ts';
import { isInside } from '../../sky/cone.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import { passesWindow } from '../../model/filter.ts';
import type { TimeWindow } from '../../model/window.ts';
import { PageScan, type StepWindow } from './pageScan.ts';
import { isNightOver, stepsOf, type RowFilter } from './rowFilter.ts';
import type { RowReader } from './rowReader.ts';
import { CONTROL_F64, DETECTION_ROOTS_AT, type SharedMemory } from './sharedMemory.ts';
import { SortedRefs } from './sortedRefs.ts';

/** A part of the sky to look through: a cone or (null) everything, and what the rows there must be. */
export interface Place {
  readonly cone: Cone | null;
  readonly test: ((ref: number) => boolean) | null;
  /** Instead of the cover of the cone: order-6 pixels. */
  readonly roots?: ArrayLike<number>;
}

export class Answer {
  readonly sorted: SortedRefs;
  readonly #memory: SharedMemory;
  readonly #rows: RowReader;
  readonly #scan: PageScan;
  readonly #steps: StepWindow = { first: 0, firstSure: -1, lastSure: 2 ** 32, last: 2 ** 32 };
  readonly #at = new Float64Array(3);
  #cone: Cone | null = null;
  #window: TimeWindow = { mjdMinTai: -Infinity, mjdMaxTai: Infinity };
  #hiddenBeforeMjdTai = -Infinity;
  #taken = 0;

  constructor(memory: SharedMemory, rows: RowReader) {
    this.#memory = memory;
    this.#rows = rows;
    this.#scan = new PageScan(memory, DETECTION_ROOTS_AT, (ref, place) => this.#check(ref, place));
    this.sorted = new SortedRefs((a, b) => rows.compareIds(a, b));
  }

  /** Begins to look through a place. */
  beginPlace(place: Place, window: TimeWindow): void {
    this.#cone = place.cone;
    this.#window = window;
    this.#hiddenBeforeMjdTai = this.#memory.f64[CONTROL_F64.hiddenBeforeMjdTai];
    stepsOf(window, this.#hiddenBeforeMjdTai, this.#steps);
    this.#taken = 0;
    if (place.roots === undefined) this.#scan.begin(place.cone, this.#steps);
    else this.#scan.beginRoots(place.roots, this.#steps);
  }

  /** Goes on for about `budget` entries; true when the place is done. */
  scan(budget: number): boolean {
    return this.#scan.run(budget);
  }

  /** Rows found that take() has not seen. */
  get pending(): number {
    return this.#scan.count - this.#taken;
  }

  /** Moves at most `most` found rows that pass into the sorted rows, by time; true when none is left. */
  take(test: ((ref: number) => boolean) | null, filter: RowFilter, most: number, isByTime = true): boolean {
    const rows = this.#rows;
    const { refs, count } = this.#scan;
    const end = Math.min(count, this.#taken + most);
    const passesAll = filter.isEmpty;
    for (let i = this.#taken; i < end; i++) {
      const ref = refs[i];
      if (test !== null && !test(ref)) continue;
      if (passesAll || filter.passes(ref)) this.sorted.add(isByTime ? rows.mjdTai(ref) : 0, ref);
    }
    this.#taken = end;
    return end === count;
  }

  // the exact rules, for what the page entry could not decide
  #check(ref: number, place: boolean): boolean {
    if (place && this.#cone !== null) {
      const at = this.#at;
      unitVectorInto(this.#rows.raDeg(ref), this.#rows.decDeg(ref), at, 0);
      if (!isInside(this.#cone, at[0], at[1], at[2])) return false;
    }
    if (!passesWindow(this.#window, this.#rows.mjdTai(ref))) return false;
    return this.#hiddenBeforeMjdTai === -Infinity || !isNightOver(this.#rows, ref, this.#hiddenBeforeMjdTai);
  }
}
