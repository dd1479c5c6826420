import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, literalsOf } from '../../../query/rest/formats/byteWriter.ts';

const out = new ByteWriter(4096);

function written(write: (out: ByteWriter) => void): string {
  out.length = 0;
  write(out);
  return out.bytes.toString('latin1', 0, out.length);
}

const float64 = (value: number): string => written((to) => to.float64(Float64Array.of(value), 0));
const float32 = (value: number): string => written((to) => to.float32(Float32Array.of(value), 0));
const digits = (text: string): number => text.replace(/e.*$/, '').replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length; // prettier-ignore

/** The fewest digits that read back, by trying all. */
function fewestDigits(value: number): number {
  for (let n = 1; n < 9; n++) if (Math.fround(Number(value.toPrecision(n))) === value) return digits(String(Number(value.toPrecision(n))));
  return 9;
}

const double = fc.oneof(
  fc.double({ min: -400, max: 400, noNaN: true }),
  fc.double({ min: 15_000, max: 99_999, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -4e8, max: 4e8 }).map((n) => n / 1e6),
);
const single = fc.oneof(
  fc.float({ min: -40, max: 40, noNaN: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -40_000, max: 40_000 }).map((n) => Math.fround(n / 1000)),
);

describe('numbers as bytes', () => {
  it('a double reads back to itself, with no more digits than JavaScript prints', () => {
    fc.assert(fc.property(double, (value) => {
      const text = float64(value);
      expect(Number(text)).toBe(value === 0 ? 0 : value);
      expect(digits(text)).toBeLessThanOrEqual(digits(String(value)));
    }), { numRuns: 20_000 }); // prettier-ignore
  });

  it('a float32 reads back to itself and has the fewest digits that do', () => {
    fc.assert(fc.property(single, (value) => {
      const text = float32(value);
      expect(Math.fround(Number(text)) + 0).toBe(value + 0);
      expect(digits(text)).toBeLessThanOrEqual(fewestDigits(value));
    }), { numRuns: 20_000 }); // prettier-ignore
  });

  it('separations are rounded to nine decimals', () => {
    const nine = (value: number): string => written((to) => to.nineDecimals(Float64Array.of(value), 0));
    expect([0, 1, 0.1, 1e-10, 2e-9, 1.23456789012, 648_000, 359_999.999_999_999_9].map(nine)).toEqual([
      '0', '1', '0.1', '0', '0.000000002', '1.23456789', '648000', '360000',
    ]); // prettier-ignore
  });

  it('64-bit integers are exact, signed and unsigned', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.nat(63), (wide, shift) => {
      const value = wide >> BigInt(shift);
      const parts = new Int32Array(BigInt64Array.of(value).buffer);
      expect(written((to) => to.int64(parts[0], parts[1], false))).toBe(String(value));
      expect(written((to) => to.int64(parts[0], parts[1], true))).toBe(String(BigInt.asUintN(64, value)));
    }), { numRuns: 20_000 }); // prettier-ignore
    for (const value of [0, 9, 10, 9999, 10_000, 99_999_999, 100_000_000, -1, -2_147_483_648, 2_147_483_647]) {
      expect(written((to) => to.int32(value))).toBe(String(value));
    }
  });

  it('literals of any length stand one after another, also where the buffer must grow', () => {
    const texts = Array.from({ length: 60 }, (_, n) => 'abcdefghijklmnopqrstuvwxyz'.repeat(3).slice(0, n));
    const literals = literalsOf(texts);
    const small = new ByteWriter(8);
    texts.forEach((text, i) => {
      small.reserve(text.length);
      small.literal(literals, i);
    });
    expect(small.bytes.toString('latin1', 0, small.length)).toBe(texts.join(''));
  });
});
