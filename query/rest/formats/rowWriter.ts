// Rows as text, one way for JSON, NDJSON, CSV and VOTable: they differ in what stands around a value, in
// how null and text are written, and in nothing else.
//
// What is the same in all rows of a part (names of columns, missing values, often the survey, the station,
// the object) is written once, as the segments between the columns that vary; a row is then segment, value,
// segment, value ... A cone of 20 rows of one object varies in half of its columns or fewer. Values are
// written a column at a time, and then put together a row at a time.

import { NO_DETECTOR, type DetectionColumns } from '../../../src/model/columns.ts';
import type { Dictionary } from '../../../src/model/dictionary.ts';
import type { Field } from '../../../src/model/fields.ts';
import { KINDS } from '../../../src/model/kind.ts';
import { utcOfTai } from '../../../src/sky/time.ts';
import { ByteWriter, FEWEST_WORDS, literalsOf, type Literals } from './byteWriter.ts';
import { FLOAT32_NAMES, FLOAT64_NAMES, halves, type Float32Name, type Float64Name } from './fieldColumns.ts';
import type { MatchedPositions } from './format.ts';
import { areFloats32Same, areFloats64Same, areIntsSame, areKindsSame, areNamesSame, arePairsSame, areTextsSame } from './sameValues.ts';

export interface TextStyle {
  /** Before the first value of a row, before each later value, after the last, and before each row but the first. */
  readonly open: (field: Field) => string;
  readonly between: (field: Field) => string;
  readonly close: string;
  readonly betweenRows: string;
  /** What stands for a missing value. */
  readonly nullText: string;
  /** Around text that needs no escape. */
  readonly quote: string;
  /** Around int64 and uint64. */
  readonly idQuote: string;
  /** 1 for the ASCII characters that a text can't have as they are. */
  readonly special: Uint8Array;
  /** Any text as it must be written, with what stands around it. */
  readonly escaped: (text: string) => string;
}

const NAMES = 0;
const SOURCE_ID = 1;
const OBJECT_ID = 2;
const EXPOSURE_ID = 3;
const DETECTOR = 4;
const KIND = 5;
const FLAGS = 6;
const MJD_UTC = 7;
const FLOAT32 = 8;
const FLOAT64 = 9;
const SEPARATION = 10;
// from here on what comes from the request, and is there without a detection
const POSITION = 11;
const POSITION_ID = 12;

/** Of #fixed; 1 to 3 are the kinds. */
const NULL = 0;
const QUOTE = 4;
const ID_QUOTE = 5;

type NamesColumn = 'survey' | 'station' | 'band';
const DICTIONARY_OF = { survey: 'surveys', station: 'stations', band: 'bands' } as const;
const OP_OF: Readonly<Record<string, number>> = {
  survey: NAMES, station: NAMES, band: NAMES, source_id: SOURCE_ID, object_id: OBJECT_ID, exposure_id: EXPOSURE_ID,
  detector: DETECTOR, kind: KIND, flags: FLAGS, mjd_utc: MJD_UTC, position: POSITION, id: POSITION_ID,
}; // prettier-ignore

interface Column {
  readonly op: number;
  readonly names: NamesColumn;
  readonly float32: Float32Name;
  readonly float64: Float64Name;
}

/** The names of a dictionary as they are written. */
interface StyledNames {
  readonly texts: readonly string[];
  readonly literals: Literals;
  /** 1 where the name is plain ASCII and its literal holds. */
  readonly isPlain: Uint8Array;
}

const LONGEST_NUMBER = 28;
/** Rows that are written at a time: their values stay in the processor's cache. */
const MOST_ROWS = 64;
/** Columns larger than this are not held on to. */
const MOST_KEPT_ROWS = 1024;
const NO_FLOATS32 = new Float32Array(0);
const NO_FLOATS64 = new Float64Array(0);
const NO_INDEX = new Uint16Array(0);
const NO_PARTS: Int32Array = new Int32Array(0);
const NO_NAMES: StyledNames = { texts: [], literals: literalsOf([]), isPlain: new Uint8Array(0) };
const MINUS_2_TO_31 = -2_147_483_648;
const mjdUtc = new Float64Array(1);

