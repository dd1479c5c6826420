import { describe, expect } from 'vitest';
import { taiOfUtc } from '../../../src/sky/time.ts';
import { idsOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, coneAt, coneRows, lightCurveRows, nightRows, put, type Harness } from './harness.ts';

/** Local noon that begins the night, as UTC in days after the MJD of its evening: 0.5 - east longitude / 360. */
const NOON = {
  I41: 0.5 + 116.85978 / 360,
  X05: 0.5 + 70.74942 / 360,
  568: 0.5 + 155.4722 / 360,
  413: 0.5 - 149.06608 / 360,
  '': 0.5,
  XYZ9: 0.5,
} as const;

const MS = 1 / 86_400_000;

export function nightTests({ test, night0 }: Harness): void {
  describe('night', () => {
    const place = { raDeg: 83.8, decDeg: -5.4 };

    for (const [station, noon] of Object.entries(NOON)) {
      test(`a night ${station === '' ? 'without a station' : `at ${station}`} is from local noon to local noon`, async (store) => {
        const utc = [night0 + noon - MS, night0 + noon + MS, night0 + noon + 1 - MS, night0 + noon + 1 + MS];
        await put(
          store,
          utc.map((mjdUtc, i) => ({ sourceId: i, ...place, mjdTai: taiOfUtc(mjdUtc), station })),
        );
        expect(idsOf(await nightRows(store, night0))).toEqual(['1', '2']);
      });
    }

    test('one moment is in different nights at Palomar and at Siding Spring', async (store) => {
      const mjdTai = taiOfUtc(night0 + 1.2);
      await put(store, [
        { sourceId: 1, ...place, mjdTai, station: 'I41' },
        { sourceId: 2, ...place, mjdTai, station: '413' },
      ]);
      expect(idsOf(await nightRows(store, night0 + 1))).toEqual(['2']);
    });

    test('a night has rows of the whole sky in row order', async (store) => {
      const rows = Array.from({ length: 100 }, (_, i): DetectionRow => {
        const j = (i * 37) % 100;
        return { sourceId: j, raDeg: (i * 137.5) % 360, decDeg: -89 + 1.78 * i, mjdTai: taiOfUtc(night0 + 0.6) + j / 256 };
      });
      await put(store, rows);
      expect(idsOf(await nightRows(store, night0))).toEqual(rows.map((_, i) => String(i)));
    });

    test('a night keeps to the filter', async (store) => {
      const mjdTai = taiOfUtc(night0 + 0.9);
      await put(store, [
        { sourceId: 1, ...place, mjdTai, band: 'g' },
        { sourceId: 2, ...place, mjdTai, band: 'r' },
      ]);
      expect(idsOf(await nightRows(store, night0, { filter: { bands: ['r'] } }))).toEqual(['2']);
    });

    test('a night without rows is empty', async (store) => {
      await put(store, [{ sourceId: 1, ...place, mjdTai: taiOfUtc(night0 + 0.9) }]);
      expect(idsOf(await nightRows(store, night0 + 1))).toEqual([]);
    });
  });
}

