// Rows are kept by night and station: segments of growing size, chained, that are freed together when the night is
// evicted. The contexts that rows of one exposure share (rowLayout.ts) belong to the night too. Only the writer knows
// nights; readers come to rows by refs.

import { nightEndTai, nightOf } from '../../model/night.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import type { BlockAllocator } from './blockAllocator.ts';

const FIRST_SEGMENT_BYTES = 1024;
const LAST_SEGMENT_BYTES = 65_536;
/** Closer than this to a noon, nightOf decides (days). */
const NOON_MARGIN_DAYS = 1e-6;
/** TAI - UTC, about: good enough to guess a night, which is checked. */
const TAI_AHEAD_DAYS = 37 / 86_400;

export interface Segment {
  readonly at: number;
  readonly bytes: number;
  /** Bytes in use. */
  used: number;
}

/** The rows of one observing night at one station. */
export class NightRows {
  readonly night: number;
  readonly station: number;
  /** Never used again. */
  readonly serial: number;
  /** From the noon before to the noon after, TAI. */
  readonly startTai: number;
  readonly endTai: number;
  readonly segments: Segment[] = [];
  /** All contexts of the night, chained from here. */
  firstContext = 0;
  /** The context of the row before: mostly that of the next one too. */
  lastContext = 0;
  rows = 0;
  mjdTaiFirst = Infinity;
  mjdTaiLast = -Infinity;

  constructor(night: number, station: number, serial: number, stationName: string) {
    this.night = night;
    this.serial = serial;
    this.station = station;
    const eastLongitudeDeg = eastLongitudeDegOf(stationName) ?? 0;
    this.startTai = nightEndTai(night - 1, eastLongitudeDeg);
    this.endTai = nightEndTai(night, eastLongitudeDeg);
  }

  /** Byte offset of room for a row. */
  allocRow(bytes: number, blocks: BlockAllocator): number {
    let segment = this.segments.at(-1);
    if (segment === undefined || segment.used + bytes > segment.bytes) {
      const size = segment === undefined ? FIRST_SEGMENT_BYTES : Math.min(LAST_SEGMENT_BYTES, 2 * segment.bytes);
      segment = { at: blocks.alloc(size), bytes: size, used: 0 };
      if (segment.at === 0) throw new Error('no block for a row segment, though there was room for a row');
      this.segments.push(segment);
    }
    const at = segment.at + segment.used;
    segment.used += bytes;
    return at;
  }

  count(mjdTais: Float64Array, i: number): void {
    const mjdTai = mjdTais[i];
    this.rows++;
    if (mjdTai < this.mjdTaiFirst) this.mjdTaiFirst = mjdTai;
    if (mjdTai > this.mjdTaiLast) this.mjdTaiLast = mjdTai;
  }
}

export class Nights {
  readonly #byKey = new Map<number, NightRows>();
  readonly #stationName: (station: number) => string;
  readonly #turns: number[] = [];
  #serial = 0;
  #last: NightRows | null = null;

  constructor(stationName: (station: number) => string) {
    this.#stationName = stationName;
  }

  /** The night of row `i`; made when it is the first. */
  of(mjdTais: Float64Array, i: number, station: number): NightRows {
    const mjdTai = mjdTais[i];
    const last = this.#last;
    if (last !== null && last.station === station && mjdTai > last.startTai + NOON_MARGIN_DAYS && mjdTai < last.endTai - NOON_MARGIN_DAYS) {
      return last;
    }
    const known = this.#byKey.get(Math.floor(mjdTai + this.#turnOf(station) - 0.5 - TAI_AHEAD_DAYS) * 65_536 + station);
    if (known !== undefined && mjdTai > known.startTai + NOON_MARGIN_DAYS && mjdTai < known.endTai - NOON_MARGIN_DAYS) {
      this.#last = known;
      return known;
    }
    const night = nightOf(mjdTai, this.#stationName(station));
    const key = night * 65_536 + station;
    let rows = this.#byKey.get(key);
    if (rows === undefined) {
      rows = new NightRows(night, station, ++this.#serial, this.#stationName(station));
      this.#byKey.set(key, rows);
    }
    this.#last = rows;
    return rows;
  }

  /** Its east longitude, turns. */
  #turnOf(station: number): number {
    return (this.#turns[station] ??= (eastLongitudeDegOf(this.#stationName(station)) ?? 0) / 360);
  }

  all(): IterableIterator<NightRows> {
    return this.#byKey.values();
  }

  endedBy(mjdTai: number): NightRows[] {
    return [...this.#byKey.values()].filter((night) => night.endTai <= mjdTai);
  }

  remove(night: NightRows): void {
    this.#byKey.delete(night.night * 65_536 + night.station);
    if (this.#last === night) this.#last = null;
  }
}
