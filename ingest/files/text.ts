// How text becomes a value, in every text format alike. Strict on purpose: parseFloat would read 150.1deg
// and 150.1.2, Number would read 0x1F and the empty string.

const DECIMAL = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?$/;
const NO_VALUE = /^(?:null|none|nan|na|n\/a|--)$/i;

/** A row that cannot be read. The reader adds the place and goes on with the next row. */
export class RowProblem extends Error {}

/** Decimal number with an optional sign, point and exponent; blanks around it are ignored. */
export function decimalOf(name: string, text: string): number {
  const trimmed = trimBlanks(text);
  if (!DECIMAL.test(trimmed)) throw new RowProblem(`${name} is ${quoted(text)}, must be a decimal number`);
  const value = Number(trimmed);
  if (!Number.isFinite(value)) throw new RowProblem(`${name} is ${quoted(text)}, must be a finite number`);
  return value;
}

/** The same where a value may be missing: empty, null, none, nan, na, n/a and -- in any case give NaN. */
export function optionalDecimalOf(name: string, text: string): number {
  return isNoValue(text) ? NaN : decimalOf(name, text);
}

export function isNoValue(text: string): boolean {
  const trimmed = trimBlanks(text);
  return trimmed === '' || NO_VALUE.test(trimmed);
}

/** Integer of up to 20 digits, exactly. */
export function integerOf(name: string, text: string): bigint {
  const trimmed = trimBlanks(text);
  if (!/^[+-]?[0-9]{1,20}$/.test(trimmed)) throw new RowProblem(`${name} is ${quoted(text)}, must be an integer`);
  return BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
}

/** Blanks are space and tab. Nothing else is trimmed: a no-break space is part of a name. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return from === 0 && to === text.length ? text : text.slice(from, to);
}

/** A value as a message shows it: quoted, escaped and cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}
