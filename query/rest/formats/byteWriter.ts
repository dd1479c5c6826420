// Text written straight into bytes: no string per value, no concatenation. A cone of 20 rows is 560 values;
// as strings they cost several times what the search itself takes (bench/rest.ts).

import {
  FLOAT32_DECIMALS,
  FLOAT32_HALF_SPACINGS,
  FLOAT64_DECIMALS,
  FLOAT64_HALF_SPACINGS,
  POW10,
  ROUNDING,
  shortestFloat32,
} from './shortestDecimal.ts';

/**
 * ASCII text that is written often, as 8-byte words: copied with one store a word. Several share one array.
 * There are at least three words, so that the copy of a usual one has no loop to predict.
 */
export interface Literals {
  readonly words: Float64Array;
  /** Of literal i: first word, number of words, number of bytes. */
  readonly places: Int32Array;
}

export const FEWEST_WORDS = 3;

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

/** "0000". */
const ZEROS = 0x3030_3030;

/**
 * The four digits of an integer below 10,000 as the bytes of a little-endian uint32, each 0 to 9. By
 * arithmetic: a table of ten thousand would push everything else out of the nearest cache.
 */
function fourDigits(int: number): number {
  const upper = (int * 5243) >>> 19;
  const pairs = upper | ((int - 100 * upper) << 16);
  const tens = ((pairs * 103) >>> 10) & 0x000f_000f;
  return tens | ((pairs - 10 * tens) << 8);
}

const MINUS = 45;
const POINT = 46;
/** Room that every write but utf8() may take for granted after reserve(). */
const SLACK_BYTES = 64;

const roundedUp = (size: number): number => (size + 7) & ~7;

const scratch = new Float64Array(1);
const scratchBits = new Uint32Array(scratch.buffer);
const scratch32 = new Float32Array(1);
const scratch32Bits = new Uint32Array(scratch32.buffer);

export class ByteWriter {
  bytes: Buffer;
  /** The same bytes, eight by eight. */
  words: Float64Array;
  length = 0;
  #view: DataView;

  constructor(capacity: number) {
    const size = roundedUp(capacity + SLACK_BYTES);
    this.bytes = Buffer.allocUnsafeSlow(size);
    this.words = new Float64Array(this.bytes.buffer, 0, size / 8);
    this.#view = new DataView(this.bytes.buffer, 0, size);
  }

  /** Makes room for `count` bytes more. Numbers and literals don't look: reserve for a whole row first. */
  reserve(count: number): void {
    const wanted = this.length + count + SLACK_BYTES;
    if (wanted <= this.bytes.length) return;
    const size = roundedUp(Math.max(wanted, 2 * this.bytes.length));
    const larger = Buffer.allocUnsafeSlow(size);
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
    this.words = new Float64Array(larger.buffer, 0, size / 8);
    this.#view = new DataView(larger.buffer, 0, size);
  }

