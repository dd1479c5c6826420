// How many decimals a float32 may need, by its exponent, so that the search for the shortest decimal takes
// one to three steps instead of nine.
//
// With `decimals` decimals the steps are 10^-decimals apart. Where that is no finer than the distance to the
// next float32, at most one decimal reads back to the same float32 per value, and stripping its trailing
// zeros gives the shortest. Two more decimals are always fine enough to read back.

export const pow10: Float64Array = Float64Array.from({ length: 23 }, (_, n) => Number(`1e${String(n)}`));

/**
 * By the biased exponent of a float32: the most decimals that are no finer than its spacing, 0 at least; -1
 * where the fast search does not hold (below 10^-4, beyond 10^7, and zero).
 */
export const SHORTEST_DECIMALS: Int8Array = Int8Array.from({ length: 256 }, (_, exponent) => {
  const size = 2 ** (exponent - 127);
  const spacing = size * 2 ** -23;
  if (size < 2 ** -13 || size >= 2 ** 23) return -1;
  let decimals = 0;
  while (10 ** -(decimals + 1) >= spacing) decimals++;
  return decimals;
});