export class RowWriter {
  readonly style: TextStyle;
  readonly fields: readonly Field[];
  readonly #columns: readonly Column[];
  readonly #ops: Uint8Array;
  readonly #names = new WeakMap<Dictionary, StyledNames>();
  /** null, the kinds by number, quotes. */
  readonly #fixed: Literals;
  /** Before each column, after the last, between rows. */
  readonly #between: Literals;

  // Of the rows that are being written: by column, and the segments between those that vary.
  readonly #float32: Float32Array[];
  readonly #float64: Float64Array[];
  readonly #index: Uint16Array[];
  readonly #styled: StyledNames[];
  #rows: DetectionColumns | null = null;
  #matched: MatchedPositions | null = null;
  #sourceId: Int32Array = NO_PARTS;
  #exposureId: Int32Array = NO_PARTS;
  #flags: Int32Array = NO_PARTS;
  readonly #segments = new ByteWriter(4096);
  readonly #places: Int32Array;
  readonly #varying: Uint8Array;
  readonly #values = new ByteWriter(32 * 1024);
  readonly #valuePlaces: Int32Array;

  constructor(style: TextStyle, fields: readonly Field[]) {
    this.style = style;
    this.fields = fields;
    this.#columns = fields.map(columnOf);
    this.#ops = Uint8Array.from(this.#columns, ({ op }) => op);
    this.#fixed = literalsOf([style.nullText, ...KINDS.map((kind) => style.escaped(kind)), style.quote, style.idQuote]);
    this.#between = literalsOf([
      ...fields.map((field, i) => (i === 0 ? style.open(field) : style.between(field))),
      style.close,
      style.betweenRows,
    ]);
    this.#float32 = fields.map(() => NO_FLOATS32);
    this.#float64 = fields.map(() => NO_FLOATS64);
    this.#index = fields.map(() => NO_INDEX);
    this.#styled = fields.map(() => NO_NAMES);
    this.#places = new Int32Array(3 * (fields.length + 2));
    this.#varying = new Uint8Array(fields.length);
    this.#valuePlaces = new Int32Array(3 * fields.length * MOST_ROWS);
  }

  /** Writes some rows from `first` on and gives the next row. */
  write(out: ByteWriter, columns: DetectionColumns, matched: MatchedPositions | null, first: number): number {
    const end = Math.min(columns.length, first + MOST_ROWS);
    if (first >= end) return first;
    this.#bind(columns, matched);
    const n = this.#cutSegments(first, end);
    this.#values.length = 0;
    for (let k = 0; k < n; k++) this.#writeColumn(k, this.#varying[k], first, end);

    const segments: Literals = { words: this.#segments.words, places: this.#places };
    const values: Literals = { words: this.#values.words, places: this.#valuePlaces };
    out.reserve((end - first) * this.#segments.length + this.#values.length);
    // segment n + 1 is segment 0 of a later row
    for (let row = first; row < end; row++) out.interleave(segments, row === 0 ? 0 : n + 1, values, row - first, MOST_ROWS, n);
    if (columns.capacity > MOST_KEPT_ROWS) this.#unbind();
    return end;
  }

  /** Writes column i of rows [first, end), the kth that varies, each value at a whole word. */
  #writeColumn(k: number, i: number, first: number, end: number): void {
    const out = this.#values;
    const places = this.#valuePlaces;
    const op = this.#ops[i];
    const float32 = this.#float32[i];
    const float64 = this.#float64[i];
    let place = 3 * k * MOST_ROWS;
    for (let row = first; row < end; row++, place += 3) {
      out.reserve(LONGEST_NUMBER);
      const start = out.length;
      // the usual ones here, where the kind of column is known for all its rows
      if (op === FLOAT32 && float32[row] - float32[row] === 0) out.float32(float32, row);
      else if (op === FLOAT64 && float64[row] - float64[row] === 0) out.float64(float64, row);
      else this.#value(out, i, row, LONGEST_NUMBER);
      const bytes = out.length - start;
      const words = Math.max(FEWEST_WORDS, (bytes + 7) >> 3);
      places[place] = start >> 3;
      places[place + 1] = words;
      places[place + 2] = bytes;
      out.length = start + 8 * words;
    }
  }

  #bind(columns: DetectionColumns, matched: MatchedPositions | null): void {
    this.#matched = matched;
    for (let i = 0; i < this.#columns.length; i++) {
      const { op, names } = this.#columns[i];
      if (op === NAMES) this.#styled[i] = this.#styledNames(columns[DICTIONARY_OF[names]]);
    }
    // columns that are used again keep their arrays, or get all of them new
    if (this.#rows === columns && this.#index[0] === columns.survey) return;
    this.#rows = columns;
    this.#sourceId = halves(columns.sourceId);
    this.#exposureId = halves(columns.exposureId);
    this.#flags = halves(columns.flags);
    for (let i = 0; i < this.#columns.length; i++) {
      const { op, names, float32, float64 } = this.#columns[i];
      if (op === FLOAT32) this.#float32[i] = columns[float32];
      else if (op === FLOAT64 || op === SEPARATION) this.#float64[i] = columns[float64];
      else if (op === MJD_UTC) this.#float64[i] = columns.mjdTai;
      this.#index[i] = op === NAMES ? columns[names] : columns.survey;
    }
  }

  /** Lets go of a large answer. */
  #unbind(): void {
    this.#rows = null;
    this.#matched = null;
    this.#sourceId = this.#exposureId = this.#flags = NO_PARTS;
    this.#float32.fill(NO_FLOATS32);
    this.#float64.fill(NO_FLOATS64);
    this.#index.fill(NO_INDEX);
  }

  /** Writes what rows [first, end) share, and gives the number of columns that vary. */
  #cutSegments(first: number, end: number): number {
    const out = this.#segments;
    const count = this.#columns.length;
    out.length = 0;
    let start = 0;
    let n = 0;
    // a row without a detection shares nothing with the others
    const canShare = this.#matched === null || !this.#rows?.kind.subarray(first, end).includes(0);
    for (let i = 0; i < count; i++) {
      out.reserve(256);
      out.literal(this.#between, i);
      if (canShare && this.#isSame(i, first, end)) {
        this.#value(out, i, first, 256);
        continue;
      }
      start = this.#endSegment(n, start);
      this.#varying[n++] = i;
    }
    out.reserve(256);
    out.literal(this.#between, count);
    start = this.#endSegment(n, start);
    out.literal(this.#between, count + 1);
    out.copyWithin(0, this.#places[2]);
    this.#endSegment(n + 1, start);
    return n;
  }

  /** Notes the segment that began at `start`; the next begins at a whole word. */
  #endSegment(segment: number, start: number): number {
    const out = this.#segments;
    const bytes = out.length - start;
    const words = Math.max(FEWEST_WORDS, (bytes + 7) >> 3);
    this.#places[3 * segment] = start >> 3;
    this.#places[3 * segment + 1] = words;
    this.#places[3 * segment + 2] = bytes;
    out.reserve(8 * words);
    out.length = start + 8 * words;
    return out.length;
  }

  #isSame(i: number, first: number, end: number): boolean {
    const rows = this.#rows;
    if (rows === null || end - first === 1) return true;
    switch (this.#ops[i]) {
      case FLOAT32:
        return areFloats32Same(this.#float32[i], first, end);
      case FLOAT64:
      case SEPARATION:
      case MJD_UTC:
        return areFloats64Same(this.#float64[i], first, end);
      case NAMES:
        return areNamesSame(this.#index[i], first, end);
      case DETECTOR:
        return areIntsSame(rows.detector, first, end);
      case KIND:
        return areKindsSame(rows.kind, first, end);
      case EXPOSURE_ID:
        return arePairsSame(this.#exposureId, first, end);
      case FLAGS:
        return arePairsSame(this.#flags, first, end);
      case OBJECT_ID:
        return areTextsSame(rows.objectId, first, end);
      default:
        return false;
    }
  }

  #value(out: ByteWriter, i: number, row: number, rest: number): void {
    const rows = this.#rows;
    if (rows === null) return;
    const op = this.#ops[i];
    if (rows.kind[row] === 0 && op < POSITION) {
      out.literal(this.#fixed, NULL);
      return;
    }
    switch (op) {
      case FLOAT32: {
        const column = this.#float32[i];
        // infinite values can't be stored; should one come, it is no JSON number either
        if (column[row] - column[row] === 0) out.float32(column, row);
        else out.literal(this.#fixed, NULL);
        break;
      }
      case FLOAT64: {
        const column = this.#float64[i];
        if (column[row] - column[row] === 0) out.float64(column, row);
        else out.literal(this.#fixed, NULL);
        break;
      }
      case SEPARATION: {
        const column = this.#float64[i];
        if (column[row] - column[row] === 0) out.nineDecimals(column, row);
        else out.literal(this.#fixed, NULL);
        break;
      }
      case MJD_UTC:
        mjdUtc[0] = utcOfTai(rows.mjdTai[row]);
        out.float64(mjdUtc, 0);
        break;
      case NAMES: {
        const styled = this.#styled[i];
        const name = this.#index[i][row];
        if (styled.isPlain[name] === 1) out.literal(styled.literals, name);
        else out.utf8(styled.texts[name], rest);
        break;
      }
      case SOURCE_ID: {
        const text = rows.sourceIdText[row];
        if (text === null) this.#int64(out, this.#sourceId, row, false);
        else this.#text(out, text, rest);
        break;
      }
      case OBJECT_ID:
        this.#text(out, rows.objectId[row], rest);
        break;
      case EXPOSURE_ID:
        if (this.#exposureId[2 * row + 1] === MINUS_2_TO_31 && this.#exposureId[2 * row] === 0) out.literal(this.#fixed, NULL);
        else this.#int64(out, this.#exposureId, row, false);
        break;
      case DETECTOR:
        if (rows.detector[row] === NO_DETECTOR) out.literal(this.#fixed, NULL);
        else out.int32(rows.detector[row]);
        break;
      case KIND:
        out.literal(this.#fixed, rows.kind[row]);
        break;
      case FLAGS:
        this.#int64(out, this.#flags, row, true);
        break;
      case POSITION:
        out.int32(this.#matched?.positionOf[row] ?? 0);
        break;
      case POSITION_ID:
        this.#text(out, this.#matched?.idOf[row] ?? null, rest);
    }
  }

  #int64(out: ByteWriter, parts: Int32Array, row: number, isUnsigned: boolean): void {
    out.literal(this.#fixed, ID_QUOTE);
    out.int64(parts[2 * row], parts[2 * row + 1], isUnsigned);
    out.literal(this.#fixed, ID_QUOTE);
  }

  #text(out: ByteWriter, text: string | null, rest: number): void {
    if (text === null) {
      out.literal(this.#fixed, NULL);
      return;
    }
    const start = out.length;
    out.reserve(text.length + rest);
    out.literal(this.#fixed, QUOTE);
    if (out.plain(text, this.style.special)) {
      out.literal(this.#fixed, QUOTE);
      return;
    }
    out.length = start;
    out.utf8(this.style.escaped(text), rest);
  }

  #styledNames(dictionary: Dictionary): StyledNames {
    const known = this.#names.get(dictionary);
    if (known?.texts.length === dictionary.names.length) return known;
    const texts = dictionary.names.map((name) => (name === '' ? this.style.nullText : this.style.escaped(name)));
    const plain = texts.map((text) => (/^[\x20-\x7e]*$/.test(text) ? text : null));
    const literals = literalsOf(plain.map((text) => text ?? ''));
    const styled = { texts, literals, isPlain: Uint8Array.from(plain, (text) => Number(text !== null)) };
    this.#names.set(dictionary, styled);
    return styled;
  }
}

function columnOf(field: Field): Column {
  const none = { names: 'survey', float32: 'magAb', float64: 'raDeg' } as const;
  const float32 = FLOAT32_NAMES.get(field.name);
  if (float32 !== undefined) return { ...none, op: FLOAT32, float32 };
  const float64 = FLOAT64_NAMES.get(field.name);
  if (float64 !== undefined) return { ...none, op: float64 === 'sepArcsec' ? SEPARATION : FLOAT64, float64 };
  const { name } = field;
  const names = name === 'station' || name === 'band' ? name : 'survey';
  return { ...none, op: OP_OF[name], names };
}
