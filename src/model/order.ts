// The order of every answer: by mid-exposure time, then survey, then source id. Total, so that paging
// and "ties by id" mean the same in every store.

import type { DetectionColumns } from './columns.ts';
import { compareSourceIds } from './ids.ts';
import type { RowKey } from './window.ts';

export function rowKey(columns: DetectionColumns, row: number): RowKey {
  return { mjdTai: columns.mjdTai[row], survey: columns.surveyOf(row), sourceId: columns.sourceIdOf(row) };
}

/** Negative, zero or positive as key a comes before, with or after key b. */
export function compareKeys(a: RowKey, b: RowKey): number {
  if (a.mjdTai !== b.mjdTai) return a.mjdTai - b.mjdTai;
  if (a.survey !== b.survey) return a.survey < b.survey ? -1 : 1;
  return compareSourceIds(a.sourceId, b.sourceId);
}

/** The same order on rows, without building keys. */
export function compareRows(a: DetectionColumns, i: number, b: DetectionColumns, j: number): number {
  const dt = a.mjdTai[i] - b.mjdTai[j];
  if (dt !== 0) return dt;
  const sa = a.surveyOf(i);
  const sb = b.surveyOf(j);
  if (sa !== sb) return sa < sb ? -1 : 1;
  const ta = a.sourceIdText[i];
  const tb = b.sourceIdText[j];
  if (ta === null && tb === null) return a.sourceId[i] < b.sourceId[j] ? -1 : a.sourceId[i] > b.sourceId[j] ? 1 : 0;
  if (ta === null) return -1;
  if (tb === null) return 1;
  return ta === tb ? 0 : ta < tb ? -1 : 1;
}
