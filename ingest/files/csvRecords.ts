// Bytes to CSV records (RFC 4180), one state machine over whatever chunks arrive. Written for dirty files:
// it knows the line of every record, ends lines at LF, CRLF and CR, bounds fields and records, and reports
// a record it cannot read without losing the next one. Only text in UTF-8 passes.

import { isAscii, isUtf8 } from 'node:buffer';
import { AppError } from '../../src/errors.ts';
import { MAX_FIELD_BYTES, MAX_RECORD_BYTES } from './limits.ts';

export interface CsvRecord {
  /** Line on which it starts, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** What makes it unreadable; the fields are then not to be used. */
  readonly problem: string | null;
}

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;

type State = 'field start' | 'plain' | 'quoted' | 'quote in quoted';

export class CsvScanner {
  #state: State = 'field start';
  #line = 1;
  #recordLine = 1;
  #quoteLine = 0;
  #wasCr = false;
  #bytes = Buffer.allocUnsafe(4_096);
  #length = 0;
  #fieldStart = 0;
  #fieldEnds: number[] = [];
  #problem: string | null = null;
  #isBlank = true;

  /** Records that end in this chunk. */
  *push(chunk: Uint8Array): Generator<CsvRecord> {
    for (const byte of chunk) {
      if (byte === LF && this.#wasCr) {
        this.#wasCr = false;
        continue;
      }
      this.#wasCr = false;
      switch (this.#state) {
        case 'quoted':
          if (byte === QUOTE) this.#state = 'quote in quoted';
          else {
            if (byte === LF) this.#line++;
            this.#put(byte);
          }
          continue;
        case 'quote in quoted':
          if (byte === QUOTE) {
            this.#put(byte);
            this.#state = 'quoted';
            continue;
          }
          if (byte !== COMMA && byte !== LF && byte !== CR) {
            this.#problem ??= `field ${this.#fieldNumber()} has text after its closing quote`;
          }
          this.#state = 'plain';
          break;
        case 'field start':
          if (byte === QUOTE) {
            this.#state = 'quoted';
            this.#quoteLine = this.#line;
            this.#isBlank = false;
            continue;
          }
          break;
        case 'plain':
          if (byte === QUOTE) this.#problem ??= `field ${this.#fieldNumber()} has a quote inside unquoted text`;
          break;
      }
      if (byte === COMMA) {
        this.#endField();
        this.#isBlank = false;
        this.#state = 'field start';
      } else if (byte === LF || byte === CR) {
        this.#wasCr = byte === CR;
        const record = this.#endRecord();
        if (record !== null) yield record;
      } else {
        if (byte !== 32 && byte !== 9) this.#isBlank = false;
        this.#state = 'plain';
        this.#put(byte);
      }
    }
  }

  /** The last record, when the file does not end with a line end. */
  end(): CsvRecord | null {
    if (this.#state === 'quoted') {
      throw new AppError('invalid_argument', `line ${String(this.#quoteLine)}: the quote opened here is never closed`);
    }
    return this.#length === 0 && this.#fieldEnds.length === 0 && this.#isBlank ? null : this.#endRecord();
  }

  #put(byte: number): void {
    if (byte === 0) this.#problem ??= `field ${this.#fieldNumber()} has a NUL byte`;
    if (this.#length - this.#fieldStart >= MAX_FIELD_BYTES) {
      this.#problem ??= `field ${this.#fieldNumber()} is longer than ${String(MAX_FIELD_BYTES)} bytes`;
      return;
    }
    if (this.#length + this.#fieldEnds.length >= MAX_RECORD_BYTES) {
      this.#problem ??= `longer than ${String(MAX_RECORD_BYTES)} bytes`;
      return;
    }
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length);
    this.#bytes[this.#length++] = byte;
  }

  #endField(): void {
    if (this.#length + this.#fieldEnds.length < MAX_RECORD_BYTES) this.#fieldEnds.push(this.#length);
    else this.#problem ??= `longer than ${String(MAX_RECORD_BYTES)} bytes`;
    this.#fieldStart = this.#length;
  }

  #endRecord(): CsvRecord | null {
    this.#endField();
    const isEmptyLine = this.#isBlank && this.#problem === null;
    const record = isEmptyLine
      ? null
      : {
          line: this.#recordLine,
          fields: this.#fields(),
          problem: this.#problem,
        };
    this.#line++;
    this.#recordLine = this.#line;
    this.#state = 'field start';
    this.#length = 0;
    this.#fieldStart = 0;
    this.#fieldEnds = [];
    this.#problem = null;
    this.#isBlank = true;
    return record;
  }

  #fields(): string[] {
    const bytes = this.#bytes.subarray(0, this.#length);
    if (isAscii(bytes)) {
      const text = bytes.toString('latin1');
      let start = 0;
      return this.#fieldEnds.map((end) => {
        const field = text.slice(start, end);
        start = end;
        return field;
      });
    }
    let start = 0;
    return this.#fieldEnds.map((end, f) => {
      const field = bytes.subarray(start, end);
      start = end;
      if (!isUtf8(field)) this.#problem ??= `field ${String(f + 1)} is not UTF-8`;
      return field.toString('utf8');
    });
  }

  #fieldNumber(): string {
    return String(this.#fieldEnds.length + 1);
  }
}

/** UTF-8 with or without a byte order mark passes; the others are refused by name. */
export function refuseOtherEncodings(head: Uint8Array): void {
  const [a, b, c, d] = head;
  let found: string | null = null;
  if (a === 0xff && b === 0xfe) found = c === 0 && d === 0 ? 'UTF-32' : 'UTF-16';
  else if (a === 0xfe && b === 0xff) found = 'UTF-16';
  else if (a === 0 && b === 0 && c === 0xfe && d === 0xff) found = 'UTF-32';
  else if (a === 0x2b && b === 0x2f && c === 0x76) found = 'UTF-7';
  if (found !== null) throw new AppError('invalid_argument', `text is ${found}, must be UTF-8`);
}

/** Bytes of a byte order mark at the start: 0 or 3. */
export function byteOrderMarkLength(head: Uint8Array): number {
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
}
