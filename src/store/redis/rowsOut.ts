// Gathers the rows of an answer from blocks and gives them out in order. Rows stay packed until they are
// given out: a row that the limit cuts off is never unpacked, and sorting moves 4-byte numbers only.

import { DetectionColumns } from '../../model/columns.ts';
import { passesFilter } from '../../model/filter.ts';
import { compareSourceIds } from '../../model/ids.ts';
import { compareKeys, rowKey } from '../../model/order.ts';
import type { DetectionQuery, RowKey } from '../../model/window.ts';
import {
  ROW_DEC,
  ROW_ID,
  ROW_MJD,
  ROW_RA,
  ROW_SURVEY,
  ByteSink,
  floatColumnsOf,
  hasTextId,
  ownRefAt,
  packedOf,
  unpackRow,
  type Packed,
} from '../packedRow.ts';
import { ARCSEC_PER_RAD } from '../../sky/angle.ts';
import { isInside, separationRad } from '../../sky/cone.ts';
import type { Cone } from '../../sky/regions.ts';
import { unitVectorInto } from '../../sky/vector.ts';
import { rowsOf } from './blocks.ts';
import type { RedisContext } from './context.ts';
import type { Names } from './names.ts';

const BATCH_ROWS = 1024;

/** Reads new names if a row has a number that this process does not know yet. */
export async function freshNames({ names }: RedisContext, blocks: readonly (Packed | null)[]): Promise<void> {
  // Names only ever grow, and a row is written after its names: one look at the largest numbers is enough.
  for (const block of blocks) {
    if (block === null) continue;
    for (const at of rowsOf(block)) {
      if (names.knows(block, at)) continue;
      await names.refresh();
      return;
    }
  }
}

/** Whether a row belongs to the answer, beside window, filter and paging. */
export type RowTest = (block: Packed, at: number) => boolean;

const AT = new Float64Array(3);

export class RowCollector {
  /** More rows passed than are kept. */
  wasCut = false;
  readonly #names: Names;
  readonly #query: DetectionQuery;
  readonly #limit: number;
  readonly #after: RowKey | undefined;
  readonly #hasFilter: boolean;
  readonly #from: Cone | null;
  readonly #bySeparation: boolean;
  readonly #scratch: DetectionColumns;
  readonly #scratchFloats: readonly Float32Array[];
  #blocks: Packed[] = [];
  #n = 0;
  #block = new Uint32Array(256);
  #at = new Uint32Array(256);
  #mjd = new Float64Array(256);
  #sepRad = new Float64Array(256);
  #vector = { x: 0, y: 0, z: 0 };

  /**
   * Keeps the first `limit` rows by (mjdTai, survey, sourceId), or by separation from `from` before that. With `from`
   * every row gets its separation.
   */
  constructor(names: Names, query: DetectionQuery, limit: number, after: RowKey | undefined, from: Cone | null, bySeparation = false) {
    this.#names = names;
    this.#query = query;
    this.#limit = limit;
    this.#after = after;
    this.#from = from;
    this.#bySeparation = bySeparation;
    const { surveys, bands, kinds, minReliability, magMin, magMax } = query.filter;
    this.#hasFilter = [surveys, bands, kinds, minReliability, magMin, magMax].some((part) => part !== undefined);
    this.#scratch = new DetectionColumns(1, names);
    this.#scratchFloats = floatColumnsOf(this.#scratch);
  }

  get length(): number {
    return this.#n;
  }

