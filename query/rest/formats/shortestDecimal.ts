// How many decimals a float may need, by its exponent, so that the shortest decimal is one of two.
//
// With d decimals the steps are 10^-d apart. Where that is no finer than the distance to the next float, at
// most one such decimal reads back to a given float, and without its trailing zeros it is the shortest. With
// one decimal more the steps are finer than that distance, so that the nearest always reads back.

export const POW10: Float64Array = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${n}`));

/** The most decimals that are no finer than `spacing`. */
function decimalsOf(spacing: number): number {
  let decimals = 0;
  while (10 ** -(decimals + 1) >= spacing) decimals++;
  return decimals;
}

/**
 * By the biased exponent of a float32; -1 where the search does not hold. There size * 10^d is exact in a
 * double: 24 bits of the float32 and at most 28 of 5^d.
 */
export const FLOAT32_DECIMALS: Int8Array = Int8Array.from({ length: 256 }, (_, exponent) => {
  const size = 2 ** (exponent - 127);
  return size < 2 ** -11 || size >= 2 ** 23 ? -1 : decimalsOf(size * 2 ** -23);
});

/** Half the distance to the next float32. What is nearer reads back; what is just as near may not. */
export const FLOAT32_HALF_SPACINGS: Float64Array = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** (exponent - 127 - 24));

/** More than the search for a double's decimals can be off by, in units of its last decimal. */
export const ROUNDING = 1e-6;

/**
 * By the biased exponent of a double; -1 where the search does not hold: it looks at 9 to 16 decimals, as
 * values from 1 to 2^22 need them (positions in degrees, MJDs).
 */
export const FLOAT64_DECIMALS: Int8Array = Int8Array.from({ length: 2048 }, (_, exponent) => {
  const size = 2 ** (exponent - 1023);
  return size < 1 || size >= 2 ** 22 ? -1 : decimalsOf(size * 2 ** -52);
});

export const FLOAT64_HALF_SPACINGS: Float64Array = Float64Array.from({ length: 2048 }, (_, exponent) => 2 ** (exponent - 1023 - 53));

/** For sizes outside the table: up to nine digits are enough for any float32. */
export function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}
