import { describe, expect } from 'vitest';
import { EMPTY_MOC, isInMoc, mocOfAscii } from '../../../src/sky/moc.ts';
import { polygonOf } from '../../../src/sky/polygon.ts';
import { collect, idsOf, queryOf } from '../../support/detections.ts';
import type { DetectionStore, Region } from '../../../src/store/store.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import type { DetectionQuery } from '../../../src/model/window.ts';
import { put, type Harness } from './harness.ts';
import { HARD_PLACES, PIXEL_EDGES } from './places.ts';

const polygon = (...vertices: readonly (readonly [number, number])[]): Region => ({
  kind: 'polygon',
  polygon: polygonOf(vertices.map(([raDeg, decDeg]) => ({ raDeg, decDeg }))),
});

const moc = (ascii: string): Region => ({ kind: 'moc', moc: mocOfAscii(ascii) });

function regionRows(store: DetectionStore, region: Region, query: Partial<DetectionQuery> = {}): Promise<DetectionColumns> {
  return collect(store.region(region, queryOf(query)));
}

export function regionTests({ test, t0: mjdTai }: Harness): void {
  describe('region', () => {
    test('a polygon has the rows inside and not those outside', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 11, decDeg: 11, mjdTai },
        { sourceId: 2, raDeg: 10.001, decDeg: 10.001, mjdTai },
        { sourceId: 3, raDeg: 9.999, decDeg: 10.001, mjdTai },
        { sourceId: 4, raDeg: 191, decDeg: -11, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, polygon([10, 10], [12, 10], [12, 12], [10, 12])))).toEqual(['1', '2']);
    });

    test('a polygon has great-circle edges, not lines of constant declination', async (store) => {
      // The great circle from (0, 50) to (60, 50) passes Dec 54 in its middle.
      await put(store, [
        { sourceId: 1, raDeg: 30, decDeg: 53.5, mjdTai },
        { sourceId: 2, raDeg: 30, decDeg: 50.5, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, polygon([0, 50], [60, 50], [30, 70])))).toEqual([]);
      expect(idsOf(await regionRows(store, polygon([0, 50], [60, 50], [30, 20])))).toEqual(['1', '2']);
    });

    test('a polygon around the pole has rows of every right ascension', async (store) => {
      await put(
        store,
        Array.from({ length: 12 }, (_, i) => ({ sourceId: i, raDeg: 30 * i, decDeg: -89.5, mjdTai })),
      );
      expect((await regionRows(store, polygon([0, -89], [90, -89], [180, -89], [270, -89]))).length).toBe(12);
    });

    test('a polygon across RA 0 has the rows on both sides', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 359.5, decDeg: 0, mjdTai },
        { sourceId: 2, raDeg: 0.5, decDeg: 0, mjdTai },
        { sourceId: 3, raDeg: 180, decDeg: 0, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, polygon([359, -1], [1, -1], [1, 1], [359, 1])))).toEqual(['1', '2']);
    });

    test('a concave polygon leaves out its notch', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 100.5, decDeg: 1.5, mjdTai },
        { sourceId: 2, raDeg: 102, decDeg: 1.5, mjdTai },
        { sourceId: 3, raDeg: 103.5, decDeg: 1.5, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, polygon([100, 0], [104, 0], [104, 2], [102, 0.5], [100, 2])))).toEqual(['1', '3']);
    });

    test('a polygon of a few arcseconds is as exact as a wide one', async (store) => {
      const mas = 1 / 3_600_000;
      await put(store, [
        { sourceId: 1, raDeg: 200 + mas, decDeg: 5 + mas, mjdTai },
        { sourceId: 2, raDeg: 200 - mas, decDeg: 5 + mas, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, polygon([200, 5], [200.001, 5], [200.001, 5.001], [200, 5.001])))).toEqual(['1']);
    });

    test('answers to a region carry no separation', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 11, decDeg: 11, mjdTai }]);
      expect((await regionRows(store, polygon([10, 10], [12, 10], [12, 12], [10, 12]))).sepArcsec[0]).toBeNaN();
    });

    test('a MOC has exactly the rows in its pixels, rows on pixel edges among them', async (store) => {
      const region = moc('0/4 3/10-20 6/0 4095 8/333000-333100 14/0');
      await put(
        store,
        HARD_PLACES.map((place, i) => ({ sourceId: i, ...place, mjdTai })),
      );
      const expected = HARD_PLACES.flatMap((place, i) =>
        region.kind === 'moc' && isInMoc(region.moc, place.raDeg, place.decDeg) ? [String(i)] : [],
      );
      expect(expected.length).toBeGreaterThan(20);
      expect(idsOf(await regionRows(store, region))).toEqual(expected);
    });

    test('a MOC of single pixels of order 24 has the rows of these pixels only', async (store) => {
      // (45, 0) is the south corner of base pixel 4's neighbour: pixel 0 of base pixel 0 starts there.
      await put(store, [
        { sourceId: 1, raDeg: 45, decDeg: 1e-9, mjdTai },
        { sourceId: 2, raDeg: 45, decDeg: 1e-3, mjdTai },
      ]);
      expect(idsOf(await regionRows(store, moc('24/0')))).toEqual(['1']);
    });

    test('a MOC of the whole sky has every row once', async (store) => {
      await put(
        store,
        PIXEL_EDGES.map((place, i) => ({ sourceId: i, ...place, mjdTai })),
      );
      expect(idsOf(await regionRows(store, moc('0/0-11')))).toEqual(PIXEL_EDGES.map((_, i) => String(i)));
    });

    test('an empty MOC has no row', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 45, decDeg: 0, mjdTai }]);
      expect(idsOf(await regionRows(store, { kind: 'moc', moc: EMPTY_MOC }))).toEqual([]);
    });

    test('a region keeps to window and filter', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 45, decDeg: 1, mjdTai, band: 'g' },
        { sourceId: 2, raDeg: 45, decDeg: 1, mjdTai, band: 'r' },
        { sourceId: 3, raDeg: 45, decDeg: 1, mjdTai: mjdTai + 0.5, band: 'g' },
      ]);
      const query = { window: { mjdMinTai: mjdTai, mjdMaxTai: mjdTai + 0.5 }, filter: { bands: ['g'] } };
      expect(idsOf(await regionRows(store, moc('0/0-11'), query))).toEqual(['1']);
    });
  });
}
