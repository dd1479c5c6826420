// Reads Avro's primitive values from bytes, never beyond their end, and never more items or deeper records
// than a record of a survey can have.

import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../src/errors.ts';
import { MAX_AVRO_ITEMS } from '../limits.ts';

const MAX_RECORD_DEPTH = 64;

export class AvroCursor {
  position = 0;
  /** Named in messages. */
  field = '';
  readonly #bytes: Buffer;
  #itemsLeft = MAX_AVRO_ITEMS;
  #depth = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.position;
  }

  /** Before each top-level record. */
  startRecord(): void {
    this.#itemsLeft = MAX_AVRO_ITEMS;
    this.#depth = 0;
  }

  enter(): void {
    if (++this.#depth > MAX_RECORD_DEPTH) throw this.broken(`is nested more than ${String(MAX_RECORD_DEPTH)} deep`);
  }

  leave(): void {
    this.#depth--;
  }

  boolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw this.broken(`is the byte ${String(byte)}, must be 0 or 1 for a boolean`);
    return byte === 1;
  }

  int(): number {
    const value = this.long();
    if (typeof value !== 'number' || value !== (value | 0)) throw this.broken(`is ${String(value)}, must be an int32`);
    return value;
  }

  /** A number where it is safe, else a bigint: exact in any case. */
  long(): number | bigint {
    let low = 0;
    let scale = 1;
    // Seven bytes hold 49 bits, which a double holds exactly.
    for (let i = 0; i < 7; i++) {
      const byte = this.#byte();
      low += (byte & 127) * scale;
      if (byte < 128) return low % 2 === 0 ? low / 2 : -(low + 1) / 2;
      scale *= 128;
    }
    let bits = BigInt(low);
    for (let shift = 49n; shift <= 63n; shift += 7n) {
      const byte = this.#byte();
      if (shift === 63n && byte > 1) break;
      bits |= BigInt(byte & 127) << shift;
      if (byte < 128) return (bits >> 1n) ^ -(bits & 1n);
    }
    throw this.broken('is longer than an int64');
  }

  /** A long that counts bytes still to come. */
  size(): number {
    const size = this.long();
    if (typeof size !== 'number' || size < 0) throw this.broken(`has the size ${String(size)}`);
    if (size > this.left) throw this.broken(`has the size ${String(size)}, only ${String(this.left)} bytes are left`);
    return size;
  }

  /** Number of items in the next block of an array or map; 0 ends it. A negative count has a size after it. */
  blockCount(): number {
    let count = this.long();
    if (typeof count === 'number' && count < 0) {
      count = -count;
      this.size();
    }
    if (typeof count !== 'number' || count < 0 || count > this.#itemsLeft) {
      throw this.broken(`has ${String(count)} items, a record may have ${String(MAX_AVRO_ITEMS)} in all`);
    }
    this.#itemsLeft -= count;
    return count;
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    const size = this.size();
    const start = this.#take(size);
    const bytes = this.#bytes.subarray(start, start + size);
    if (!isUtf8(bytes)) throw this.broken('is not UTF-8');
    return bytes.toString('utf8');
  }

  skip(size: number): null {
    this.#take(size);
    return null;
  }

  broken(what: string): AppError {
    return new AppError('invalid_argument', `${this.field === '' ? 'value' : this.field} ${what}`);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)];
  }

  #take(size: number): number {
    if (size > this.left) throw this.broken('goes beyond the end of its block');
    const start = this.position;
    this.position += size;
    return start;
  }
}
