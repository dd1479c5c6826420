// The few forms of MessagePack that the scripts' arguments need, written straight into bytes. A script
// unpacks the whole argument in one C call (cmsgpack, in every Redis and Valkey), which is several times
// cheaper than the same values as separate arguments.

import { ByteSink } from '../packedRow.ts';

export class MsgpackSink extends ByteSink {
  /** The next `length` values are one list. */
  list(length: number): void {
    this.reserve(5);
    this.bytes[this.length] = 0xdc;
    this.view.setUint16(this.length + 1, length);
    this.length += 3;
  }

  /** A text, read by the script as bytes. 0xda: the 8-bit length is unknown to some versions of cmsgpack. */
  binary(from: Uint8Array, start = 0, end = from.length): void {
    this.#head(end - start);
    this.bytes.set(from.subarray(start, end), this.length);
    this.length += end - start;
  }

  ascii(text: string): void {
    this.#head(text.length);
    this.bytes.write(text, this.length, 'latin1');
    this.length += text.length;
  }

  /** A whole number from 0 to 2^53 as decimal text, as ZADD wants its score. */
  digits(value: number): void {
    const high = Math.floor(value / 1e8);
    const low = value - high * 1e8;
    this.#head(16);
    writeDigits(this.bytes, this.length, high);
    writeDigits(this.bytes, this.length + 8, low);
    this.length += 16;
  }

  integer(value: number): void {
    this.reserve(5);
    this.bytes[this.length] = 0xce;
    this.view.setUint32(this.length + 1, value);
    this.length += 5;
  }

  double(value: number): void {
    this.reserve(9);
    this.bytes[this.length] = 0xcb;
    this.view.setFloat64(this.length + 1, value);
    this.length += 9;
  }

  /** A text of `length` bytes that the caller writes at `this.length` itself, advancing it. */
  open(length: number): void {
    this.#head(length);
  }

  #head(length: number): void {
    this.reserve(length + 5);
    if (length < 32) {
      this.bytes[this.length++] = 0xa0 | length;
    } else if (length < 65_536) {
      this.bytes[this.length] = 0xda;
      this.view.setUint16(this.length + 1, length);
      this.length += 3;
    } else {
      this.bytes[this.length] = 0xdb;
      this.view.setUint32(this.length + 1, length);
      this.length += 5;
    }
  }
}

/** Eight decimal digits with leading zeros; strtod reads them as the same number. */
function writeDigits(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 7; i >= 0; i--) {
    const rest = Math.floor(value / 10);
    bytes[at + i] = 48 + value - rest * 10;
    value = rest;
  }
}
