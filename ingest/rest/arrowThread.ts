// The thread that decodes one Arrow IPC stream (or file) with the outside column names. Sends slices of rows.

import { tableFromIPC } from '@uwdata/flechette';
import { AppError } from '../../src/errors.ts';
import { answerFrom } from '../files/threadEntry.ts';

export interface ArrowMessage {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

const MAX_ARROW_ROWS = 1_000_000;
const SLICE_ROWS = 1_000;

answerFrom('Arrow stream', (bytes) => slicesOf(bytes as Uint8Array));

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<ArrowMessage> {
  const table = tableFromIPC(bytes, { useBigInt: true });
  const rows = table.numRows;
  if (rows > MAX_ARROW_ROWS)
    throw new AppError('resource_exhausted', `body has ${String(rows)} rows, must have at most ${String(MAX_ARROW_ROWS)}`);
  const columns = table.names.map((name) => ({ name, column: table.getChild(name) }));
  for (let from = 0; from < rows; from += SLICE_ROWS) {
    const count = Math.min(SLICE_ROWS, rows - from);
    yield {
      rows: Array.from({ length: count }, (_, i) =>
        Object.fromEntries(columns.map(({ name, column }) => [name, column.at(from + i) as unknown])),
      ),
    };
  }
}
