// What a query asks besides the place: when, which kind of detection, how many, after which row.

import type { Kind } from './kind.ts';

/** Half-open interval of mid-exposure times, [mjdMinTai, mjdMaxTai), days. */
export interface TimeWindow {
  readonly mjdMinTai: number;
  readonly mjdMaxTai: number;
}

export const ALL_TIME: TimeWindow = { mjdMinTai: -Infinity, mjdMaxTai: Infinity };

/** A detection passes when it passes every part that is given. A null value never passes a limit on it. */
export interface DetectionFilter {
  readonly surveys?: readonly string[];
  readonly bands?: readonly string[];
  readonly kinds?: readonly Kind[];
  readonly minReliability?: number;
  /** Closed interval on mag_ab. */
  readonly magMin?: number;
  readonly magMax?: number;
}

export const NO_FILTER: DetectionFilter = {};

/** Identity of a detection and its place in the order of every answer: (mjdTai, survey, sourceId). */
export interface RowKey {
  readonly mjdTai: number;
  readonly survey: string;
  readonly sourceId: string;
}

export interface DetectionQuery {
  readonly window: TimeWindow;
  readonly filter: DetectionFilter;
  /** At most this many rows. Ask for one more than you show to learn whether the answer is cut. */
  readonly limit: number;
  /** Only rows that come after this one in the order (mjdTai, survey, sourceId). */
  readonly after?: RowKey;
  readonly signal?: AbortSignal;
}
