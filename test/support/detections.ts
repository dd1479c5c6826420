// Detections written down in a test, and answers read back.

import { DetectionColumns, FLOAT32_COLUMNS } from '../../src/model/columns.ts';
import { FIELDS } from '../../src/model/fields.ts';
import { int64OfText } from '../../src/model/ids.ts';
import { KIND_NUMBER, type Kind } from '../../src/model/kind.ts';
import { ALL_TIME, NO_FILTER, type DetectionQuery } from '../../src/model/window.ts';

type Float32Values = Partial<Record<(typeof FLOAT32_COLUMNS)[number], number>>;

/** One row; what is not given is null, or the default beside it. */
export interface DetectionRow extends Float32Values {
  /** Canonical decimals become int64, as everywhere. */
  readonly sourceId: string | number | bigint;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly mjdTai: number;
  /** 'ZTF' */
  readonly survey?: string;
  /** 'detection' */
  readonly kind?: Kind;
  readonly band?: string;
  readonly station?: string;
  readonly objectId?: string;
  readonly exposureId?: bigint;
  readonly detector?: number;
  readonly flags?: bigint;
}

export function columnsOf(rows: readonly DetectionRow[]): DetectionColumns {
  const columns = new DetectionColumns(Math.max(1, rows.length));
  for (const row of rows) {
    const i = columns.addRow();
    const id = String(row.sourceId);
    const number = int64OfText(id);
    columns.sourceId[i] = number ?? 0n;
    columns.sourceIdText[i] = number === null ? id : null;
    columns.survey[i] = columns.surveys.intern(row.survey ?? 'ZTF');
    columns.station[i] = columns.stations.intern(row.station ?? '');
    columns.band[i] = columns.bands.intern(row.band ?? '');
    columns.kind[i] = KIND_NUMBER[row.kind ?? 'detection'];
    columns.objectId[i] = row.objectId ?? null;
    columns.mjdTai[i] = row.mjdTai;
    columns.raDeg[i] = row.raDeg;
    columns.decDeg[i] = row.decDeg;
    if (row.exposureId !== undefined) columns.exposureId[i] = row.exposureId;
    if (row.detector !== undefined) columns.detector[i] = row.detector;
    if (row.flags !== undefined) columns.flags[i] = row.flags;
    for (const name of FLOAT32_COLUMNS) columns[name][i] = row[name] ?? NaN;
  }
  return columns;
}

/** A whole answer; batches are copied, since a store may reuse them. */
export async function collect(answer: AsyncIterable<DetectionColumns>): Promise<DetectionColumns> {
  const all = new DetectionColumns(16);
  for await (const batch of answer) {
    for (let row = 0; row < batch.length; row++) all.copyRow(batch, row);
  }
  return all;
}

export function queryOf(parts: Partial<DetectionQuery> = {}): DetectionQuery {
  return { window: ALL_TIME, filter: NO_FILTER, limit: 1_000_000, ...parts };
}

/** `survey:source_id` of each row, in the answer's order. */
export function keysOf(columns: DetectionColumns): string[] {
  return Array.from({ length: columns.length }, (_, row) => `${columns.surveyOf(row)}:${columns.sourceIdOf(row)}`);
}

/** Source ids of each row, in the answer's order. */
export function idsOf(columns: DetectionColumns): string[] {
  return Array.from({ length: columns.length }, (_, row) => columns.sourceIdOf(row));
}

/** Every field of a row under its outside name. */
export function recordOf(columns: DetectionColumns, row: number): Record<string, string | number | bigint | null> {
  return Object.fromEntries(FIELDS.map((field) => [field.name, field.value(columns, row)]));
}
