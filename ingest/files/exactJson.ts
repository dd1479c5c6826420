// JSON whose whole numbers keep their digits. JSON.parse makes a double of every number, and a double rounds an id
// beyond 2^53; clients that write ids as JSON numbers (Python's json.dumps does) would lose the last digits.

/** A run of digits that a double may not hold, not the decimals of a fraction. */
const LONG_INTEGER = /(?<![\d.])\d{16,}(?![\d.])/;
const INTEGER = /^-?\d+$/;

/** As JSON.parse, but a whole number beyond 2^53 comes as its text, exactly as written. Throws SyntaxError. */
export function parseExactJson(text: string): unknown {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as unknown;
  const keepDigits = (_key: string, value: unknown, context: { source?: string }): unknown => {
    const source = context.source ?? '';
    return typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(source) ? source : value;
  };
  return JSON.parse(text, keepDigits as Parameters<typeof JSON.parse>[1]) as unknown;
}
