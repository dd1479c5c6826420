// The filter and the window on one row: the rule that every store's answer must follow.

import type { DetectionColumns } from './columns.ts';
import { kindName } from './kind.ts';
import type { DetectionFilter, TimeWindow } from './window.ts';

/** Half-open: a row exactly at the start is in, one exactly at the end is out. */
export function passesWindow(window: TimeWindow, mjdTai: number): boolean {
  return mjdTai >= window.mjdMinTai && mjdTai < window.mjdMaxTai;
}

/**
 * Every part that is given must hold; a null never passes a limit on it. An empty list is as if not given
 * (on the wire the two look the same). Limits are rounded to float32 as the values are, so that a
 * reliability stored as 0.9 passes a limit of 0.9.
 */
export function passesFilter(filter: DetectionFilter, columns: DetectionColumns, row: number): boolean {
  const { surveys, bands, kinds, minReliability, magMin, magMax } = filter;
  return (
    passesList(surveys, columns.surveys.names[columns.survey[row]]) &&
    passesList(bands, columns.bands.names[columns.band[row]]) &&
    passesList(kinds, kindName(columns.kind[row])) &&
    (minReliability === undefined || columns.reliability[row] >= Math.fround(minReliability)) &&
    (magMin === undefined || columns.magAb[row] >= Math.fround(magMin)) &&
    (magMax === undefined || columns.magAb[row] <= Math.fround(magMax))
  );
}

function passesList<T extends string>(list: readonly T[] | undefined, value: T): boolean {
  return list === undefined || list.length === 0 || list.includes(value);
}
