// Little-endian bytes of log and snapshot frames: a writer that grows and a reader that knows where it is.

import { WIDE, textLength } from './texts.ts';

export type NumberArray =
  Uint8Array | Uint16Array | Int32Array | Uint32Array | Float32Array | Float64Array | BigInt64Array | BigUint64Array;

/** Up to here a loop is faster than a call out of JavaScript. */
const SHORT_TEXT = 32;

export class ByteWriter {
  buffer: Buffer;
  length: number;

  /** Begins after `head` bytes that the caller fills. */
  constructor(head: number, capacity: number) {
    this.buffer = Buffer.allocUnsafe(Math.max(capacity, head));
    this.length = head;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.buffer[this.length++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.length = this.buffer.writeUInt32LE(value, this.length);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.length = this.buffer.writeDoubleLE(value, this.length);
  }

  /** The first `count` numbers of an array, as they lie in memory. */
  array(values: NumberArray, count: number): void {
    const bytes = count * values.BYTES_PER_ELEMENT;
    this.#reserve(bytes);
    this.buffer.set(new Uint8Array(values.buffer, values.byteOffset, bytes), this.length);
    this.length += bytes;
  }

  text(value: string): void {
    const length = textLength(value);
    this.u32(length);
    this.#reserve(2 * value.length);
    if (length <= SHORT_TEXT) {
      for (let i = 0; i < length; i++) this.buffer[this.length++] = value.charCodeAt(i);
    } else this.length += this.buffer.write(value, this.length, length >= WIDE ? 'utf16le' : 'latin1');
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  u8(): number {
    return this.#buffer[this.#at++];
  }

  u32(): number {
    this.#at += 4;
    return this.#buffer.readUInt32LE(this.#at - 4);
  }

  f64(): number {
    this.#at += 8;
    return this.#buffer.readDoubleLE(this.#at - 8);
  }

  array(into: NumberArray, count: number): void {
    const bytes = count * into.BYTES_PER_ELEMENT;
    new Uint8Array(into.buffer, into.byteOffset, bytes).set(this.#buffer.subarray(this.#at, this.#at + bytes));
    this.#at += bytes;
  }

  text(): string {
    const length = this.u32();
    const bytes = length >= WIDE ? 2 * (length - WIDE) : length;
    this.#at += bytes;
    return this.#buffer.toString(length >= WIDE ? 'utf16le' : 'latin1', this.#at - bytes, this.#at);
  }
}
