// Text written straight into bytes: no string per value, no concatenation. A cone of 20 rows is 560 values;
// as strings they cost several times what the search itself takes (bench/rest.ts).

import { pow10, SHORTEST_DECIMALS } from './float32Digits.ts';

/** ASCII text that is written often, as 8-byte words: copied with one store a word. */
export interface Literal {
  readonly text: string;
  readonly words: Float64Array;
}

export function literalOf(text: string): Literal {
  const bytes = Buffer.alloc(Math.ceil(text.length / 8) * 8);
  bytes.write(text, 'latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // ASCII never has an exponent of all ones, so no word is a NaN that a copy could change.
  return { text, words: Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i)) };
}

/** "0000" to "9999", each as the big-endian uint32 of its four characters. */
const FOUR_DIGITS = Uint32Array.from({ length: 10_000 }, (_, n) => Buffer.from(String(n).padStart(4, '0')).readUInt32BE());

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Room that every write but text() may take for granted after reserve(). */
const SLACK_BYTES = 64;
const MAX_15_DIGITS = 1e15;

export class ByteWriter {
  bytes: Buffer;
  length = 0;
  #view: DataView;
  #float = new Float32Array(1);
  #floatBits = new Uint32Array(this.#float.buffer);

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
  }

  /** Makes room for `count` bytes more. Numbers and literals don't look: reserve for a whole row first. */
  reserve(count: number): void {
    const wanted = this.length + count + SLACK_BYTES;
    if (wanted <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(wanted, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.#view = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }

  literal(literal: Literal): void {
    const { words, text } = literal;
    let at = this.length;
    for (let i = 0; i < words.length; i++, at += 8) this.#view.setFloat64(at, words[i]);
    this.length += text.length;
  }

  byte(code: number): void {
    this.bytes[this.length++] = code;
  }

  /** ASCII only, and reserved for. */
  ascii(text: string): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.length = at;
  }

  /** Writes ASCII without the characters marked in `special`, or nothing and returns false. Reserve for it. */
  plain(text: string, special: Uint8Array): boolean {
    const { bytes } = this;
    const start = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 126 || special[code] === 1) return false;
      bytes[start + i] = code;
    }
    this.length = start + text.length;
    return true;
  }

  /** Any text, as UTF-8; reserves for itself and `rest` bytes after it. */
  utf8(text: string, rest = 0): void {
    this.reserve(3 * text.length + rest);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** The shortest decimal that reads back to the same double. Finite only. */
  float64(value: number): void {
    const size = Math.abs(value);
    // Up to nine decimals and 15 digits the scaled number is exact, and no shorter decimal exists. What
    // surveys publish is mostly of that kind; the rest costs a string.
    const scaled = Math.round(size * 1e9);
    if (scaled < MAX_15_DIGITS && scaled / 1e9 === size && (value !== 0 || !Object.is(value, -0))) this.#decimal(value < 0, scaled, 9);
    else this.ascii(String(value));
  }

  /** The shortest decimal that reads back to the same float32; `value` is one. Finite only. */
  float32(value: number): void {
    this.#float[0] = value;
    const fewest = SHORTEST_DECIMALS[(this.#floatBits[0] >>> 23) & 255];
    if (fewest < 0) {
      this.ascii(value === 0 ? '0' : shortestFloat32(value));
      return;
    }
    const size = Math.abs(value);
    for (let decimals = fewest; decimals < fewest + 3; decimals++) {
      const scale = pow10[decimals];
      const scaled = Math.round(size * scale);
      if (Math.fround(scaled / scale) === size) {
        this.#decimal(value < 0, scaled, decimals);
        return;
      }
    }
    this.ascii(shortestFloat32(value));
  }

  /** An integer below 2^53 in size. */
  integer(value: number): void {
    if (value < 0) this.bytes[this.length++] = MINUS;
    this.#digits(Math.abs(value));
  }

  /** The 64-bit integer with these halves. */
  int64(low: number, high: number, isUnsigned: boolean): void {
    let lo = low >>> 0;
    let hi = high >>> 0;
    if (!isUnsigned && high >> 31 !== 0) {
      this.bytes[this.length++] = MINUS;
      lo = -lo >>> 0;
      hi = (~hi + (lo === 0 ? 1 : 0)) >>> 0;
    }
    if (hi < 0x20_0000) {
      this.#digits(hi * 0x1_0000_0000 + lo);
      return;
    }
    // long division by a million, 16 bits at a time, so that every step is exact in a double
    const high1 = Math.floor(hi / 1e6);
    const mid = (hi % 1e6) * 65_536 + (lo >>> 16);
    const mid1 = Math.floor(mid / 1e6);
    const last = (mid % 1e6) * 65_536 + (lo & 0xffff);
    this.#digits((high1 * 65_536 + mid1) * 65_536 + Math.floor(last / 1e6));
    this.#padded(last % 1e6, 6);
  }

  /** scaled / 10^decimals, without trailing zeros. */
  #decimal(isNegative: boolean, scaled: number, decimals: number): void {
    if (isNegative) this.bytes[this.length++] = MINUS;
    const scale = pow10[decimals];
    const whole = Math.floor(scaled / scale);
    let fraction = scaled - whole * scale;
    this.#digits(whole);
    if (fraction === 0) return;
    let places = decimals;
    while (fraction % 1000 === 0) {
      fraction /= 1000;
      places -= 3;
    }
    while (fraction % 10 === 0) {
      fraction /= 10;
      places--;
    }
    this.bytes[this.length++] = POINT;
    this.#padded(fraction, places);
  }

  /** `places` digits with leading zeros; below 10^9. */
  #padded(value: number, places: number): void {
    let at = this.length + places;
    this.length = at;
    let rest = value;
    while (places >= 4) {
      const upper = Math.floor(rest / 10_000);
      at -= 4;
      places -= 4;
      this.#view.setUint32(at, FOUR_DIGITS[rest - upper * 10_000]);
      rest = upper;
    }
    while (places-- > 0) {
      const upper = Math.floor(rest / 10);
      this.bytes[--at] = ZERO + rest - upper * 10;
      rest = upper;
    }
  }

  /** Without leading zeros; below 2^53. */
  #digits(value: number): void {
    if (value < 10) {
      this.bytes[this.length++] = ZERO + value;
      return;
    }
    let places = 2;
    while (places < 16 && value >= pow10[places]) places++;
    this.#padded(value, places);
  }
}

/** For sizes outside the table: seven to nine digits are enough for any float32. */
function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
