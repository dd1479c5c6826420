// Numbers as text (query strings, CSV, JSON rows that carry ids as text). One spelling: JSON's, with a
// leading + allowed. So 12, -0.5, +150.1 and 1.5e2 are numbers; "", " 1", 1e, .5, 5., 0x10, 150.1deg,
// 1_000, NaN and Infinity are not, and nothing is guessed.

import { AppError, invalidArgument } from '../errors.ts';

const NUMBER = /^[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^[+-]?(?:0|[1-9][0-9]*)$/;

/** The number, or NaN where the text is none or is beyond the doubles. */
export function parsedNumber(text: string): number {
  if (!NUMBER.test(text)) return NaN;
  const value = Number(text);
  return Number.isFinite(value) ? value : NaN;
}

/** The integer, or null where the text is none. */
export function parsedInteger(text: string): bigint | null {
  if (!INTEGER.test(text)) return null;
  return BigInt(text.startsWith('+') ? text.slice(1) : text);
}

/** A parameter that must be a number; the schema checks its range afterwards. */
export function numberOfText(field: string, text: string): number {
  const value = parsedNumber(text);
  if (Number.isNaN(value)) throw invalidArgument(field, text, 'a number such as 150.1 or 1.5e2');
  return value;
}

/** A parameter that must be a whole number, such as `limit`. */
export function integerOfText(field: string, text: string): number {
  const value = parsedInteger(text);
  if (value === null) throw invalidArgument(field, text, 'a whole number');
  if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) {
    throw new AppError('invalid_argument', `${field} is ${text}, beyond what can be counted`, { details: { field, value: text } });
  }
  return Number(value);
}
