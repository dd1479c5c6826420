// The whole of a cone in parts, as the store gives them: no limit unless the request names one.

import type { ConeRequest } from '../src/contract/gen/codec.js';
import type { DetectionColumns } from '../src/model/columns.ts';
import { rowKey } from '../src/model/order.ts';
import type { RowKey } from '../src/model/window.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { requestedCone } from './coneSearch.ts';
import { encodeCursor } from './cursor.ts';
import { detectionQuery, type QueryOptions } from './detectionQuery.ts';
import { yieldToEventLoop } from './yielding.ts';

export interface AnswerPart {
  /** Belongs to the caller until the next part is asked for. */
  readonly columns: DetectionColumns;
  /** On the last part of an answer that a limit cut; that part may have no rows. */
  readonly truncated: boolean;
  readonly nextCursor: string | null;
}

export async function* streamCone(store: DetectionStore, request: ConeRequest, options: QueryOptions = {}): AsyncGenerator<AnswerPart> {
  const limit = request.page?.limit ?? Infinity;
  const query = {
    ...detectionQuery(request.filter, request.page, options.signal),
    limit: limit + 1,
  };
  let rows = 0;
  let last: RowKey | null = null;
  let turn = performance.now();
  for await (const columns of store.cone(requestedCone(request), query)) {
    const isCut = rows + columns.length > limit;
    if (isCut) columns.length = limit - rows;
    rows += columns.length;
    if (columns.length > 0) last = rowKey(columns, columns.length - 1);
    yield {
      columns,
      truncated: isCut,
      nextCursor: isCut && last !== null ? encodeCursor(last) : null,
    };
    if (isCut) return;
    turn = await yieldToEventLoop(turn, options.signal);
  }
}
