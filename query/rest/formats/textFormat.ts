// The loop that JSON, NDJSON, CSV and VOTable share: head, rows with something between, foot.

import { literalOf, ByteWriter, type Literal } from './byteWriter.ts';
import { CONE_FIELDS, PLAIN_FIELDS } from './fieldColumns.ts';
import type { ShownAnswer } from './format.ts';
import { RowWriter, type TextStyle } from './rowWriter.ts';
import type { Field } from '../../../src/model/fields.ts';

export interface TextLayout {
  readonly style: TextStyle;
  readonly betweenRows: string;
  readonly head: (answer: ShownAnswer, fields: readonly Field[]) => string;
  readonly foot: (answer: ShownAnswer) => string;
}

const PART_BYTES = 256 * 1024;

export class TextFormat {
  readonly #layout: TextLayout;
  readonly #plain: RowWriter;
  readonly #cone: RowWriter;
  readonly #betweenRows: Literal;

  constructor(layout: TextLayout) {
    this.#layout = layout;
    this.#plain = new RowWriter(layout.style, PLAIN_FIELDS);
    this.#cone = new RowWriter(layout.style, CONE_FIELDS);
    this.#betweenRows = literalOf(layout.betweenRows);
  }

  /** The whole answer into a writer of the caller's. */
  write(answer: ShownAnswer, out: ByteWriter): void {
    const rows = answer.hasSeparation ? this.#cone : this.#plain;
    out.utf8(this.#layout.head(answer, rows.fields));
    this.#rows(answer, rows, out, 0, Infinity);
    out.utf8(this.#layout.foot(answer));
  }

  /** The same in parts; nothing is kept between them but the place. */
  *encode(answer: ShownAnswer): Generator<Buffer> {
    const rows = answer.hasSeparation ? this.#cone : this.#plain;
    const n = answer.columns.length;
    let out = new ByteWriter(Math.min(PART_BYTES, 1024 * (n + 2)));
    out.utf8(this.#layout.head(answer, rows.fields));
    for (let row = 0; row < n;) {
      row = this.#rows(answer, rows, out, row, PART_BYTES);
      if (row === n) break;
      yield out.bytes.subarray(0, out.length);
      out = new ByteWriter(PART_BYTES);
    }
    out.utf8(this.#layout.foot(answer));
    yield out.bytes.subarray(0, out.length);
  }

  /** Rows from `row` on until the writer holds `untilBytes`; gives the next row. */
  #rows(answer: ShownAnswer, rows: RowWriter, out: ByteWriter, row: number, untilBytes: number): number {
    const n = answer.columns.length;
    if (n === 0) return 0;
    const writeRow = rows.rowsOf(answer.columns);
    while (row < n && out.length < untilBytes) {
      if (row > 0) out.literal(this.#betweenRows);
      writeRow(out, row++);
    }
    return row;
  }
}
