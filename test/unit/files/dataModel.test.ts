// docs/data-model.md says what the code does.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../src/model/fields.ts';
import { FLOAT32_RANGES } from '../../../src/model/checkBatch.ts';
import { MAGNITUDE_ERROR_SENTINELS, MAGNITUDE_SENTINELS } from '../../../src/model/sentinels.ts';

const text = readFileSync(new URL('../../../docs/data-model.md', import.meta.url), 'utf8');
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );

describe('docs/data-model.md', () => {
  it('lists every column with its type and unit, in order', () => {
    const listed = rows
      .filter(([name]) => FIELDS.some((field) => name === `\`${field.name}\``))
      .map(([name, type, unit]) => [name, type, unit]);
    expect(listed).toEqual(FIELDS.map(({ name, type, unit }) => [`\`${name}\``, type, unit]));
  });

  it('states the ranges that are checked', () => {
    for (const { name, min, max } of Object.values(FLOAT32_RANGES)) {
      if (!Number.isFinite(min) || !Number.isFinite(max)) continue;
      const cell = rows.find(([first]) => first === `\`${name}\``)?.[4];
      expect(cell).toMatch(new RegExp(`^${String(min)} to ${max.toLocaleString('en')}`));
    }
  });

  it.each([
    ['magnitude', MAGNITUDE_SENTINELS],
    ['error of a magnitude', MAGNITUDE_ERROR_SENTINELS],
  ])('lists every sentinel of a %s', (of, sentinels) => {
    const listed = rows.filter(([first]) => first === of).map(([, surveys, values]) => [surveys, values.split(';')[0]]);
    expect(listed).toEqual(
      sentinels.map(({ surveys, values, between }) => [surveys?.join(', ') ?? 'all', between?.join(' to ') ?? values.join(', ')]),
    );
  });
});
