import { describe, expect } from 'vitest';
import { mocOfAscii } from '../../../src/sky/moc.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { collect, idsOf, queryOf } from '../../support/detections.ts';
import { ALL_SKY, coneRows, lightCurveRows, nightRows, put, type Harness } from './harness.ts';

export function summaryTests({ test, t0, night0 }: Harness): void {
  describe('summary', () => {
    test('the summary counts detections and objects', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: t0 },
        { sourceId: 2, raDeg: 10, decDeg: 10, mjdTai: t0 + 0.1 },
        { sourceId: 3, raDeg: 20, decDeg: 10, mjdTai: t0 },
      ]);
      const { detections, objects } = await store.summary();
      expect({ detections, objects }).toEqual({ detections: 3, objects: 2 });
    });

    test('duplicates and rejected rows are not counted', async (store) => {
      const row = { sourceId: 1, raDeg: 10, decDeg: 10, mjdTai: t0 };
      await put(store, [row, row, { ...row, raDeg: 20 }]);
      const { detections, objects } = await store.summary();
      expect({ detections, objects }).toEqual({ detections: 1, objects: 1 });
    });

    test('the summary says the first and the last time, in whatever order they came', async (store) => {
      for (const [i, mjdTai] of [t0 + 0.5, t0, t0 + 1, t0 + 0.25].entries())
        await put(store, [{ sourceId: i, raDeg: 10, decDeg: 10, mjdTai }]);
      const { mjdTaiFirst, mjdTaiLast } = await store.summary();
      expect([mjdTaiFirst, mjdTaiLast]).toEqual([t0, t0 + 1]);
    });

    test('the summary names the surveys', async (store) => {
      await put(
        store,
        ['ZTF', 'LSST', 'ATLAS', 'ZTF'].map((survey, i) => ({ sourceId: i, raDeg: 10, decDeg: 10, mjdTai: t0, survey })),
      );
      expect((await store.summary()).surveys.toSorted()).toEqual(['ATLAS', 'LSST', 'ZTF']);
    });
  });

  describe('empty store', () => {
    const asks: readonly (readonly [string, (store: DetectionStore) => Promise<unknown[]>])[] = [
      ['cone', async (store) => idsOf(await coneRows(store, ALL_SKY))],
      ['region', async (store) => idsOf(await collect(store.region({ kind: 'moc', moc: mocOfAscii('0/0-11') }, queryOf())))],
      ['nearest', async (store) => idsOf(await store.nearest(ALL_SKY, 5, queryOf()))],
      ['light curve', async (store) => idsOf(await lightCurveRows(store, 'ZTF:1'))],
      ['night', async (store) => idsOf(await nightRows(store, night0))],
      ['detection', async (store) => idsOf(await store.detection('ZTF', '1'))],
      ['objects', async (store) => [...(await store.objects('ZTF:1'))]],
    ];
    for (const [name, ask] of asks) {
      test(`${name} of an empty store is empty`, async (store) => {
        expect(await ask(store)).toEqual([]);
      });
    }

    test('an empty store counts nothing and has no times', async (store) => {
      const { detections, objects, mjdTaiFirst, mjdTaiLast, surveys } = await store.summary();
      expect({ detections, objects, mjdTaiFirst, mjdTaiLast, surveys: [...surveys] }).toEqual({
        detections: 0,
        objects: 0,
        mjdTaiFirst: null,
        mjdTaiLast: null,
        surveys: [],
      });
    });

    test('an empty store has nothing to forget', async (store) => {
      expect(await store.evictBefore(t0)).toBe(0);
    });
  });
}
