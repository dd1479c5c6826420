// Text written straight into bytes: no string per value, no concatenation. A cone of 20 rows is 560 values;
// as strings they cost several times what the search itself takes (bench/rest.ts).

import { FLOAT32_DECIMALS, FLOAT64_DECIMALS, FLOAT64_HALF_SPACINGS, POW10, ROUNDING, shortestFloat32 } from './shortestDecimal.ts';

/**
 * ASCII text that is written often, as 8-byte words: copied with one store a word. Several share one array.
 * There are at least three words, so that the copy of a usual one has no loop to predict.
 */
export interface Literals {
  readonly words: Float64Array;
  /** Of literal i: first word, number of words, number of bytes. */
  readonly places: Int32Array;
}

const FEWEST_WORDS = 3;

export function literalsOf(texts: readonly string[]): Literals {
  const places = new Int32Array(3 * texts.length);
  const words: number[] = [];
  texts.forEach((text, i) => {
    const count = Math.max(FEWEST_WORDS, Math.ceil(text.length / 8));
    const bytes = Buffer.alloc(8 * count);
    bytes.write(text, 'latin1');
    places.set([words.length, count, text.length], 3 * i);
    // ASCII never has an exponent of all ones, so no word is a NaN that a copy could change.
    for (let word = 0; word < count; word++) words.push(bytes.readDoubleLE(8 * word));
  });
  return { words: Float64Array.from(words), places };
}

/** "0000" to "9999", each as the little-endian uint32 of its four characters. */
const FOUR_DIGITS = Uint32Array.from({ length: 10_000 }, (_, n) => Buffer.from(String(n).padStart(4, '0')).readUInt32LE());

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
/** Room that every write but utf8() may take for granted after reserve(). */
const SLACK_BYTES = 64;

const scratch = new Float64Array(1);
const scratchBits = new Uint32Array(scratch.buffer);
const scratch32 = new Float32Array(1);
const scratch32Bits = new Uint32Array(scratch32.buffer);

export class ByteWriter {
  bytes: Buffer;
  length = 0;
  #view: DataView;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity + SLACK_BYTES);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
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

