// An Arrow IPC stream (or file) with the outside column names, row by row.

import { tableFromIPC } from '@uwdata/flechette';
import { AppError } from '../../src/errors.ts';
import type { BatchBuilder } from '../files/detectionBatch.ts';

const MAX_ARROW_ROWS = 1_000_000;

/** Adds the rows to the batch; stops whenever it is full, for the caller to take it. */
export function* addArrowRows(bytes: Uint8Array, batch: BatchBuilder): Generator<boolean> {
  const columns = decodedColumns(bytes);
  const rows = columns[0]?.length ?? 0;
  if (rows > MAX_ARROW_ROWS)
    throw new AppError('resource_exhausted', `body has ${String(rows)} rows, must have at most ${String(MAX_ARROW_ROWS)}`);
  for (let i = 0; i < rows; i++) {
    const row: Record<string, unknown> = {};
    for (const column of columns) row[column.name] = valueAt(column, i);
    batch.addOwn(row, null);
    if (batch.isFull) yield true;
  }
}

interface ArrowColumn {
  readonly name: string;
  readonly length: number;
  readonly at: (row: number) => unknown;
}

function decodedColumns(bytes: Uint8Array): ArrowColumn[] {
  try {
    const table = tableFromIPC(bytes, { useBigInt: true });
    return table.names.map((name) => {
      const column = table.getChild(name);
      return { name, length: column.length, at: (row) => column.at(row) as unknown };
    });
  } catch (error) {
    throw broken(error);
  }
}

/** Buffers are only looked at when a value is asked for, so a broken one shows here. */
function valueAt(column: ArrowColumn, row: number): unknown {
  try {
    return column.at(row);
  } catch (error) {
    throw broken(error);
  }
}

function broken(error: unknown): AppError {
  return new AppError('invalid_argument', `body is no readable Arrow stream: ${error instanceof Error ? error.message : ''}`, {
    cause: error,
  });
}
