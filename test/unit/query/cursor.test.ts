import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import { decodeCursor, encodeCursor } from '../../../query/cursor.ts';

const key = fc.record({
  mjdTai: fc.double({ min: 10_000, max: 100_000, noNaN: true }),
  survey: fc.string({ minLength: 1, maxLength: 64, unit: 'binary' }),
  sourceId: fc.string({ minLength: 1, maxLength: 256, unit: 'binary' }),
});

it('a cursor gives back its key, whatever characters the names have', () => {
  fc.assert(fc.property(key, (given) => {
    expect(decodeCursor(encodeCursor(given))).toEqual(given);
  })); // prettier-ignore
});

it('a cursor that was changed, cut or made up is refused', () => {
  fc.assert(fc.property(key, fc.nat(), fc.constantFrom('A', 'b', '0', '_', ''), (given, place, character) => {
    const cursor = encodeCursor(given);
    const at = place % cursor.length;
    const changed = cursor.slice(0, at) + character + cursor.slice(at + 1);
    if (changed !== cursor) expect(() => decodeCursor(changed)).toThrow(AppError);
  })); // prettier-ignore
  for (const made of ['', 'A', 'AAAA', 'not base64!', Buffer.alloc(14).toString('base64url')])
    expect(() => decodeCursor(made)).toThrow(AppError);
});
