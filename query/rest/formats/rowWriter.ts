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
import { literalOf, type ByteWriter, type Literal } from './byteWriter.ts';
import { FLOAT32_NAMES, FLOAT64_NAMES, halves, type Float32Name, type Float64Name } from './fieldColumns.ts';

export interface TextStyle {
  /** Before the first value of a row, before each later value, after the last. */
  readonly open: (field: Field) => string;
  readonly between: (field: Field) => string;
  readonly close: string;
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

type NamesColumn = 'survey' | 'station' | 'band';
const DICTIONARY_OF = { survey: 'surveys', station: 'stations', band: 'bands' } as const;
const OP_OF: Readonly<Record<string, number>> = {
  survey: NAMES, station: NAMES, band: NAMES, source_id: SOURCE_ID, object_id: OBJECT_ID, exposure_id: EXPOSURE_ID,
  detector: DETECTOR, kind: KIND, flags: FLAGS, mjd_utc: MJD_UTC,
}; // prettier-ignore

interface Column {
  readonly op: number;
  readonly names: NamesColumn;
  readonly float32: Float32Name;
  readonly float64: Float64Name;
}

interface Plan {
  /** before[i] stands before column i; the last after the row. */
  readonly before: readonly Literal[];
  readonly columns: readonly Column[];
  readonly rowBytes: number;
}

interface StyledName {
  /** null where the name is no plain ASCII. */
  readonly literal: Literal | null;
  readonly text: string;
}

const LONGEST_NUMBER = 28;
const NO_FLOATS32 = new Float32Array(0);
const NO_FLOATS64 = new Float64Array(0);
const NO_INDEX = new Uint16Array(0);
const NO_NAMES: readonly StyledName[] = [];
const MOST_PLANS = 500;
const MINUS_2_TO_31 = -2_147_483_648;

export class RowWriter {
  readonly style: TextStyle;
  readonly fields: readonly Field[];
  readonly #columns: readonly Column[];
  readonly #plans = new Map<number, Plan>();
  readonly #names = new WeakMap<Dictionary, StyledName[]>();
  readonly #kinds: readonly Literal[];
  readonly #quote: Literal;
  readonly #idQuote: Literal;
  readonly #null: Literal;

  /** At most 31 fields: the set of empty ones is the bits of a small integer. */
  constructor(style: TextStyle, fields: readonly Field[]) {
    this.style = style;
    this.fields = fields;
    this.#columns = fields.map(columnOf);
    this.#kinds = ['detection', ...KINDS].map((kind) => literalOf(style.escaped(kind)));
    this.#quote = literalOf(style.quote);
    this.#idQuote = literalOf(style.idQuote);
    this.#null = literalOf(style.nullText);
  }

