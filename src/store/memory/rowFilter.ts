// A query's window and filter on stored rows, by the rules of model/filter.ts, without building columns.

import { compareKeys } from '../../model/order.ts';
import { KIND_NUMBER } from '../../model/kind.ts';
import { nightEndTai, nightOf } from '../../model/night.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import type { DetectionQuery, RowKey, TimeWindow } from '../../model/window.ts';
import type { StepWindow } from './pageScan.ts';
import { timeStep } from './pageTree.ts';
import { ROW_MAG, ROW_RELIABILITY } from './rowLayout.ts';
import type { RowReader } from './rowReader.ts';
import type { SharedNames } from './sharedNames.ts';

/** A night ends at most a day after each of its moments; leap seconds and drifts of UTC stay well below the rest. */
const NIGHT_DAYS = 1.001;

export class RowFilter {
  readonly #rows: RowReader;
  readonly #surveys: Uint8Array | null;
  readonly #bands: Uint8Array | null;
  /** Bit k: kind k passes. */
  readonly #kinds: number;
  readonly #minReliability: number;
  readonly #magMin: number;
  readonly #magMax: number;
  readonly #hasMag: boolean;
  readonly #after: RowKey | undefined;
  readonly isEmpty: boolean;

  constructor(rows: RowReader, query: DetectionQuery) {
    const { surveys, bands, kinds, minReliability, magMin, magMax } = query.filter;
    this.#rows = rows;
    this.#surveys = indicesOf(surveys, rows.surveys);
    this.#bands = indicesOf(bands, rows.bands);
    this.#kinds = kinds === undefined || kinds.length === 0 ? -1 : kinds.reduce((bits, kind) => bits | (1 << KIND_NUMBER[kind]), 0);
    this.#minReliability = minReliability === undefined ? NaN : Math.fround(minReliability);
    this.#magMin = magMin === undefined ? -Infinity : Math.fround(magMin);
    this.#magMax = magMax === undefined ? Infinity : Math.fround(magMax);
    this.#hasMag = magMin !== undefined || magMax !== undefined;
    this.#after = query.after;
    this.isEmpty =
      this.#surveys === null &&
      this.#bands === null &&
      this.#kinds === -1 &&
      minReliability === undefined &&
      !this.#hasMag &&
      query.after === undefined;
  }

  passes(ref: number): boolean {
    const rows = this.#rows;
    if (this.#surveys !== null && this.#surveys[rows.survey(ref)] !== 1) return false;
    if (this.#bands !== null && this.#bands[rows.band(ref)] !== 1) return false;
    if (this.#kinds !== -1 && (this.#kinds & (1 << rows.kind(ref))) === 0) return false;
    if (!Number.isNaN(this.#minReliability) && !(rows.float(ref, ROW_RELIABILITY) >= this.#minReliability)) return false;
    if (this.#hasMag) {
      const magAb = rows.float(ref, ROW_MAG);
      if (!(magAb >= this.#magMin && magAb <= this.#magMax)) return false;
    }
    return this.#after === undefined || this.#isAfter(ref, this.#after);
  }

  #isAfter(ref: number, after: RowKey): boolean {
    const mjdTai = this.#rows.mjdTai(ref);
    if (mjdTai !== after.mjdTai) return mjdTai > after.mjdTai;
    return compareKeys({ mjdTai, survey: this.#rows.surveys.name(this.#rows.survey(ref)), sourceId: this.#rows.sourceId(ref) }, after) > 0;
  }
}

function indicesOf(names: readonly string[] | undefined, known: SharedNames): Uint8Array | null {
  if (names === undefined || names.length === 0) return null;
  const indices = new Uint8Array(65_536);
  for (const name of names) {
    const index = known.find(name);
    if (index >= 0) indices[index] = 1;
  }
  return indices;
}

/** A window in the steps of page entries; rows of evicted nights are cut off by it too. */
export function stepsOf(window: TimeWindow, hiddenBeforeMjdTai: number, out: StepWindow): void {
  const { mjdMinTai, mjdMaxTai } = window;
  out.first = mjdMinTai > 0 ? timeStep(mjdMinTai) : 0;
  out.firstSure = mjdMinTai > 0 ? out.first : -1;
  out.last = mjdMaxTai < 2 ** 17 ? timeStep(mjdMaxTai) : 2 ** 32;
  out.lastSure = out.last;
  if (hiddenBeforeMjdTai !== -Infinity) {
    out.first = Math.max(out.first, timeStep(hiddenBeforeMjdTai - NIGHT_DAYS));
    out.firstSure = Math.max(out.firstSure, timeStep(hiddenBeforeMjdTai));
  }
}

/** Whether a row's night ended by then. */
export function isNightOver(rows: RowReader, ref: number, mjdTai: number): boolean {
  const station = rows.stations.name(rows.station(ref));
  return nightEndTai(nightOf(rows.mjdTai(ref), station), eastLongitudeDegOf(station) ?? 0) <= mjdTai;
}
