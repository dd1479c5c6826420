import { describe, expect } from 'vitest';
import { coneOf } from '../../../src/sky/cone.ts';
import { idsOf, queryOf } from '../../support/detections.ts';
import { coneAt, put, type Harness } from './harness.ts';
import { BASE_CORNERS, placeAt } from './places.ts';

export function nearestTests({ test, t0: mjdTai }: Harness): void {
  describe('nearest', () => {
    const centre = { raDeg: 30, decDeg: 60 };

    test('the nearest come by separation, not by time', async (store) => {
      await put(store, [
        { sourceId: 1, ...placeAt(centre, 30, 10), mjdTai },
        { sourceId: 2, ...placeAt(centre, 10, 130), mjdTai: mjdTai + 0.1 },
        { sourceId: 3, ...placeAt(centre, 20, 250), mjdTai: mjdTai - 0.1 },
      ]);
      expect(idsOf(await store.nearest(coneAt(30, 60, 60), 3, queryOf()))).toEqual(['2', '3', '1']);
    });

    test('no more than k come', async (store) => {
      await put(
        store,
        Array.from({ length: 20 }, (_, i) => ({ sourceId: i, ...placeAt(centre, i + 1, 18 * i), mjdTai })),
      );
      expect(idsOf(await store.nearest(coneAt(30, 60, 60), 4, queryOf()))).toEqual(['0', '1', '2', '3']);
    });

    test('fewer than k come when fewer are within the radius', async (store) => {
      await put(
        store,
        Array.from({ length: 20 }, (_, i) => ({ sourceId: i, ...placeAt(centre, i + 1, 18 * i), mjdTai })),
      );
      expect(idsOf(await store.nearest(coneAt(30, 60, 3.5), 10, queryOf()))).toEqual(['0', '1', '2']);
    });

    test('rows at the same place come in row order', async (store) => {
      await put(store, [
        { sourceId: 3, ...centre, mjdTai },
        { sourceId: 1, ...centre, mjdTai: mjdTai + 0.1 },
        { sourceId: 10, ...centre, mjdTai },
        { sourceId: 'a', ...centre, mjdTai },
        { sourceId: 7, ...centre, mjdTai, survey: 'ATLAS' },
      ]);
      expect(idsOf(await store.nearest(coneAt(30, 60, 1), 10, queryOf()))).toEqual(['7', '3', '10', 'a', '1']);
    });

    test('of rows at one place the first in row order are taken', async (store) => {
      await put(
        store,
        Array.from({ length: 300 }, (_, i) => ({ sourceId: 299 - i, ...centre, mjdTai })),
      );
      expect(idsOf(await store.nearest(coneAt(30, 60, 1), 3, queryOf()))).toEqual(['0', '1', '2']);
    });

    test('the separations are those from the asked position', async (store) => {
      const separationsArcsec = [0, 0.000_1, 7, 3600, 90 * 3600];
      await put(
        store,
        separationsArcsec.map((sep, i) => ({ sourceId: i, ...placeAt(centre, sep, 200), mjdTai })),
      );
      const answer = await store.nearest(coneOf(30, 60, Math.PI), 9, queryOf());
      separationsArcsec.forEach((sep, i) => {
        expect(answer.sepArcsec[i]).toBeCloseTo(sep, 8);
      });
    });

    test('the nearest may lie over the pole', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 180, decDeg: 89.99, mjdTai },
        { sourceId: 2, raDeg: 0, decDeg: 89.9, mjdTai },
      ]);
      expect(idsOf(await store.nearest(coneAt(0, 89.99, 3600), 1, queryOf()))).toEqual(['1']);
    });

    test('the nearest may lie across RA 0', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 359.999, decDeg: 0, mjdTai },
        { sourceId: 2, raDeg: 0.01, decDeg: 0, mjdTai },
      ]);
      expect(idsOf(await store.nearest(coneAt(0.001, 0, 3600), 1, queryOf()))).toEqual(['1']);
    });

    test('the nearest at a corner of the base pixels may lie in any of them', async (store) => {
      await put(
        store,
        BASE_CORNERS.flatMap((corner, c) =>
          [10, 100, 190, 280].map((paDeg, i) => ({
            sourceId: `${String(c)}/${String(i)}`,
            ...placeAt(corner, i === c % 4 ? 4 : 6, paDeg),
            mjdTai,
          })),
        ),
      );
      const found: string[] = [];
      for (const { raDeg, decDeg } of BASE_CORNERS) found.push(...idsOf(await store.nearest(coneAt(raDeg, decDeg, 60), 1, queryOf())));
      expect(found).toEqual(BASE_CORNERS.map((_, c) => `${String(c)}/${String(c % 4)}`));
    });

    test('a lone row is found from the other side of the sky', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 210, decDeg: -60, mjdTai }]);
      expect(idsOf(await store.nearest(coneOf(30, 60, Math.PI), 1, queryOf()))).toEqual(['1']);
    });

    test('rows outside the window do not use up k', async (store) => {
      await put(store, [
        { sourceId: 1, ...placeAt(centre, 1, 0), mjdTai: mjdTai - 0.5 },
        { sourceId: 2, ...placeAt(centre, 5, 0), mjdTai },
      ]);
      const window = { mjdMinTai: mjdTai, mjdMaxTai: mjdTai + 1 };
      expect(idsOf(await store.nearest(coneAt(30, 60, 60), 1, queryOf({ window })))).toEqual(['2']);
    });

    test('rows that the filter refuses do not use up k', async (store) => {
      await put(store, [
        ...Array.from({ length: 50 }, (_, i) => ({ sourceId: i, ...placeAt(centre, 1, 7 * i), mjdTai, band: 'g' })),
        { sourceId: 100, ...placeAt(centre, 5, 0), mjdTai, band: 'r' },
      ]);
      expect(idsOf(await store.nearest(coneAt(30, 60, 60), 1, queryOf({ filter: { bands: ['r'] } })))).toEqual(['100']);
    });
  });
}
