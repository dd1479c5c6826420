// The loop that JSON, NDJSON, CSV and VOTable share: head, rows with something between, foot.

import { ByteWriter } from './byteWriter.ts';
import { CONE_FIELDS, MATCH_FIELDS, PLAIN_FIELDS } from './fieldColumns.ts';
import type { ShownAnswer } from './format.ts';
import { RowWriter, type TextStyle } from './rowWriter.ts';
import type { Field } from '../../../src/model/fields.ts';

export interface TextLayout {
  readonly style: TextStyle;
  readonly head: (answer: ShownAnswer, fields: readonly Field[]) => string;
  readonly foot: (answer: ShownAnswer) => string;
}

const PART_BYTES = 256 * 1024;

export class TextFormat {
  readonly #layout: TextLayout;
  readonly #plain: RowWriter;
  readonly #cone: RowWriter;
  readonly #match: RowWriter;

  constructor(layout: TextLayout) {
    this.#layout = layout;
    this.#plain = new RowWriter(layout.style, PLAIN_FIELDS);
    this.#cone = new RowWriter(layout.style, CONE_FIELDS);
    this.#match = new RowWriter(layout.style, MATCH_FIELDS);
  }

  #rowsFor(answer: ShownAnswer): RowWriter {
    if (answer.matched !== null) return this.#match;
    return answer.hasSeparation ? this.#cone : this.#plain;
  }

  /** The whole answer into a writer of the caller's. */
  write(answer: ShownAnswer, out: ByteWriter): void {
    const rows = this.#rowsFor(answer);
    out.utf8(this.#layout.head(answer, rows.fields));
    const n = answer.columns.length;
    for (let row = 0; row < n;) row = rows.write(out, answer.columns, answer.matched, row);
    out.utf8(this.#layout.foot(answer));
  }

  /** The same in parts; nothing is kept between them but the place. */
  *encode(answer: ShownAnswer): Generator<Buffer> {
    const rows = this.#rowsFor(answer);
    const n = answer.columns.length;
    let out = new ByteWriter(Math.min(PART_BYTES, 1024 * (n + 2)));
    out.utf8(this.#layout.head(answer, rows.fields));
    for (let row = 0; row < n;) {
      row = rows.write(out, answer.columns, answer.matched, row);
      if (row === n || out.length < PART_BYTES) continue;
      yield out.bytes.subarray(0, out.length);
      out = new ByteWriter(PART_BYTES);
    }
    out.utf8(this.#layout.foot(answer));
    yield out.bytes.subarray(0, out.length);
  }
}
