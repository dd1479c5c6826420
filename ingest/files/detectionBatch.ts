// Rows on their way from a file to the store: a reader adds what it understood and what it had to refuse,
// and hands on a batch of at most 1,000. Ranges are checked here too (model/checkBatch), because only here
// the line of a row is known.

import { appendRow, setSourceIdText } from '../../src/contract/detectionRow.ts';
import { DetectionColumns, FLOAT32_COLUMNS, NO_DETECTOR, NO_EXPOSURE } from '../../src/model/columns.ts';
import { Dictionary } from '../../src/model/dictionary.ts';
import { checkBatch } from '../../src/model/checkBatch.ts';
import { KIND_NUMBER, type Kind } from '../../src/model/kind.ts';
import type { RejectedRow } from '../../src/model/rejectedRow.ts';
import { MAX_BATCH_ROWS } from './limits.ts';
import { quoted } from './text.ts';

type FloatColumns = {
  -readonly [K in (typeof FLOAT32_COLUMNS)[number]]?: number;
};

/** One row as a reader understood it. Numbers are NaN or absent where there is no value. */
export interface DetectionRow extends FloatColumns {
  survey: string;
  sourceId: string | bigint;
  objectId?: string | null;
  exposureId?: bigint | null;
  detector?: number | null;
  station?: string | null;
  band?: string | null;
  kind?: Kind;
  flags?: bigint;
  mjdTai: number;
  raDeg: number;
  decDeg: number;
}

export interface FileBatch {
  readonly columns: DetectionColumns;
  /** Number in the file of each row of `columns`, counted over all rows the file gives, refused ones too. */
  readonly rows: Uint32Array;
  /** `row` is that same number; the message starts with the line or record. */
  readonly rejected: readonly RejectedRow[];
}

/** Where a row stands: a line of a text file, words such as `record 3, prv_candidates[2]`, or null where its number says it. */
export type Place = number | string | null;

export class BatchBuilder {
  readonly #firstRow: number;
  /** Shared by the batches of a file, so that a name is stored once. */
  #dictionaries = newDictionaries();
  #columns: DetectionColumns;
  #rows: number[] = [];
  #places: Place[] = [];
  #rejected: RejectedRow[] = [];
  #next: number;
  #full: FileBatch[] = [];

  /** @param firstRow Number of the first row: 1 in a file, 0 in a request body. */
  constructor(firstRow = 1) {
    this.#firstRow = firstRow;
    this.#next = firstRow;
    this.#columns = new DetectionColumns(MAX_BATCH_ROWS, this.#dictionaries);
  }

  /** Rows seen so far, refused ones too. */
  get seen(): number {
    return this.#next - this.#firstRow;
  }

  /** Whether a batch is ready to be taken. */
  get isFull(): boolean {
    return this.#full.length > 0;
  }

  add(row: DetectionRow, place: Place): void {
    const problem = nameProblem(row);
    if (problem !== null) {
      this.reject(place, problem);
      return;
    }
    const columns = this.#columns;
    const i = columns.addRow();
    columns.survey[i] = columns.surveys.intern(row.survey);
    columns.station[i] = columns.stations.intern(row.station ?? '');
    columns.band[i] = columns.bands.intern(row.band ?? '');
    columns.kind[i] = KIND_NUMBER[row.kind ?? 'detection'];
    if (typeof row.sourceId === 'bigint') columns.sourceId[i] = row.sourceId;
    else setSourceIdText(columns, i, row.sourceId);
    columns.objectId[i] = row.objectId === '' ? null : (row.objectId ?? null);
    columns.exposureId[i] = row.exposureId ?? NO_EXPOSURE;
    columns.detector[i] = row.detector ?? NO_DETECTOR;
    columns.flags[i] = row.flags ?? 0n;
    columns.mjdTai[i] = row.mjdTai;
    columns.raDeg[i] = row.raDeg;
    columns.decDeg[i] = row.decDeg;
    for (const name of FLOAT32_COLUMNS) columns[name][i] = row[name] ?? NaN;
    this.#rows.push(this.#next++);
    this.#places.push(place);
    this.#closeIfFull();
  }

  /** A row with the outside names, such as a JSON object (contract/detectionRow.ts). */
  addOwn(row: Readonly<Record<string, unknown>>, place: Place): void {
    const problems: RejectedRow[] = [];
    if (appendRow(this.#columns, row, 0, problems)) {
      this.#rows.push(this.#next++);
      this.#places.push(place);
      this.#closeIfFull();
    } else {
      this.reject(place, problems[0].message);
    }
  }

  reject(place: Place, message: string): void {
    this.#rejected.push({
      row: this.#next++,
      code: 'invalid_argument',
      message: `${placeText(place)}${message}`,
    });
  }

  /** The batches that are full. The columns belong to the caller. */
  *takeFull(): Generator<FileBatch> {
    const full = this.#full;
    this.#full = [];
    yield* full;
  }

  /** Everything, at the end. */
  *takeAll(): Generator<FileBatch> {
    if (this.#columns.length > 0 || this.#rejected.length > 0) this.#closeBatch();
    yield* this.takeFull();
  }

  #closeIfFull(): void {
    if (this.#columns.length >= MAX_BATCH_ROWS || this.#rejected.length >= MAX_BATCH_ROWS) this.#closeBatch();
  }

  #closeBatch(): void {
    const given = this.#columns;
    const checked = checkBatch(given);
    const numbers = this.#rows;
    const rejected = this.#rejected;
    for (const { row, code, message } of checked.rejected) {
      rejected.push({
        row: numbers[row],
        code,
        message: `${placeText(this.#places[row])}${message}`,
      });
    }
    rejected.sort((a, b) => a.row - b.row);
    const rows = checked.good === given ? Uint32Array.from(numbers) : Uint32Array.from(checked.rows, (row) => numbers[row]);
    // A file that makes up a name for every row must not fill the memory with them.
    if (Object.values(this.#dictionaries).some(({ names }) => names.length > MAX_SHARED_NAMES)) this.#dictionaries = newDictionaries();
    this.#columns = new DetectionColumns(MAX_BATCH_ROWS, this.#dictionaries);
    this.#rows = [];
    this.#places = [];
    this.#rejected = [];
    this.#full.push({ columns: checked.good, rows, rejected });
  }
}

/** Some catalogues count right ascension from -180 to 180. In files such a value means the place 360 deg on. */
export function wrappedRaDeg(raDeg: number): number {
  return raDeg < 0 && raDeg >= -180 ? raDeg + 360 : raDeg;
}

function placeText(place: Place): string {
  if (place === null) return '';
  return typeof place === 'number' ? `line ${String(place)}: ` : `${place}: `;
}

const MAX_SHARED_NAMES = 1_000;

function newDictionaries(): {
  surveys: Dictionary;
  stations: Dictionary;
  bands: Dictionary;
} {
  return {
    surveys: new Dictionary(),
    stations: new Dictionary(),
    bands: new Dictionary(),
  };
}

const NUL = /\0/;

/** checkBatch refuses names that are too long or no text; a NUL would end a name early in other programs. */
function nameProblem({ sourceId, objectId, survey, station, band }: DetectionRow): string | null {
  for (const name of [sourceId, objectId, survey, station, band]) {
    if (typeof name === 'string' && NUL.test(name)) return `${quoted(name)} holds a NUL character`;
  }
  return null;
}
