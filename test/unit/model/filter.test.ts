import { describe, expect, it } from 'vitest';
import { passesFilter, passesWindow } from '../../../src/model/filter.ts';
import type { DetectionFilter } from '../../../src/model/window.ts';
import { columnsOf, type DetectionRow } from '../../support/detections.ts';

const row: DetectionRow = { sourceId: 1, raDeg: 10, decDeg: 20, mjdTai: 60_000, band: 'g', magAb: 20.3, reliability: 0.9, kind: 'forced' };

describe('filter', () => {
  const cases: readonly (readonly [string, DetectionFilter, Partial<DetectionRow>, boolean])[] = [
    ['nothing asked', {}, {}, true],
    ['its band among others', { bands: ['r', 'g'] }, {}, true],
    ['other bands', { bands: ['r', 'i'] }, {}, false],
    ['a band when it has none', { bands: ['g'] }, { band: '' }, false],
    ['an empty list', { bands: [], surveys: [], kinds: [] }, {}, true],
    ['its survey', { surveys: ['ZTF'] }, {}, true],
    ['another survey', { surveys: ['LSST'] }, {}, false],
    ['its kind', { kinds: ['forced'] }, {}, true],
    ['other kinds', { kinds: ['detection', 'upper_limit'] }, {}, false],
    ['exactly its reliability, which float32 rounds down', { minReliability: 0.9 }, {}, true],
    ['a higher reliability', { minReliability: 0.91 }, {}, false],
    ['any reliability when it has none', { minReliability: 0 }, { reliability: NaN }, false],
    ['exactly its magnitude, which float32 rounds down', { magMin: 20.3, magMax: 20.3 }, {}, true],
    ['brighter ones', { magMax: 20.2 }, {}, false],
    ['fainter ones', { magMin: 20.4 }, {}, false],
    ['any magnitude when it has none', { magMax: 60 }, { magAb: NaN }, false],
    ['one part that holds and one that does not', { bands: ['g'], surveys: ['LSST'] }, {}, false],
  ];
  for (const [name, filter, change, expected] of cases) {
    it(`a row ${expected ? 'passes' : 'does not pass'} when asked for ${name}`, () => {
      expect(passesFilter(filter, columnsOf([{ ...row, ...change }]), 0)).toBe(expected);
    });
  }
});

describe('window', () => {
  it('has its start and not its end', () => {
    expect([5, 6, 7].map((mjdTai) => passesWindow({ mjdMinTai: 5, mjdMaxTai: 7 }, mjdTai))).toEqual([true, true, false]);
  });
});
