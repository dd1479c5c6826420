import { describe, expect } from 'vitest';
import { checkBatch } from '../../../src/model/checkBatch.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import { collect, columnsOf, idsOf, queryOf } from '../../support/detections.ts';
import { ALL_SKY, coneAt, coneRows, put, type Harness } from './harness.ts';
import { BASE_CORNERS, NEAR_WRAP, PIXEL_EDGES, placeAt, POLES } from './places.ts';

const DEG = 3600;

export function coneTests({ test, t0: mjdTai }: Harness): void {
  describe('cone', () => {
    test('a cone of radius zero holds the row at its centre', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 123.456789012345, decDeg: -45.6789012345, mjdTai }]);
      expect(idsOf(await coneRows(store, coneAt(123.456789012345, -45.6789012345, 0)))).toEqual(['1']);
    });

    test('a cone around an empty place is empty', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai }]);
      expect(idsOf(await coneRows(store, coneAt(10, 11, 60)))).toEqual([]);
    });

    for (const radiusArcsec of [0.01, 1, 60, DEG, 30 * DEG, 120 * DEG]) {
      test(`a cone of ${String(radiusArcsec)} arcsec has the row 1 mas inside its rim and not the one 1 mas outside`, async (store) => {
        const centre = { raDeg: 211.3, decDeg: 20.2 };
        for (const [sourceId, off] of [
          [1, -0.001],
          [2, 0.001],
        ] as const) {
          await put(store, [{ sourceId, ...placeAt(centre, radiusArcsec + off, 40), mjdTai }]);
        }
        expect(idsOf(await coneRows(store, coneAt(centre.raDeg, centre.decDeg, radiusArcsec)))).toEqual(['1']);
      });
    }

    test('a cone tells rows 0.05 mas and 0.2 mas from its centre apart', async (store) => {
      const centre = { raDeg: 77, decDeg: 66 };
      await put(store, [
        { sourceId: 1, ...placeAt(centre, 0.000_05, 90), mjdTai },
        { sourceId: 2, ...placeAt(centre, 0.000_2, 90), mjdTai },
      ]);
      expect(idsOf(await coneRows(store, coneAt(77, 66, 0.000_1)))).toEqual(['1']);
    });

    for (const decDeg of [90, -90]) {
      test(`a cone that holds the pole at ${String(decDeg)} has rows of every right ascension`, async (store) => {
        const rows = Array.from({ length: 36 }, (_, i) => ({ sourceId: i, raDeg: 10 * i, decDeg: decDeg * (1 - 1e-6), mjdTai }));
        await put(store, rows);
        expect((await coneRows(store, coneAt(45, decDeg * (1 - 1e-6), 1))).length).toBe(36);
      });

      test(`a cone near the pole at ${String(decDeg)} reaches over it, and no farther`, async (store) => {
        const near = Math.sign(decDeg) * 89.9;
        await put(store, [
          { sourceId: 1, raDeg: 190, decDeg: Math.sign(decDeg) * 89.95, mjdTai },
          { sourceId: 2, raDeg: 190, decDeg: Math.sign(decDeg) * 89.8, mjdTai },
        ]);
        expect(idsOf(await coneRows(store, coneAt(10, near, 0.2 * DEG)))).toEqual(['1']);
      });

      test(`a row at Dec ${String(decDeg)} is one place whatever its right ascension`, async (store) => {
        await put(store, [
          { sourceId: 1, raDeg: 0, decDeg, mjdTai },
          { sourceId: 2, raDeg: 123, decDeg, mjdTai },
        ]);
        expect(idsOf(await coneRows(store, coneAt(300, decDeg, 0)))).toEqual(['1', '2']);
      });
    }

    test('a cone across RA 0 has the rows on both sides', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 359.9999, decDeg: 5, mjdTai },
        { sourceId: 2, raDeg: 0.0001, decDeg: 5, mjdTai },
        { sourceId: 3, raDeg: 0.1, decDeg: 5, mjdTai },
      ]);
      expect(idsOf(await coneRows(store, coneAt(359.99995, 5, 2)))).toEqual(['1', '2']);
    });

    test('a cone at RA 360 is the cone at RA 0', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 359.9999, decDeg: 0, mjdTai },
        { sourceId: 2, raDeg: 0, decDeg: 0, mjdTai },
      ]);
      expect(idsOf(await coneRows(store, coneAt(360, 0, 1)))).toEqual(['1', '2']);
    });

    test('a row that came with RA 360 is at RA 0', async (store) => {
      await store.put(checkBatch(columnsOf([{ sourceId: 1, raDeg: 360, decDeg: 0, mjdTai }])).good);
      expect([...(await coneRows(store, coneAt(0, 0, 0))).raDeg.slice(0, 1)]).toEqual([0]);
    });

    test('a cone of 180 deg has every row', async (store) => {
      const rows = [...POLES, ...NEAR_WRAP, ...BASE_CORNERS].map((place, i) => ({ sourceId: i, ...place, mjdTai }));
      await put(store, rows);
      expect((await coneRows(store, coneOf(12, 34, Math.PI))).length).toBe(rows.length);
    });

    test('a cone just under 180 deg lacks only the antipode', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 192, decDeg: -34, mjdTai },
        { sourceId: 2, raDeg: 192.01, decDeg: -34, mjdTai },
        { sourceId: 3, raDeg: 12, decDeg: 34, mjdTai },
      ]);
      expect(idsOf(await coneRows(store, coneAt(12, 34, 180 * DEG - 10)))).toEqual(['2', '3']);
    });

    test('a cone of 90 deg is exactly half of the sky', async (store) => {
      await put(store, [
        { sourceId: 1, raDeg: 33, decDeg: 1e-7, mjdTai },
        { sourceId: 2, raDeg: 213, decDeg: 1e-7, mjdTai },
        { sourceId: 3, raDeg: 33, decDeg: -1e-7, mjdTai },
      ]);
      expect(idsOf(await coneRows(store, coneAt(0, 90, 90 * DEG)))).toEqual(['1', '2']);
    });

    test('answers to a cone carry the separation from its centre', async (store) => {
      const centre = { raDeg: 150, decDeg: -2.2 };
      const separationsArcsec = [0, 0.000_1, 0.5, 3000, 179 * DEG];
      await put(
        store,
        separationsArcsec.map((sep, i) => ({ sourceId: i, ...placeAt(centre, sep, 70), mjdTai })),
      );
      const answer = await coneRows(store, coneOf(centre.raDeg, centre.decDeg, Math.PI));
      separationsArcsec.forEach((sep, i) => {
        expect(answer.sepArcsec[i]).toBeCloseTo(sep, 8);
      });
    });

    test('a row on any pixel edge or corner of order 6 to 14 is found by a cone at it', async (store) => {
      await put(
        store,
        PIXEL_EDGES.map((place, i) => ({ sourceId: i, ...place, mjdTai })),
      );
      const missed: unknown[] = [];
      for (const [i, { raDeg, decDeg }] of PIXEL_EDGES.entries()) {
        const found = idsOf(await coneRows(store, coneAt(raDeg, decDeg, 0)));
        if (!found.includes(String(i))) missed.push({ raDeg, decDeg });
      }
      expect(missed).toEqual([]);
    });

    test('a cone at a corner of the base pixels has the rows of all pixels that meet there', async (store) => {
      const ring = [0, 45, 90, 135, 180, 225, 270, 315];
      await put(
        store,
        BASE_CORNERS.flatMap((corner, c) =>
          ring.map((paDeg) => ({ sourceId: `${String(c)}/${String(paDeg)}`, ...placeAt(corner, 5, paDeg), mjdTai })),
        ),
      );
      const found: number[] = [];
      for (const { raDeg, decDeg } of BASE_CORNERS) found.push((await coneRows(store, coneAt(raDeg, decDeg, 5.001))).length);
      expect(found).toEqual(BASE_CORNERS.map(() => 8));
    });

    test('a cone at a corner of the base pixels leaves out the rows just beyond its rim in all pixels', async (store) => {
      const ring = [0, 45, 90, 135, 180, 225, 270, 315];
      await put(
        store,
        BASE_CORNERS.flatMap((corner, c) =>
          ring.map((paDeg) => ({ sourceId: `${String(c)}/${String(paDeg)}`, ...placeAt(corner, 5, paDeg), mjdTai })),
        ),
      );
      const found: number[] = [];
      for (const { raDeg, decDeg } of BASE_CORNERS) found.push((await coneRows(store, coneAt(raDeg, decDeg, 4.999))).length);
      expect(found).toEqual(BASE_CORNERS.map(() => 0));
    });

    test('five thousand detections at one place and time all come back', async (store) => {
      const rows = Array.from({ length: 5000 }, (_, i) => ({ sourceId: i, raDeg: 83.6, decDeg: 22.01, mjdTai }));
      await put(store, rows);
      expect(idsOf(await coneRows(store, coneAt(83.6, 22.01, 0)))).toEqual(rows.map(({ sourceId }) => String(sourceId)));
    });

    test('a query whose signal is aborted ends with the code cancelled', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 10, decDeg: 10, mjdTai }]);
      const query = queryOf({ signal: AbortSignal.abort() });
      await expect(collect(store.cone(ALL_SKY, query))).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
}