export function evictionTests({ test, night0 }: Harness): void {
  describe('eviction', () => {
    const place = { raDeg: 83.8, decDeg: -5.4 };
    /** In the middle of the n-th night without a station. */
    const inNight = (n: number): number => taiOfUtc(night0 + n + 0.9);
    /** The noon that ends it. */
    const endOf = (n: number, noon = 0.5): number => taiOfUtc(night0 + n + 1 + noon);
    const nightly: readonly DetectionRow[] = [0, 1, 2].flatMap((n) => [
      { sourceId: 10 * n, ...place, mjdTai: inNight(n) },
      { sourceId: 10 * n + 1, raDeg: 10 * n, decDeg: 80, mjdTai: inNight(n), objectId: `night ${String(n)}` },
    ]);

    test('a night that ended is forgotten and the rows are counted', async (store) => {
      await put(store, nightly);
      expect(await store.evictBefore(endOf(0) + MS)).toBe(2);
    });

    test('a night that has not ended stays', async (store) => {
      await put(store, nightly);
      expect(await store.evictBefore(endOf(0) - MS)).toBe(0);
    });

    test('rows of later nights stay', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(1) + MS);
      expect(idsOf(await coneRows(store, ALL_SKY))).toEqual(['20', '21']);
    });

    for (const [station, noon] of Object.entries(NOON)) {
      test(`the night ${station === '' ? 'without a station' : `of ${station}`} ends at its own noon`, async (store) => {
        await put(store, [{ sourceId: 1, ...place, mjdTai: taiOfUtc(night0 + noon + 0.5), station }]);
        expect([await store.evictBefore(endOf(0, noon) - MS), await store.evictBefore(endOf(0, noon) + MS)]).toEqual([0, 1]);
      });
    }

    test('a row of the last moment before noon goes with its night, one of the moment after does not', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai: endOf(0) - MS },
        { sourceId: 2, ...place, mjdTai: endOf(0) + MS },
      ]);
      await store.evictBefore(endOf(0) + 2 * MS);
      expect(idsOf(await coneRows(store, ALL_SKY))).toEqual(['2']);
    });

    test('forgotten rows are in no small cone', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      expect(idsOf(await coneRows(store, coneAt(place.raDeg, place.decDeg, 1)))).toEqual(['10', '20']);
    });

    test('forgotten rows are in no light curve', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(1) + MS);
      expect(idsOf(await lightCurveRows(store, 'ZTF:0'))).toEqual(['20']);
    });

    test('forgotten rows are in no night', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      expect(idsOf(await nightRows(store, night0))).toEqual([]);
    });

    test('a forgotten row is not found by its id', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      expect(idsOf(await store.detection('ZTF', '1'))).toEqual([]);
    });

    test('an alias that only forgotten rows carried names nothing', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      expect(await store.objects('night 0')).toEqual([]);
    });

    test('an object of which a later night has detections stays where it was, with these only', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai: inNight(0), objectId: 'a' },
        { sourceId: 2, raDeg: 83.8001, decDeg: -5.4, mjdTai: inNight(1), objectId: 'b' },
      ]);
      await store.evictBefore(endOf(0) + MS);
      expect(await store.objects('ZTF:1')).toEqual([
        { objectId: 'ZTF:1', aliases: ['b'], ...place, detections: 1, mjdTaiFirst: inNight(1), mjdTaiLast: inNight(1) },
      ]);
    });

    test('a detection joins an object whose first night is forgotten', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      await put(store, [{ sourceId: 99, ...place, mjdTai: inNight(2) + 0.01 }]);
      expect((await store.detection('ZTF', '99')).objectId[0]).toBe('ZTF:0');
    });

    test('a detection near an object that is gone starts another', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      await put(store, [{ sourceId: 99, raDeg: 0, decDeg: 80, mjdTai: inNight(2) }]);
      expect((await store.detection('ZTF', '99')).objectId[0]).toBe('ZTF:99');
    });

    test('a forgotten detection may come again, with other content too', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      expect((await put(store, [{ sourceId: 1, raDeg: 7, decDeg: 7, mjdTai: inNight(2) }])).accepted).toBe(1);
    });

    test('the detection that started an object comes back to it after its night was forgotten', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      await put(store, [{ sourceId: 0, ...place, mjdTai: inNight(0) }]);
      expect((await store.objects('ZTF:0')).map(({ detections }) => detections)).toEqual([3]);
    });

    test('the summary counts what is left', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(0) + MS);
      const { detections, objects, mjdTaiFirst, mjdTaiLast } = await store.summary();
      expect({ detections, objects, mjdTaiFirst, mjdTaiLast }).toEqual({
        detections: 4,
        objects: 3,
        mjdTaiFirst: inNight(1),
        mjdTaiLast: inNight(2),
      });
    });

    test('a store of which every night is forgotten is empty', async (store) => {
      await put(store, nightly);
      await store.evictBefore(endOf(2) + MS);
      const { detections, objects, mjdTaiFirst } = await store.summary();
      expect({ detections, objects, mjdTaiFirst }).toEqual({ detections: 0, objects: 0, mjdTaiFirst: null });
    });

    test('thousands of rows of a night are forgotten and the rest is found as before', async (store) => {
      const rows = Array.from({ length: 4000 }, (_, i): DetectionRow => ({
        sourceId: i,
        raDeg: (i * 0.37) % 360,
        decDeg: ((i * 0.11) % 170) - 85,
        mjdTai: inNight(i % 2) + i * MS,
      }));
      await put(store, rows);
      expect([await store.evictBefore(endOf(0) + MS), (await coneRows(store, ALL_SKY)).length]).toEqual([2000, 2000]);
    });
  });
}
