// Rows as text, one way for JSON, NDJSON, CSV and VOTable: they differ in what stands around a value, in
// how null and text are written, and in nothing else.
//
// For each answer a plan says literal, column, literal, column ... Columns without any value in the answer
// melt into the literals, so rows of few columns cost little. Plans are kept by their set of empty columns.

import { NO_DETECTOR, type DetectionColumns } from '../../../src/model/columns.ts';
import type { Dictionary } from '../../../src/model/dictionary.ts';
import type { Field } from '../../../src/model/fields.ts';
import { KINDS } from '../../../src/model/kind.ts';
import { utcOfTai } from '../../../src/sky/time.ts';
import { literalsOf, type ByteWriter, type Literals } from './byteWriter.ts';
import type { MatchedPositions } from './format.ts';
import { FLOAT32_NAMES, FLOAT64_NAMES, halves, type Float32Name, type Float64Name } from './fieldColumns.ts';

export interface TextStyle {
  /** Before the first value of a row, before each later value, after the last. */
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

interface Plan {
  readonly columns: readonly Column[];
  readonly ops: Uint8Array;
  /** before[i] stands before column i, before[ops.length] after the row; the last is before[0] of a later row. */
  readonly before: Literals;
  readonly rowBytes: number;
  /** The arrays of the answer that is being written, by column. */
  readonly float32: Float32Array[];
  readonly float64: Float64Array[];
  readonly index: Uint16Array[];
  readonly names: StyledNames[];
}

/** The names of a dictionary as they are written. */
interface StyledNames {
  readonly texts: readonly string[];
  readonly literals: Literals;
  /** 1 where the name is plain ASCII and its literal holds. */
  readonly isPlain: Uint8Array;
}

const LONGEST_NUMBER = 28;
const NO_FLOATS32 = new Float32Array(0);
const NO_FLOATS64 = new Float64Array(0);
const NO_INDEX = new Uint16Array(0);
const NO_NAMES: StyledNames = { texts: [], literals: literalsOf([]), isPlain: new Uint8Array(0) };
const MOST_PLANS = 500;
const mjdUtc = new Float64Array(1);
const MINUS_2_TO_31 = -2_147_483_648;

export class RowWriter {
  readonly style: TextStyle;
  readonly fields: readonly Field[];
  readonly #columns: readonly Column[];
  readonly #plans = new Map<number, Plan>();
  readonly #names = new WeakMap<Dictionary, StyledNames>();
  /** By kind number, then what else is written again and again. */
  readonly #fixed: Literals;

  /** At most 31 fields: the set of empty ones is the bits of a small integer. */
  constructor(style: TextStyle, fields: readonly Field[]) {
    this.style = style;
    this.fields = fields;
    this.#columns = fields.map(columnOf);
    this.#fixed = literalsOf([style.nullText, ...KINDS.map((kind) => style.escaped(kind)), style.quote, style.idQuote]);
  }

  /** Writes rows from `row` on until the writer holds `untilBytes`; gives the next row. */
  write(out: ByteWriter, columns: DetectionColumns, matched: MatchedPositions | null, row: number, untilBytes: number): number {
    const plan = this.#planFor(columns);
    this.#bind(plan, columns);
    const fixed = this.#fixed;
    const { ops, before, rowBytes, float32, float64, index, names } = plan;
    const { kind, detector, mjdTai, sourceIdText, objectId } = columns;
    const sourceId = halves(columns.sourceId);
    const exposureId = halves(columns.exposureId);
    const flags = halves(columns.flags);
    const end = columns.length;
    const n = ops.length;

    for (; row < end && out.length < untilBytes; row++) {
      out.reserve(rowBytes);
      out.literal(before, row === 0 ? 0 : n + 1);
      const isAbsent = kind[row] === 0;
      for (let i = 0; i < n; i++) {
        if (i > 0) out.literal(before, i);
        const op = ops[i];
        if (isAbsent && op < POSITION) {
          out.literal(fixed, NULL);
          continue;
        }
        switch (op) {
          case FLOAT32: {
            const column = float32[i];
            // infinite values can't be stored; should one come, it is no JSON number either
            if (column[row] - column[row] === 0) out.float32(column, row);
            else out.literal(fixed, NULL);
            break;
          }
          case FLOAT64: {
            const column = float64[i];
            if (column[row] - column[row] === 0) out.float64(column, row);
            else out.literal(fixed, NULL);
            break;
          }
          case SEPARATION: {
            const column = float64[i];
            if (column[row] - column[row] === 0) out.nineDecimals(column, row);
            else out.literal(fixed, NULL);
            break;
          }
          case MJD_UTC:
            mjdUtc[0] = utcOfTai(mjdTai[row]);
            out.float64(mjdUtc, 0);
            break;
          case NAMES: {
            const styled = names[i];
            const name = index[i][row];
            if (styled.isPlain[name] === 1) out.literal(styled.literals, name);
            else out.utf8(styled.texts[name], rowBytes);
            break;
          }
          case SOURCE_ID: {
            const text = sourceIdText[row];
            if (text === null) this.#int64(out, sourceId, row, false);
            else this.#text(out, text, rowBytes);
            break;
          }
          case OBJECT_ID:
            this.#text(out, objectId[row], rowBytes);
            break;
          case EXPOSURE_ID:
            if (exposureId[2 * row + 1] === MINUS_2_TO_31 && exposureId[2 * row] === 0) out.literal(fixed, NULL);
            else this.#int64(out, exposureId, row, false);
            break;
          case DETECTOR:
            if (detector[row] === NO_DETECTOR) out.literal(fixed, NULL);
            else out.int32(detector[row]);
            break;
          case KIND:
            out.literal(fixed, kind[row]);
            break;
          case FLAGS:
            this.#int64(out, flags, row, true);
            break;
          case POSITION:
            out.int32(matched?.positionOf[row] ?? 0);
            break;
          default:
            this.#text(out, matched?.idOf[row] ?? null, rowBytes);
        }
      }
      out.literal(before, n);
    }
    return row;
  }

