// From the filter and page of a request to the query value that a store takes. The request has passed the
// range checks of its face; what is checked here are the rules between fields.

import type { Filter, Page } from '../src/contract/gen/codec.js';
import { invalidArgument } from '../src/errors.ts';
import { kindName } from '../src/model/kind.ts';
import { ALL_TIME, NO_FILTER, type DetectionFilter, type DetectionQuery, type TimeWindow } from '../src/model/window.ts';
import { decodeCursor } from './cursor.ts';

/** Rows of an answer when the caller names no limit. */
export const DEFAULT_LIMIT = 10_000;

export interface QueryOptions {
  readonly signal?: AbortSignal;
}

/** Asks for one row more than `limit`, which tells whether the answer is cut (answer.ts). */
export function detectionQuery(filter: Filter | null | undefined, page: Page | null | undefined, signal?: AbortSignal): DetectionQuery {
  const query = {
    window: timeWindow(filter),
    filter: detectionFilter(filter),
    limit: limitOf(page) + 1,
  };
  const after = page?.cursor ? { after: decodeCursor(page.cursor) } : undefined;
  if (after === undefined && signal === undefined) return query;
  return { ...query, ...after, ...(signal && { signal }) };
}

export function limitOf(page: Page | null | undefined): number {
  return page?.limit ?? DEFAULT_LIMIT;
}

function timeWindow(filter: Filter | null | undefined): TimeWindow {
  const min = filter?.mjdMin ?? null;
  const max = filter?.mjdMax ?? null;
  if (min === null && max === null) return ALL_TIME;
  if (min !== null && max !== null && max < min) throw invalidArgument('mjd_max', max, `at least mjd_min (${String(min)})`);
  return { mjdMinTai: min ?? -Infinity, mjdMaxTai: max ?? Infinity };
}

function detectionFilter(filter: Filter | null | undefined): DetectionFilter {
  if (!filter) return NO_FILTER;
  const { bands, surveys, kinds, minReliability, magMin, magMax } = filter;
  if (typeof magMin === 'number' && typeof magMax === 'number' && magMax < magMin) {
    throw invalidArgument('mag_max', magMax, `at least mag_min (${String(magMin)})`);
  }
  // Limits are rounded as the float32 columns are, so that min_reliability=0.65 holds for a stored 0.65.
  return {
    ...(bands?.length && { bands }),
    ...(surveys?.length && { surveys }),
    ...(kinds?.length && { kinds: kinds.map(kindName) }),
    ...(typeof minReliability === 'number' && {
      minReliability: Math.fround(minReliability),
    }),
    ...(typeof magMin === 'number' && { magMin: Math.fround(magMin) }),
    ...(typeof magMax === 'number' && { magMax: Math.fround(magMax) }),
  };
}
