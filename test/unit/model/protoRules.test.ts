// The proto is the one place for ranges; the hot path has its own copy of the numbers, which must be equal.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEC_RANGE, FLOAT32_RANGES, MJD_RANGE, NAME_LENGTHS, RA_RANGE } from '../../../src/model/checkBatch.ts';
import { MAX_ID_LENGTH } from '../../../src/model/ids.ts';

const text = readFileSync(new URL('../../../proto/nightjar/v1/detection.proto', import.meta.url), 'utf8');
const message = /^message Detection \{$(.*?)^\}$/ms.exec(text)?.[1] ?? '';

/** Rules of each field of Detection: `{ min: 0, max: 360, unit: "deg" }` as a map. */
const rules = new Map(
  [...message.matchAll(/^ {2}(?:optional )?\w+ (\w+) = \d+(?: \[\(rules\) = \{(.*?)\}\])?;/gm)].map(([, field, body = '']) => [
    field,
    new Map([...body.matchAll(/(\w+): ("[^"]*"|[^,\s]+)/g)].map(([, key, value]) => [key, value])),
  ]),
);

function limitOf(field: string, key: string): number | undefined {
  const value = rules.get(field)?.get(key);
  return value === undefined ? undefined : Number(value);
}

describe('ranges of checkBatch and of the proto', () => {
  it('the proto names every column of the batch', () => {
    const names = Object.values(FLOAT32_RANGES).map(({ name }) => name);
    expect(names.filter((name) => !rules.has(name))).toEqual([]);
  });

  for (const range of [RA_RANGE, DEC_RANGE, { ...MJD_RANGE, name: 'time_mjd' }, ...Object.values(FLOAT32_RANGES)]) {
    it(`${range.name} has the same limits in both`, () => {
      expect({ min: limitOf(range.name, 'min') ?? -Infinity, max: limitOf(range.name, 'max') ?? Infinity }).toEqual({
        min: range.min,
        max: range.max,
      });
    });
  }

  for (const [field, length] of [...Object.entries(NAME_LENGTHS), ['source_name', MAX_ID_LENGTH], ['object_id', MAX_ID_LENGTH]] as const) {
    it(`${field} has the same length in both`, () => {
      expect(limitOf(field, 'max_length')).toBe(length);
    });
  }
});