  #bind(plan: Plan, columns: DetectionColumns): void {
    for (let i = 0; i < plan.ops.length; i++) {
      const column = plan.columns[i];
      switch (column.op) {
        case FLOAT32:
          plan.float32[i] = columns[column.float32];
          break;
        case FLOAT64:
        case SEPARATION:
          plan.float64[i] = columns[column.float64];
          break;
        case NAMES:
          plan.index[i] = columns[column.names];
          plan.names[i] = this.#styledNames(columns[DICTIONARY_OF[column.names]]);
      }
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
    const styled = {
      texts,
      literals: literalsOf(plain.map((text) => text ?? '')),
      isPlain: Uint8Array.from(plain, (text) => Number(text !== null)),
    };
    this.#names.set(dictionary, styled);
    return styled;
  }

  #planFor(columns: DetectionColumns): Plan {
    let empty = 0;
    this.#columns.forEach((column, i) => {
      if (isEmpty(columns, column)) empty |= 1 << i;
    });
    let plan = this.#plans.get(empty);
    if (plan === undefined) {
      if (this.#plans.size >= MOST_PLANS) this.#plans.clear();
      plan = this.#plan(empty);
      this.#plans.set(empty, plan);
    }
    return plan;
  }

  #plan(empty: number): Plan {
    const { style } = this;
    const before: string[] = [];
    const columns: Column[] = [];
    let pending = '';
    this.fields.forEach((field, i) => {
      pending += i === 0 ? style.open(field) : style.between(field);
      if (((empty >> i) & 1) === 1) {
        pending += style.nullText;
        return;
      }
      before.push(pending);
      columns.push(this.#columns[i]);
      pending = '';
    });
    before.push(pending + style.close, style.betweenRows + before[0]);
    return {
      columns,
      ops: Uint8Array.from(columns, ({ op }) => op),
      before: literalsOf(before),
      rowBytes: before.reduce((sum, text) => sum + text.length + LONGEST_NUMBER, 0),
      float32: columns.map(() => NO_FLOATS32),
      float64: columns.map(() => NO_FLOATS64),
      index: columns.map(() => NO_INDEX),
      names: columns.map(() => NO_NAMES),
    };
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

function isEmpty(columns: DetectionColumns, { op, float32, float64, names }: Column): boolean {
  const n = columns.length;
  if (op === FLOAT32) return isAllNaN(columns[float32], n);
  if (op === FLOAT64 || op === SEPARATION) return isAllNaN(columns[float64], n);
  if (op === NAMES) return isAll(columns[names], n, 0);
  if (op === DETECTOR) return isAll(columns.detector, n, NO_DETECTOR);
  return false;
}

function isAllNaN(values: Float32Array | Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) if (values[i] === values[i]) return false;
  return true;
}

function isAll(values: Uint16Array | Int32Array, n: number, value: number): boolean {
  for (let i = 0; i < n; i++) if (values[i] !== value) return false;
  return true;
}