  literal({ words, places }: Literals, i: number): void {
    const view = this.#view;
    const at = this.length;
    const first = places[3 * i];
    const count = places[3 * i + 1];
    view.setFloat64(at, words[first], true);
    view.setFloat64(at + 8, words[first + 1], true);
    view.setFloat64(at + 16, words[first + 2], true);
    for (let word = FEWEST_WORDS; word < count; word++) view.setFloat64(at + 8 * word, words[first + word], true);
    this.length = at + places[3 * i + 2];
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

  // Numbers come as column and row, and small integers go from method to method: a double as an argument
  // would be an object on the heap each time.

  /** A shortest decimal that reads back to the same double as column[row]. Finite only. */
  float64(column: Float64Array, row: number): void {
    const value = column[row];
    const size = value < 0 ? -value : value;
    scratch[0] = size;
    const exponent = scratchBits[1] >>> 20;
    const fewest = FLOAT64_DECIMALS[exponent];
    if (fewest >= 0) {
      const whole = Math.floor(size);
      const fraction = size - whole;
      // fraction * 10^8 as an exact sum of two doubles (Dekker 1971; 10^8 has 19 bits)
      const c = 134_217_729 * fraction;
      const upper = c - (c - fraction);
      const product = fraction * 1e8;
      const error = upper * 1e8 - product + (fraction - upper) * 1e8;
      const first = Math.floor(product);
      const rest = product - first + error;
      for (let decimals = fewest; decimals < fewest + 3 && decimals <= 16; decimals++) {
        const scaled = rest * POW10[decimals - 8];
        const second = Math.round(scaled);
        const off = Math.abs(second - scaled) - FLOAT64_HALF_SPACINGS[exponent] * POW10[decimals];
        if (off > ROUNDING) continue;
        // too near to the middle between two doubles to tell which one it reads back to, or a carry
        if (off > -ROUNDING || second < 0 || second === POW10[decimals - 8]) break;
        this.#decimal(value < 0, whole | 0, first | 0, (second * POW10[16 - decimals]) | 0);
        return;
      }
    }
    this.ascii(String(value));
  }

  /** column[row] to nine decimals; below 10^6 in size. */
  nineDecimals(column: Float64Array, row: number): void {
    const value = column[row];
    const scaled = Math.round(Math.abs(value) * 1e9);
    const whole = Math.floor(scaled / 1e9);
    const fraction = scaled - whole * 1e9;
    const first = Math.floor(fraction / 10);
    this.#decimal(value < 0 && scaled > 0, whole | 0, first | 0, (fraction - first * 10) * 10_000_000);
  }

  /** The shortest decimal that reads back to the same float32 as column[row]. Finite only. */
  float32(column: Float32Array, row: number): void {
    const value = column[row];
    const size = value < 0 ? -value : value;
    scratch32[0] = size;
    const fewest = FLOAT32_DECIMALS[scratch32Bits[0] >>> 23];
    if (fewest >= 0) {
      for (let decimals = fewest; decimals < fewest + 3; decimals++) {
        const scale = POW10[decimals];
        const scaled = Math.round(size * scale);
        if (Math.fround(scaled / scale) !== size) continue;
        const whole = Math.floor(scaled / scale);
        const fraction = scaled - whole * scale;
        if (decimals <= 8) {
          this.#decimal(value < 0, whole | 0, (fraction * POW10[8 - decimals]) | 0, 0);
        } else {
          const split = POW10[decimals - 8];
          const first = Math.floor(fraction / split);
          this.#decimal(value < 0, whole | 0, first | 0, ((fraction - first * split) * POW10[16 - decimals]) | 0);
        }
        return;
      }
    }
    this.ascii(value === 0 ? '0' : shortestFloat32(value));
  }

  /** A 32-bit integer. */
  int32(value: number): void {
    this.int64(value, value >> 31, false);
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
      const value = hi * 0x1_0000_0000 + lo;
      const upper = Math.floor(value / 1e8);
      if (upper > 0) this.#digits(upper | 0);
      if (upper > 0) this.#eight((value - upper * 1e8) | 0);
      else this.#digits(value | 0);
      return;
    }
    // long division by 10^8, 16 bits at a time, so that every step is exact in a double
    const high1 = Math.floor(hi / 1e8);
    const mid = (hi - high1 * 1e8) * 65_536 + (lo >>> 16);
    const mid1 = Math.floor(mid / 1e8);
    const last = (mid - mid1 * 1e8) * 65_536 + (lo & 0xffff);
    const last1 = Math.floor(last / 1e8);
    const quotient = (high1 * 65_536 + mid1) * 65_536 + last1;
    const top = Math.floor(quotient / 1e8);
    if (top > 0) this.#digits(top | 0);
    if (top > 0) this.#eight((quotient - top * 1e8) | 0);
    else this.#digits(quotient | 0);
    this.#eight((last - last1 * 1e8) | 0);
  }

  /** whole.firstsecond, eight decimals in each, without trailing zeros. */
  #decimal(isNegative: boolean, whole: number, first: number, second: number): void {
    const { bytes } = this;
    if (isNegative) bytes[this.length++] = MINUS;
    this.#digits(whole);
    if ((first | second) === 0) return;
    bytes[this.length++] = POINT;
    this.#eight(first);
    if (second !== 0) this.#eight(second);
    let end = this.length;
    while (bytes[end - 1] === ZERO) end--;
    this.length = end;
  }

  /** Eight digits, with leading zeros; an integer below 10^8. */
  #eight(int: number): void {
    const view = this.#view;
    const at = this.length;
    const upper = (int / 10_000) | 0;
    view.setUint32(at, FOUR_DIGITS[upper], true);
    view.setUint32(at + 4, FOUR_DIGITS[int - upper * 10_000], true);
    this.length = at + 8;
  }

  /** Without leading zeros; an integer below 10^8. */
  #digits(int: number): void {
    const view = this.#view;
    let at = this.length;
    let top = int;
    if (int >= 10_000) top = (int / 10_000) | 0;
    const zeros = top >= 1000 ? 0 : top >= 100 ? 1 : top >= 10 ? 2 : 3;
    view.setUint32(at, FOUR_DIGITS[top] >>> (8 * zeros), true);
    at += 4 - zeros;
    if (int >= 10_000) {
      view.setUint32(at, FOUR_DIGITS[int - top * 10_000], true);
      at += 4;
    }
    this.length = at;
  }
}