  /** A writer of these columns' rows. It holds while they keep their length and arrays. */
  rowsOf(columns: DetectionColumns): (out: ByteWriter, row: number) => void {
    const plan = this.#planFor(columns);
    const n = plan.columns.length;
    const ops = Uint8Array.from(plan.columns, ({ op }) => op);
    const float32 = plan.columns.map((c) => (c.op === FLOAT32 ? columns[c.float32] : NO_FLOATS32));
    const float64 = plan.columns.map((c) => (c.op === FLOAT64 ? columns[c.float64] : NO_FLOATS64));
    const index = plan.columns.map((c) => (c.op === NAMES ? columns[c.names] : NO_INDEX));
    const names = plan.columns.map((c) => (c.op === NAMES ? this.#styledNames(columns[DICTIONARY_OF[c.names]]) : NO_NAMES));
    const sourceId = halves(columns.sourceId);
    const exposureId = halves(columns.exposureId);
    const flags = halves(columns.flags);

    return (out, row) => {
      out.reserve(plan.rowBytes);
      for (let i = 0; i < n; i++) {
        out.literal(plan.before[i]);
        switch (ops[i]) {
          case FLOAT32:
            this.#float32(out, float32[i][row]);
            break;
          case FLOAT64:
            this.#float64(out, float64[i][row]);
            break;
          case NAMES: {
            const { literal, text } = names[i][index[i][row]];
            if (literal !== null) out.literal(literal);
            else out.utf8(text, plan.rowBytes);
            break;
          }
          case SOURCE_ID: {
            const text = columns.sourceIdText[row];
            if (text === null) this.#int64(out, sourceId, row, false);
            else this.#text(out, text, plan.rowBytes);
            break;
          }
          case OBJECT_ID:
            this.#text(out, columns.objectId[row], plan.rowBytes);
            break;
          case EXPOSURE_ID:
            if (exposureId[2 * row + 1] === MINUS_2_TO_31 && exposureId[2 * row] === 0) out.literal(this.#null);
            else this.#int64(out, exposureId, row, false);
            break;
          case DETECTOR:
            if (columns.detector[row] === NO_DETECTOR) out.literal(this.#null);
            else out.integer(columns.detector[row]);
            break;
          case KIND:
            out.literal(this.#kinds[columns.kind[row]]);
            break;
          case FLAGS:
            this.#int64(out, flags, row, true);
            break;
          default:
            this.#float64(out, utcOfTai(columns.mjdTai[row]));
        }
      }
      out.literal(plan.before[n]);
    };
  }

  #float32(out: ByteWriter, value: number): void {
    // infinite values can't be stored; should one come, it is no JSON number either
    if (value - value === 0) out.float32(value);
    else out.literal(this.#null);
  }

  #float64(out: ByteWriter, value: number): void {
    if (value - value === 0) out.float64(value);
    else out.literal(this.#null);
  }

  #int64(out: ByteWriter, parts: Int32Array, row: number, isUnsigned: boolean): void {
    out.literal(this.#idQuote);
    out.int64(parts[2 * row], parts[2 * row + 1], isUnsigned);
    out.literal(this.#idQuote);
  }

  #text(out: ByteWriter, text: string | null, rest: number): void {
    if (text === null) {
      out.literal(this.#null);
      return;
    }
    const start = out.length;
    out.reserve(text.length + rest);
    out.literal(this.#quote);
    if (out.plain(text, this.style.special)) {
      out.literal(this.#quote);
      return;
    }
    out.length = start;
    out.utf8(this.style.escaped(text), rest);
  }

  #styledNames(dictionary: Dictionary): readonly StyledName[] {
    let styled = this.#names.get(dictionary);
    if (styled === undefined) {
      styled = [];
      this.#names.set(dictionary, styled);
    }
    for (let i = styled.length; i < dictionary.names.length; i++) {
      const name = dictionary.names[i];
      const text = name === '' ? this.style.nullText : this.style.escaped(name);
      styled.push({ text, literal: /^[\x20-\x7e]*$/.test(text) ? literalOf(text) : null });
    }
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
    const before: Literal[] = [];
    const columns: Column[] = [];
    let pending = '';
    this.fields.forEach((field, i) => {
      pending += i === 0 ? style.open(field) : style.between(field);
      if (((empty >> i) & 1) === 1) {
        pending += style.nullText;
        return;
      }
      before.push(literalOf(pending));
      columns.push(this.#columns[i]);
      pending = '';
    });
    before.push(literalOf(pending + style.close));
    const rowBytes = before.reduce((sum, { text }) => sum + text.length + LONGEST_NUMBER, 0);
    return { before, columns, rowBytes };
  }
}

function columnOf(field: Field): Column {
  const none = { names: 'survey', float32: 'magAb', float64: 'raDeg' } as const;
  const float32 = FLOAT32_NAMES.get(field.name);
  if (float32 !== undefined) return { ...none, op: FLOAT32, float32 };
  const float64 = FLOAT64_NAMES.get(field.name);
  if (float64 !== undefined) return { ...none, op: FLOAT64, float64 };
  const { name } = field;
  const names = name === 'station' || name === 'band' ? name : 'survey';
  return { ...none, op: OP_OF[name], names };
}

function isEmpty(columns: DetectionColumns, { op, float32, float64, names }: Column): boolean {
  const n = columns.length;
  if (op === FLOAT32) return isAllNaN(columns[float32], n);
  if (op === FLOAT64) return isAllNaN(columns[float64], n);
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
