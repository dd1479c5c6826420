// Source ids. Surveys with numbers get 8 bytes (int64), the others keep their text; both come back
// byte for byte. A text is a number exactly when it is the canonical decimal of an int64, so that
// "00123", "+1" and "-0" stay text and every id has one form only.

const CANONICAL_INT64 = /^(?:0|-?[1-9][0-9]{0,18})$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Longest accepted text id, UTF-16 code units. */
export const MAX_ID_LENGTH = 256;

/** The int64 that this text canonically writes, or null when the id must stay text. */
export function int64OfText(text: string): bigint | null {
  if (!CANONICAL_INT64.test(text)) return null;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : null;
}

/** Order of ids within one survey and time: numbers by value, then texts by UTF-16 code unit. */
export function compareSourceIds(a: string, b: string): number {
  if (a === b) return 0;
  const an = int64OfText(a);
  const bn = int64OfText(b);
  if (an !== null && bn !== null) return an < bn ? -1 : 1;
  if (an !== null) return -1;
  if (bn !== null) return 1;
  return a < b ? -1 : 1;
}