  /** Appends `count` of its own bytes. */
  copyWithin(start: number, count: number): void {
    this.reserve(count);
    this.bytes.copyWithin(this.length, start, start + count);
    this.length += count;
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

  /** Literal `opening`, then `count` times: a value (literal row + k stride of `values`) and literal k + 1. Reserve for it. */
  interleave(literals: Literals, opening: number, values: Literals, row: number, stride: number, count: number): void {
    const view = this.#view;
    const { words, places } = literals;
    const { words: valueWords, places: valuePlaces } = values;
    this.literal(literals, opening);
    let at = this.length;
    for (let k = 0; k < count; k++) {
      const value = 3 * (row + k * stride);
      let from = valuePlaces[value];
      view.setFloat64(at, valueWords[from], true);
      view.setFloat64(at + 8, valueWords[from + 1], true);
      view.setFloat64(at + 16, valueWords[from + 2], true);
      for (let word = FEWEST_WORDS; word < valuePlaces[value + 1]; word++) view.setFloat64(at + 8 * word, valueWords[from + word], true);
      at += valuePlaces[value + 2];
      const literal = 3 * k + 3;
      from = places[literal];
      view.setFloat64(at, words[from], true);
      view.setFloat64(at + 8, words[from + 1], true);
      view.setFloat64(at + 16, words[from + 2], true);
      for (let word = FEWEST_WORDS; word < places[literal + 1]; word++) view.setFloat64(at + 8 * word, words[from + word], true);
      at += places[literal + 2];
    }
    this.length = at;
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
    const size = Math.abs(value);
    scratch[0] = size;
    const exponent = scratchBits[1] >>> 20;
    const fewest = FLOAT64_DECIMALS[exponent];
    if (fewest < 0) {
      this.ascii(String(value));
      return;
    }
    const whole = Math.floor(size);
    const fraction = size - whole;
    // fraction * 10^8 as an exact sum of two doubles (Dekker 1971; 10^8 has 19 bits)
    const c = 134_217_729 * fraction;
    const upper = c - (c - fraction);
    const product = fraction * 1e8;
    const error = upper * 1e8 - product + (fraction - upper) * 1e8;
    const first = Math.floor(product);
    const rest = product - first + error;
    const few = rest * POW10[fewest - 8];
    const off = Math.abs(Math.floor(few + 0.5) - few) - FLOAT64_HALF_SPACINGS[exponent] * POW10[fewest];
    const decimals = fewest + 1 - (off < 0 ? 1 : 0);
    const second = Math.floor(rest * POW10[decimals - 8] + 0.5);
    // too near to the middle between two doubles to tell which one it reads back to, or a carry
    if (Math.abs(off) < ROUNDING || second < 0 || second >= POW10[decimals - 8]) this.ascii(String(value));
    else this.#decimal(value < 0, whole | 0, first | 0, (second * POW10[16 - decimals]) | 0);
  }

  /** column[row] to nine decimals; below 10^6 in size. */
  nineDecimals(column: Float64Array, row: number): void {
    const value = column[row];
    const scaled = Math.floor(Math.abs(value) * 1e9 + 0.5);
    const whole = Math.floor(scaled / 1e9);
    const fraction = scaled - whole * 1e9;
    const first = Math.floor(fraction / 10);
    this.#decimal(value < 0 && scaled > 0, whole | 0, first | 0, ((fraction - first * 10) * 10_000_000) | 0);
  }

  /** The shortest decimal that reads back to the same float32 as column[row]. Finite only. */
  float32(column: Float32Array, row: number): void {
    const value = column[row];
    const size = Math.abs(value);
    scratch32[0] = size;
    const exponent = scratch32Bits[0] >>> 23;
    const fewest = FLOAT32_DECIMALS[exponent];
    if (fewest < 0) {
      this.ascii(value === 0 ? '0' : shortestFloat32(value));
      return;
    }
    const few = size * POW10[fewest];
    const off = Math.abs(Math.floor(few + 0.5) - few) - FLOAT32_HALF_SPACINGS[exponent] * POW10[fewest];
    // below a power of two the floats are twice as close: none but whole ones pass here
    if ((scratch32Bits[0] & 0x7f_ffff) === 0 && Math.floor(few) !== few) {
      this.ascii(shortestFloat32(value));
      return;
    }
    const decimals = fewest + 1 - (off < 0 ? 1 : 0);
    const scale = POW10[decimals];
    let whole = Math.floor(size);
    let fraction = Math.floor(size * scale + 0.5) - whole * scale;
    if (fraction === scale) {
      whole++;
      fraction = 0;
    }
    if (decimals <= 8) {
      this.#decimal(value < 0, whole | 0, (fraction * POW10[8 - decimals]) | 0, 0);
      return;
    }
    const split = POW10[decimals - 8];
    const first = Math.floor(fraction / split);
    this.#decimal(value < 0, whole | 0, first | 0, ((fraction - first * split) * POW10[16 - decimals]) | 0);
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
    if (isNegative) this.bytes[this.length++] = MINUS;
    this.#digits(whole);
    if ((first | second) === 0) return;
    const view = this.#view;
    const at = this.length;
    const upperFirst = (first / 10_000) | 0;
    const upperSecond = (second / 10_000) | 0;
    const a = fourDigits(upperFirst);
    const b = fourDigits(first - upperFirst * 10_000);
    const c = fourDigits(upperSecond);
    const d = fourDigits(second - upperSecond * 10_000);
    view.setUint8(at, POINT);
    view.setUint32(at + 1, a + ZEROS, true);
    view.setUint32(at + 5, b + ZEROS, true);
    view.setUint32(at + 9, c + ZEROS, true);
    view.setUint32(at + 13, d + ZEROS, true);
    // the last digit is the highest byte: its leading zero bytes are the trailing zeros of the number
    const zerosOfB = (Math.clz32(b) >> 3) + (b === 0 ? 1 : 0) * (Math.clz32(a) >> 3);
    const zerosOfC = (Math.clz32(c) >> 3) + (c === 0 ? 1 : 0) * zerosOfB;
    this.length = at + 17 - (Math.clz32(d) >> 3) - (d === 0 ? 1 : 0) * zerosOfC;
  }

  /** Eight digits, with leading zeros; an integer below 10^8. */
  #eight(int: number): void {
    const view = this.#view;
    const at = this.length;
    const upper = (int / 10_000) | 0;
    view.setUint32(at, fourDigits(upper) + ZEROS, true);
    view.setUint32(at + 4, fourDigits(int - upper * 10_000) + ZEROS, true);
    this.length = at + 8;
  }

  /** Without leading zeros; an integer below 10^8. */
  #digits(int: number): void {
    const view = this.#view;
    const at = this.length;
    const upper = (int / 10_000) | 0;
    const top = fourDigits(upper === 0 ? int : upper);
    // the first digit is the lowest byte; the last stands also where it is 0
    const low = top | 0x8000_0000;
    const zeros = (31 - Math.clz32(low & -low)) >> 3;
    view.setUint32(at, (top + ZEROS) >>> (8 * zeros), true);
    this.length = at + 4 - zeros;
    if (upper === 0) return;
    view.setUint32(this.length, fourDigits(int - upper * 10_000) + ZEROS, true);
    this.length += 4;
  }
}
