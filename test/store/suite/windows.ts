import { describe, expect } from 'vitest';
import type { DetectionFilter } from '../../../src/model/window.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { idsOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, coneAt, coneRows, lightCurveRows, nightRows, put, type Harness } from './harness.ts';

export function windowTests({ test, t0, night0 }: Harness): void {
  describe('time window', () => {
    const place = { raDeg: 83.8, decDeg: -5.4 };
    const times = Array.from({ length: 5 }, (_, i) => t0 + 0.0625 * i);
    const rows = times.map((mjdTai, i): DetectionRow => ({ sourceId: i, ...place, mjdTai }));
    const window = { mjdMinTai: times[1], mjdMaxTai: times[3] };

    const asks: readonly (readonly [string, (store: DetectionStore) => Promise<string[]>])[] = [
      ['a small cone', async (store) => idsOf(await coneRows(store, coneAt(83.8, -5.4, 1), { window }))],
      ['a cone of the whole sky', async (store) => idsOf(await coneRows(store, ALL_SKY, { window }))],
      ['a light curve', async (store) => idsOf(await lightCurveRows(store, 'ZTF:0', { window }))],
      ['a night', async (store) => idsOf(await nightRows(store, night0, { window }))],
    ];
    for (const [name, ask] of asks) {
      test(`${name} has the row exactly at the start of the window and not the one exactly at its end`, async (store) => {
        await put(store, rows);
        expect(await ask(store)).toEqual(['1', '2']);
      });
    }

    test('a window of no length has nothing', async (store) => {
      await put(store, rows);
      expect(idsOf(await coneRows(store, ALL_SKY, { window: { mjdMinTai: times[1], mjdMaxTai: times[1] } }))).toEqual([]);
    });

    test('times one step of a double apart are told apart', async (store) => {
      const step = 2 ** -37;
      await put(store, [
        { sourceId: 1, ...place, mjdTai: t0 - step },
        { sourceId: 2, ...place, mjdTai: t0 },
        { sourceId: 3, ...place, mjdTai: t0 + step },
      ]);
      expect(idsOf(await coneRows(store, ALL_SKY, { window: { mjdMinTai: t0, mjdMaxTai: t0 + step } }))).toEqual(['2']);
    });

    test('a window open at one end has all rows on that side', async (store) => {
      await put(store, rows);
      expect(idsOf(await coneRows(store, ALL_SKY, { window: { mjdMinTai: times[3], mjdMaxTai: Infinity } }))).toEqual(['3', '4']);
    });

    test('a window may cut through several nights', async (store) => {
      const nightly = Array.from({ length: 4 }, (_, i): DetectionRow => ({ sourceId: i, ...place, mjdTai: t0 + i - 0.25 }));
      await put(store, nightly);
      expect(idsOf(await coneRows(store, ALL_SKY, { window: { mjdMinTai: t0, mjdMaxTai: t0 + 2 } }))).toEqual(['1', '2']);
    });

    test('rows of all times from MJD 10000 to 100000 are found by their time', { nights: Infinity }, async (store) => {
      const years = [10_000, 33_282.5, 41_317, 57_204, 57_754, 99_999.9, 100_000];
      await put(
        store,
        years.map((mjdTai, i) => ({ sourceId: i, ...place, mjdTai })),
      );
      const found: string[] = [];
      for (const mjdTai of years) {
        found.push(...idsOf(await coneRows(store, coneAt(83.8, -5.4, 1), { window: { mjdMinTai: mjdTai, mjdMaxTai: mjdTai + 1e-6 } })));
      }
      expect(found).toEqual(years.map((_, i) => String(i)));
    });
  });
}

export function filterTests({ test, t0: mjdTai }: Harness): void {
  describe('filter', () => {
    const at = (sourceId: number, more: Partial<DetectionRow>): DetectionRow => ({
      sourceId,
      raDeg: 20 + sourceId,
      decDeg: 7,
      mjdTai,
      ...more,
    });
    const rows: readonly DetectionRow[] = [
      at(0, { band: 'g', magAb: 18, reliability: 0.9 }),
      at(1, { band: 'r', magAb: 19.5, reliability: 0.3, kind: 'forced' }),
      at(2, { band: 'i', magAb: 20.3, reliability: 0.65, survey: 'LSST' }),
      at(3, { band: '', kind: 'upper_limit', magLimitAb: 19 }),
      at(4, { band: 'g', magAb: 17.2, survey: 'ATLAS' }),
      at(5, { band: 'g', reliability: 1, magAb: -1.46 }),
    ];

    const cases: readonly (readonly [string, DetectionFilter, readonly number[]])[] = [
      ['one band', { bands: ['g'] }, [4, 0, 5]],
      ['two bands', { bands: ['r', 'i'] }, [2, 1]],
      ['a band that no row has', { bands: ['y'] }, []],
      ['a band by its case', { bands: ['G'] }, []],
      ['an empty list of bands, which is no filter', { bands: [] }, [4, 2, 0, 1, 3, 5]],
      ['one survey', { surveys: ['LSST'] }, [2]],
      ['two surveys', { surveys: ['LSST', 'ATLAS'] }, [4, 2]],
      ['a survey that no row has', { surveys: ['Gaia'] }, []],
      ['an empty list of surveys, which is no filter', { surveys: [] }, [4, 2, 0, 1, 3, 5]],
      ['one kind', { kinds: ['upper_limit'] }, [3]],
      ['two kinds', { kinds: ['detection', 'forced'] }, [4, 2, 0, 1, 5]],
      ['a reliability, which a row without one never passes', { minReliability: 0.3 }, [2, 0, 1, 5]],
      ['a reliability of 0, which a row without one never passes', { minReliability: 0 }, [2, 0, 1, 5]],
      ['a reliability equal to that of a row, which passes', { minReliability: 0.9 }, [0, 5]],
      ['a brightest magnitude, which a row without one never passes', { magMin: 18 }, [2, 0, 1]],
      ['a faintest magnitude, which a row without one never passes', { magMax: 18 }, [4, 0, 5]],
      ['a magnitude equal to that of a row, which passes from both sides', { magMin: 20.3, magMax: 20.3 }, [2]],
      ['negative magnitudes', { magMax: 0 }, [5]],
      ['band, survey and reliability at once', { bands: ['g', 'i'], surveys: ['ZTF'], minReliability: 0.95 }, [5]],
    ];
    for (const [name, filter, expected] of cases) {
      test(`a filter may be ${name}`, async (store) => {
        await put(store, rows);
        expect(idsOf(await coneRows(store, ALL_SKY, { filter }))).toEqual(expected.map(String));
      });
    }

    test('the filter works in a small cone as in a wide one', async (store) => {
      await put(
        store,
        Array.from({ length: 12 }, (_, i) => ({ sourceId: i, raDeg: 20, decDeg: 7, mjdTai, band: i % 3 === 0 ? 'g' : 'r' })),
      );
      expect(idsOf(await coneRows(store, coneAt(20, 7, 1), { filter: { bands: ['g'] } }))).toEqual(['0', '3', '6', '9']);
    });

    test('the limit counts rows that pass the filter', async (store) => {
      await put(store, rows);
      expect(idsOf(await coneRows(store, ALL_SKY, { filter: { bands: ['g'] }, limit: 2 }))).toEqual(['4', '0']);
    });
  });
}
