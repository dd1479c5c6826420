// The one way in: every face and file reader ends here. Range checks, then the store, then the report of
// both with the row numbers of the batch as the caller gave it.

import { checkBatch } from '../src/model/checkBatch.ts';
import type { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionStore, RejectedRow } from '../src/store/store.ts';

export interface IngestReport {
  readonly accepted: number;
  /** There already with the same content. */
  readonly duplicates: number;
  /** By row of the batch as it was given, ascending. */
  readonly rejected: readonly RejectedRow[];
  /** What the acknowledgement promises: `always`, `everysec` or `off`. */
  readonly durability: string;
}

/**
 * Stores the rows of a batch. `already` are the rows that could not be decoded; `columns` holds the others,
 * in order, unless `rows` says which row of the batch each of them was. Resolves when the accepted rows are
 * as durable as the store promises.
 */
export async function ingestDetections(
  store: DetectionStore,
  columns: DetectionColumns,
  already: readonly RejectedRow[] = [],
  rows: Uint32Array | null = already.length === 0 ? null : rowsLeft(columns.length, already),
): Promise<IngestReport> {
  const checked = checkBatch(columns);
  // checkBatch lends its row numbers until its next call. A batch without a fault needs none.
  const goodRows = checked.good === columns ? null : checked.rows.slice();
  const put = checked.good.length === 0 ? NOTHING_PUT : await store.put(checked.good);
  const durability = await durabilityOf(store);
  const { accepted, duplicates } = put;
  if (already.length + checked.rejected.length + put.rejected.length === 0) return { accepted, duplicates, rejected: [], durability };
  const rejected: RejectedRow[] = [...already];
  for (const it of checked.rejected) rejected.push({ ...it, row: rows === null ? it.row : rows[it.row] });
  for (const it of put.rejected) {
    const row = goodRows === null ? it.row : goodRows[it.row];
    rejected.push({ ...it, row: rows === null ? row : rows[row] });
  }
  rejected.sort((a, b) => a.row - b.row);
  return { accepted, duplicates, rejected, durability };
}

const NOTHING_PUT = { accepted: 0, duplicates: 0, rejected: [] as readonly RejectedRow[] };

/** The rows of the batch that are not in `already`: where row i of the columns came from. */
function rowsLeft(count: number, already: readonly RejectedRow[]): Uint32Array {
  const refused = new Set(already.map(({ row }) => row));
  const rows = new Uint32Array(count);
  for (let row = 0, i = 0; i < count; row++) {
    if (!refused.has(row)) rows[i++] = row;
  }
  return rows;
}

const durabilities = new WeakMap<DetectionStore, string>();

/** A store's promise doesn't change while it is open, and a summary costs more than a batch. */
async function durabilityOf(store: DetectionStore): Promise<string> {
  const known = durabilities.get(store);
  if (known !== undefined) return known;
  const { durability } = await store.summary();
  durabilities.set(store, durability);
  return durability;
}
