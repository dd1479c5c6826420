// The observing night: from local noon to local noon, as the integer MJD of its evening. "Local" is the
// mean solar time of the station's longitude (stations.ts), so that a night never depends on a time zone.

import { taiOfUtc, utcOfTai } from '../sky/time.ts';
import { eastLongitudeDegOf } from './stations.ts';
import type { TimeWindow } from './window.ts';

/** The night of a mid-exposure time. A station without a longitude (spacecraft, unknown code) is at longitude 0. */
export function nightOf(mjdTai: number, station: string): number {
  return nightAtLongitude(mjdTai, eastLongitudeDegOf(station) ?? 0);
}

/** The same for a longitude from -180 to 180, east positive. */
export function nightAtLongitude(mjdTai: number, eastLongitudeDeg: number): number {
  return Math.floor(utcOfTai(mjdTai) + eastLongitudeDeg / 360 - 0.5);
}

/** The local noon that ends the night at this longitude: the first moment that is no longer in it. */
export function nightEndTai(night: number, eastLongitudeDeg: number): number {
  return taiOfUtc(night + 1.5 - eastLongitudeDeg / 360);
}

/** Bounds that hold the whole night wherever on Earth: two days. */
export function nightWindow(night: number): TimeWindow {
  return { mjdMinTai: taiOfUtc(night), mjdMaxTai: taiOfUtc(night + 2) };
}
