// What every use function gives back, and how rows that come in batches become one answer.

import type { DetectionColumns } from '../src/model/columns.ts';
import { rowKey } from '../src/model/order.ts';
import { encodeCursor } from './cursor.ts';

export interface DetectionsAnswer {
  readonly columns: DetectionColumns;
  /** True when the store has more rows than were asked for. */
  readonly truncated: boolean;
  /** Where the next page starts; null when this is the last. */
  readonly nextCursor: string | null;
}

/** Cuts the one row too many that was asked for to learn whether there are more. */
export function finishAnswer(columns: DetectionColumns, limit: number): DetectionsAnswer {
  if (columns.length <= limit) return { columns, truncated: false, nextCursor: null };
  columns.length = limit;
  return {
    columns,
    truncated: true,
    nextCursor: encodeCursor(rowKey(columns, limit - 1)),
  };
}
