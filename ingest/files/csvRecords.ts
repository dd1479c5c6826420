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
const SPACE = 32;
const TAB = 9;
const ONE_QUOTE = Uint8Array.of(QUOTE);

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

  /** Hands over the records that end in this chunk. */
  push(chunk: Uint8Array, take: (record: CsvRecord) => void): void {
    let i = 0;
    while (i < chunk.length) {
      const byte = chunk[i];
      if (byte === LF && this.#wasCr) {
        this.#wasCr = false;
        i++;
        continue;
      }
      this.#wasCr = false;
      if (this.#state === 'quoted') {
        i = this.#quotedText(chunk, i);
        continue;
      }
      if (this.#state === 'quote in quoted' && !this.#leaveQuotes(byte)) {
        i++;
        continue;
      }
      if (byte === QUOTE) {
        this.#startQuotes();
        i++;
      } else if (byte === COMMA) {
        this.#endField();
        this.#isBlank = false;
        this.#state = 'field start';
        i++;
      } else if (byte === LF || byte === CR) {
        this.#wasCr = byte === CR;
        const record = this.#endRecord();
        if (record !== null) take(record);
        i++;
      } else {
        i = this.#plainText(chunk, i);
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

  /** Up to the next byte that means something; returns where that is. */
  #plainText(chunk: Uint8Array, from: number): number {
    let to = from;
    let isBlank = this.#isBlank;
    for (; to < chunk.length; to++) {
      const byte = chunk[to];
      if (byte === COMMA || byte === LF || byte === CR || byte === QUOTE) break;
      if (byte === 0) this.#problem ??= `field ${this.#fieldNumber()} has a NUL byte`;
      if (byte !== SPACE && byte !== TAB) isBlank = false;
    }
    this.#isBlank = isBlank;
    this.#state = 'plain';
    this.#put(chunk, from, to);
    return to;
  }

  #quotedText(chunk: Uint8Array, from: number): number {
    let to = from;
    for (; to < chunk.length && chunk[to] !== QUOTE; to++) {
      if (chunk[to] === LF) this.#line++;
      else if (chunk[to] === 0) this.#problem ??= `field ${this.#fieldNumber()} has a NUL byte`;
    }
    this.#put(chunk, from, to);
    if (to === chunk.length) return to;
    this.#state = 'quote in quoted';
    return to + 1;
  }

  /** After a quote inside quotes: false where a second one makes it a quote in the text. */
  #leaveQuotes(byte: number): boolean {
    if (byte === QUOTE) {
      this.#put(ONE_QUOTE, 0, 1);
      this.#state = 'quoted';
      return false;
    }
    if (byte !== COMMA && byte !== LF && byte !== CR) this.#problem ??= `field ${this.#fieldNumber()} has text after its closing quote`;
    this.#state = 'plain';
    return true;
  }

  #startQuotes(): void {
    this.#isBlank = false;
    if (this.#state === 'field start') {
      this.#state = 'quoted';
      this.#quoteLine = this.#line;
    } else {
      this.#problem ??= `field ${this.#fieldNumber()} has a quote inside unquoted text`;
    }
  }

  /** Keeps these bytes of the field, as far as the limits let it. */
  #put(chunk: Uint8Array, from: number, to: number): void {
    let size = to - from;
    const fieldLeft = MAX_FIELD_BYTES - (this.#length - this.#fieldStart);
    if (size > fieldLeft) {
      this.#problem ??= `field ${this.#fieldNumber()} is longer than ${String(MAX_FIELD_BYTES)} bytes`;
      size = fieldLeft;
    }
    const recordLeft = MAX_RECORD_BYTES - (this.#length + this.#fieldEnds.length);
    if (size > recordLeft) {
      this.#problem ??= `longer than ${String(MAX_RECORD_BYTES)} bytes`;
      size = Math.max(0, recordLeft);
    }
    if (this.#length + size > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], Math.max(2 * this.#bytes.length, this.#length + size));
    }
    this.#bytes.set(chunk.subarray(from, from + size), this.#length);
    this.#length += size;
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