  /** Adds the rows of a block that pass; `isWhollyInside` spares the test of the place. */
  add(block: Packed, isWhollyInside: boolean, test: RowTest | null): void {
    const { window } = this.#query;
    const { view } = block;
    const from = this.#from;
    const first = this.#n;
    for (const at of rowsOf(block)) {
      const mjdTai = view.getFloat64(at + ROW_MJD, true);
      if (mjdTai < window.mjdMinTai || mjdTai >= window.mjdMaxTai) continue;
      if (this.#after !== undefined && mjdTai < this.#after.mjdTai) continue;
      let sepRad = NaN;
      if (from !== null) {
        unitVectorInto(view.getFloat64(at + ROW_RA, true), view.getFloat64(at + ROW_DEC, true), AT, 0);
        if (!isWhollyInside && !isInside(from, AT[0], AT[1], AT[2])) continue;
        const vector = this.#vector;
        vector.x = AT[0];
        vector.y = AT[1];
        vector.z = AT[2];
        sepRad = separationRad(from, vector);
      }
      if (test !== null && !isWhollyInside && !test(block, at)) continue;
      if (!this.#passes(block, at, mjdTai)) continue;
      this.#push(at, mjdTai, sepRad);
    }
    if (this.#n > first) this.#blocks.push(block);
    if (this.#n > 2 * this.#limit + 4096) this.#cut();
  }

  /** The k-th smallest separation so far, rad; Infinity with fewer rows. */
  separationOf(k: number): number {
    if (this.#n < k) return Infinity;
    return this.#sepRad.slice(0, this.#n).sort()[k - 1];
  }

  /** The kept rows in order. */
  *batches(): Generator<DetectionColumns> {
    const order = this.#ordered();
    for (let first = 0; first < order.length; first += BATCH_ROWS) {
      const part = order.subarray(first, first + BATCH_ROWS);
      const out = new DetectionColumns(part.length, this.#names);
      const floats = floatColumnsOf(out);
      for (const r of part) {
        const i = unpackRow(this.#blocks[this.#block[r]], this.#at[r], out, floats);
        out.sepArcsec[i] = this.#sepRad[r] * ARCSEC_PER_RAD;
      }
      yield out;
    }
  }

  /** Key of the last kept row. */
  lastKey(): RowKey | undefined {
    const last = this.#ordered().at(-1);
    return last === undefined ? undefined : rowKey(this.#unpacked(this.#blocks[this.#block[last]], this.#at[last]), 0);
  }

  #passes(block: Packed, at: number, mjdTai: number): boolean {
    const isAtPage = this.#after?.mjdTai === mjdTai;
    if (!this.#hasFilter && !isAtPage) return true;
    const row = this.#unpacked(block, at);
    if (this.#hasFilter && !passesFilter(this.#query.filter, row, 0)) return false;
    return !isAtPage || this.#after === undefined || compareKeys(rowKey(row, 0), this.#after) > 0;
  }

  #unpacked(block: Packed, at: number): DetectionColumns {
    this.#scratch.length = 0;
    unpackRow(block, at, this.#scratch, this.#scratchFloats);
    return this.#scratch;
  }

  #push(at: number, mjdTai: number, sepRad: number): void {
    if (this.#n === this.#at.length) this.#grow();
    const r = this.#n++;
    this.#block[r] = this.#blocks.length;
    this.#at[r] = at;
    this.#mjd[r] = mjdTai;
    this.#sepRad[r] = sepRad;
  }

  #ordered(): Uint32Array {
    const order = new Uint32Array(this.#n);
    for (let r = 0; r < order.length; r++) order[r] = r;
    const mjd = this.#mjd;
    const sep = this.#sepRad;
    if (this.#bySeparation) order.sort((a, b) => sep[a] - sep[b] || mjd[a] - mjd[b] || this.#compareIds(a, b));
    else order.sort((a, b) => mjd[a] - mjd[b] || this.#compareIds(a, b));
    if (order.length > this.#limit) this.wasCut = true;
    return order.subarray(0, this.#limit);
  }

  #compareIds(a: number, b: number): number {
    return compareIdsAt(this.#blocks[this.#block[a]], this.#at[a], this.#blocks[this.#block[b]], this.#at[b], this.#names);
  }

  /** Keeps the first rows only, copied out of their blocks: the blocks can go. */
  #cut(): void {
    const order = this.#ordered();
    const bytes = new ByteSink(order.length * 128);
    const mjd = new Float64Array(this.#at.length);
    const sepRad = new Float64Array(this.#at.length);
    const at = new Uint32Array(this.#at.length);
    order.forEach((r, i) => {
      const block = this.#blocks[this.#block[r]];
      at[i] = bytes.length;
      mjd[i] = this.#mjd[r];
      sepRad[i] = this.#sepRad[r];
      bytes.append(block.bytes, this.#at[r], this.#at[r] + block.view.getUint16(this.#at[r], true));
    });
    this.#blocks = [packedOf(bytes.copyOut())];
    this.#block.fill(0);
    this.#at = at;
    this.#mjd = mjd;
    this.#sepRad = sepRad;
    this.#n = order.length;
  }

  #grow(): void {
    const capacity = 2 * this.#at.length;
    const [block, at, mjd, sepRad] = [this.#block, this.#at, this.#mjd, this.#sepRad];
    this.#block = new Uint32Array(capacity);
    this.#at = new Uint32Array(capacity);
    this.#mjd = new Float64Array(capacity);
    this.#sepRad = new Float64Array(capacity);
    this.#block.set(block);
    this.#at.set(at);
    this.#mjd.set(mjd);
    this.#sepRad.set(sepRad);
  }
}

/** Order of rows at one moment: by survey, then by id. */
function compareIdsAt(a: Packed, i: number, b: Packed, j: number, { surveys }: Names): number {
  const surveyA = a.view.getUint16(i + ROW_SURVEY, true);
  const surveyB = b.view.getUint16(j + ROW_SURVEY, true);
  if (surveyA !== surveyB) return surveys.names[surveyA] < surveys.names[surveyB] ? -1 : 1;
  if (!hasTextId(a.view, i) && !hasTextId(b.view, j)) {
    const high = a.view.getInt32(i + ROW_ID + 4, true) - b.view.getInt32(j + ROW_ID + 4, true);
    return high !== 0 ? high : a.view.getUint32(i + ROW_ID, true) - b.view.getUint32(j + ROW_ID, true);
  }
  const refA = ownRefAt(a, i);
  const refB = ownRefAt(b, j);
  return compareSourceIds(refA.idText ?? refA.id.toString(), refB.idText ?? refB.id.toString());
}
