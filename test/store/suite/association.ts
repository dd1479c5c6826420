import { describe, expect } from 'vitest';
import type { DetectionStore } from '../../../src/store/store.ts';
import { idsOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, coneRows, lightCurveRows, put, type Harness } from './harness.ts';
import { BASE_CORNERS, PIXEL_EDGES, placeAt, POLES, type Place } from './places.ts';

export function associationTests({ test, t0 }: Harness): void {
  describe('association', () => {
    const place: Place = { raDeg: 150.1, decDeg: 2.2 };
    const row = (sourceId: string | number, at: Place, hours: number, more: Partial<DetectionRow> = {}): DetectionRow => ({
      sourceId,
      raDeg: at.raDeg,
      decDeg: at.decDeg,
      mjdTai: t0 + hours / 24,
      ...more,
    });

    test('a detection 0.9999 arcsec from an object joins it', async (store) => {
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 0.9999, 30), 1)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1' });
    });

    test('a detection 1.0001 arcsec from an object starts another', async (store) => {
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 1.0001, 30), 1)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:2' });
    });

    test('a detection joins the nearest of two objects', async (store) => {
      await put(store, [row(1, place, 0), row(2, placeAt(place, 1.5, 90), 0)]);
      await put(store, [row(3, placeAt(place, 0.8, 90), 1)]);
      expect((await objectIds(store))['3']).toBe('ZTF:2');
    });

    test('of two objects at one place a detection joins the one with the smaller id', async (store) => {
      await put(store, [row(10, place, 0), row(9, place, 0)]);
      await put(store, [row(3, placeAt(place, 0.5, 90), 1)]);
      expect((await objectIds(store))['3']).toBe('ZTF:9');
    });

    test('an object stays where its first detection was', async (store) => {
      // A chain of detections 0.8 arcsec apart: the third is 1.6 arcsec from the first.
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 0.8, 0), 1)]);
      await put(store, [row(3, placeAt(place, 1.6, 0), 2)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1', '3': 'ZTF:3' });
    });

    test('the first detection to come starts the object, not the earliest', async (store) => {
      await put(store, [row(1, place, 5)]);
      await put(store, [row(2, place, 0)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1' });
    });

    test('rows of one batch associate one after the other', async (store) => {
      await put(store, [row(1, place, 0), row(2, place, 1), row(3, placeAt(place, 5, 0), 1), row(4, placeAt(place, 5.5, 0), 2)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1', '3': 'ZTF:3', '4': 'ZTF:3' });
    });

    test('two sources of one exposure are two objects', async (store) => {
      await put(store, [row(1, place, 0), row(2, placeAt(place, 0.3, 0), 0)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:2' });
    });

    test('two sources of one exposure are two objects when they come in two batches', async (store) => {
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 0.3, 0), 0)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:2' });
    });

    test('two sources of one exposure may join one object of an earlier exposure', async (store) => {
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 0.3, 0), 1), row(3, placeAt(place, 0.3, 180), 1)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1', '3': 'ZTF:1' });
    });

    test('a source next to an object of its own exposure joins a farther one of another', async (store) => {
      await put(store, [row(1, place, 0)]);
      await put(store, [row(2, placeAt(place, 1.5, 0), 1)]);
      await put(store, [row(3, placeAt(place, 0.9, 0), 1)]);
      expect((await objectIds(store))['3']).toBe('ZTF:1');
    });

    test('detections of two surveys at one time join', async (store) => {
      await put(store, [row(1, place, 0), row(2, place, 0, { survey: 'LSST' })]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF:1' });
    });

    for (const [name, order] of [
      ['as they were measured', (i: number) => i],
      ['backwards', (i: number) => 59 - i],
      ['at random', (i: number) => (i * 37) % 60],
    ] as const) {
      test(`the rows of a visit that come ${name}, in parts, find the same objects`, async (store) => {
        // Known objects every 3 arcsec; sources every 0.75 arcsec, so that most are nearer to each other than to these.
        const known = Array.from({ length: 16 }, (_, i) => row(i, placeAt(place, 3 * i, 45), 0));
        const visit = Array.from({ length: 60 }, (_, i) => row(100 + i, placeAt(place, 0.75 * i, 45), 1));
        await put(store, known);
        const arrived = visit.map((_, i) => visit[order(i)]);
        for (let first = 0; first < 60; first += 7) await put(store, arrived.slice(first, first + 7));
        const answer = await objectIds(store);
        // Sources 4k - 1, 4k and 4k + 1 are within 1 arcsec of object k, source 4k + 2 is near none.
        const expected = visit.map((_, i) => (i % 4 === 2 ? `ZTF:${String(100 + i)}` : `ZTF:${String(Math.round(i / 4))}`));
        expect(visit.map((_, i) => answer[String(100 + i)])).toEqual(expected);
      });
    }

    test("the survey's own object id is given back where a detection came with one", async (store) => {
      await put(store, [row(1, place, 0), row(2, place, 1, { objectId: 'ZTF18aaaaaaa' }), row(3, place, 2)]);
      expect(await objectIds(store)).toEqual({ '1': 'ZTF:1', '2': 'ZTF18aaaaaaa', '3': 'ZTF:1' });
    });

    test('detections with different object ids of the survey join by place all the same', async (store) => {
      await put(store, [row(1, place, 0, { objectId: 'A' }), row(2, place, 1, { objectId: 'B' })]);
      expect(idsOf(await lightCurveRows(store, 'A'))).toEqual(['1', '2']);
    });

    test('one object id of the survey at two places is two objects', async (store) => {
      await put(store, [row(1, place, 0, { objectId: 'A' }), row(2, placeAt(place, 60, 0), 1, { objectId: 'A' })]);
      expect((await store.objects('A')).map(({ objectId }) => objectId)).toEqual(['ZTF:1', 'ZTF:2']);
    });

    const radiusArcsecBySurvey = { ATLAS: 4, LSST: 0.2 };

    test('a survey may have a wider radius', { radiusArcsecBySurvey }, async (store) => {
      await put(store, [row(1, place, 0, { survey: 'ATLAS' })]);
      await put(store, [row(2, placeAt(place, 3.9, 0), 1, { survey: 'ATLAS' }), row(3, placeAt(place, 4.1, 0), 1, { survey: 'ATLAS' })]);
      expect(await objectIds(store)).toEqual({ '1': 'ATLAS:1', '2': 'ATLAS:1', '3': 'ATLAS:3' });
    });

    test('a survey may have a narrower radius', { radiusArcsecBySurvey }, async (store) => {
      await put(store, [row(1, place, 0, { survey: 'LSST' })]);
      await put(store, [row(2, placeAt(place, 0.19, 0), 1, { survey: 'LSST' }), row(3, placeAt(place, 0.21, 0), 1, { survey: 'LSST' })]);
      expect(await objectIds(store)).toEqual({ '1': 'LSST:1', '2': 'LSST:1', '3': 'LSST:3' });
    });

    test('the radius is that of the detection, not of the survey that started the object', { radiusArcsecBySurvey }, async (store) => {
      await put(store, [row(1, place, 0, { survey: 'LSST' })]);
      await put(store, [row(2, placeAt(place, 3.9, 0), 1, { survey: 'ATLAS' }), row(3, placeAt(place, 0.9, 0), 1)]);
      expect(await objectIds(store)).toEqual({ '1': 'LSST:1', '2': 'LSST:1', '3': 'LSST:1' });
    });

    test('unassociated are the accepted rows that started an object', async (store) => {
      await put(store, [row(1, place, 0)]);
      const rows = [
        row(2, place, 1),
        row(3, placeAt(place, 60, 0), 1),
        row(4, placeAt(place, 60, 0), 2),
        row(1, place, 0),
        row(5, placeAt(place, 90, 0), 1),
      ];
      expect([...(await put(store, rows)).unassociated].sort()).toEqual([1, 4]);
    });

    test('five thousand sources of one exposure at one place are five thousand objects', async (store) => {
      await put(
        store,
        Array.from({ length: 5000 }, (_, i) => row(i, place, 0)),
      );
      expect((await store.summary()).objects).toBe(5000);
    });

    test('five thousand detections of one place at different times are one object', async (store) => {
      await put(
        store,
        Array.from({ length: 5000 }, (_, i) => row(i, place, i / 128)),
      );
      expect((await store.summary()).objects).toBe(1);
    });

    for (const [name, places] of [
      ['at the poles', POLES],
      ['at corners of the base pixels', BASE_CORNERS],
      ['on pixel edges of order 6 to 14', PIXEL_EDGES],
    ] as const) {
      test(`a detection joins an object across any border ${name}`, async (store) => {
        // Founders first, all 0.45 arcsec to one side of their border, then detections 0.45 arcsec to the other side.
        const spots = apart(places);
        await put(
          store,
          spots.map((spot, i) => row(`a${String(i)}`, placeAt(spot, 0.45, 73), 0)),
        );
        await put(
          store,
          spots.map((spot, i) => row(`b${String(i)}`, placeAt(spot, 0.45, 253), 1)),
        );
        const answer = await objectIds(store);
        expect(spots.map((_, i) => answer[`b${String(i)}`])).toEqual(spots.map((_, i) => `ZTF:a${String(i)}`));
      });

      test(`rows of one batch associate one after the other across any border ${name}`, async (store) => {
        // The second row of each three may join the first; the third, which is nearer to it, comes later.
        const spots = apart(places);
        const batch = spots.flatMap((spot, i) => [
          row(`a${String(i)}`, placeAt(spot, 0.45, 73), 0),
          row(`b${String(i)}`, placeAt(spot, 0.45, 253), 0, { survey: 'LSST' }),
          row(`c${String(i)}`, placeAt(spot, 0.4, 253), 0),
        ]);
        await put(store, batch);
        const answer = await objectIds(store);
        expect(spots.map((_, i) => answer[`b${String(i)}`])).toEqual(spots.map((_, i) => `ZTF:a${String(i)}`));
      });

      test(`the nearest object is taken across any border ${name}`, async (store) => {
        const spots = apart(places);
        await put(
          store,
          spots.flatMap((spot, i) => [row(`a${String(i)}`, placeAt(spot, 0.7, 73), 0), row(`c${String(i)}`, placeAt(spot, 0.6, 253), 0)]),
        );
        await put(
          store,
          spots.map((spot, i) => row(`b${String(i)}`, placeAt(spot, 0.1, 73), 1)),
        );
        const answer = await objectIds(store);
        expect(spots.map((_, i) => answer[`b${String(i)}`])).toEqual(spots.map((_, i) => `ZTF:a${String(i)}`));
      });
    }

    test('a detection joins an object across RA 0', async (store) => {
      await put(store, [row(1, { raDeg: 359.9999, decDeg: 0 }, 0)]);
      await put(store, [row(2, { raDeg: 0.0001, decDeg: 0 }, 1)]);
      expect((await objectIds(store))['2']).toBe('ZTF:1');
    });

    test('all detections at a pole join whatever their right ascension', async (store) => {
      await put(
        store,
        Array.from({ length: 12 }, (_, i) => row(i, { raDeg: 30 * i, decDeg: 90 - 0.3 / 3600 }, i)),
      );
      expect((await store.summary()).objects).toBe(1);
    });
  });

  describe('objects', () => {
    test('the record of an object says its aliases, place, number and times', async (store) => {
      await put(store, [
        { sourceId: 5, raDeg: 150.1, decDeg: 2.2, mjdTai: t0 + 0.25 },
        { sourceId: 6, raDeg: 150.1001, decDeg: 2.2, mjdTai: t0, objectId: 'z' },
        { sourceId: 7, raDeg: 150.1, decDeg: 2.2001, mjdTai: t0 + 0.5, survey: 'LSST', objectId: '313761043604045880' },
        { sourceId: 8, raDeg: 150.1, decDeg: 2.2001, mjdTai: t0 + 0.375, survey: 'LSST', objectId: '313761043604045880' },
      ]);
      expect(await store.objects('ZTF:5')).toEqual([
        {
          objectId: 'ZTF:5',
          aliases: ['313761043604045880', 'z'],
          raDeg: 150.1,
          decDeg: 2.2,
          detections: 4,
          mjdTaiFirst: t0,
          mjdTaiLast: t0 + 0.5,
        },
      ]);
    });

    test('an object is found by alias as by its own id', async (store) => {
      await put(store, [{ sourceId: 5, raDeg: 150.1, decDeg: 2.2, mjdTai: t0, objectId: 'z' }]);
      expect(await store.objects('z')).toEqual(await store.objects('ZTF:5'));
    });

    test('the objects of an alias are sorted by id', async (store) => {
      const ids = ['b', '10', '9', 'a', '100'];
      await put(
        store,
        ids.map((sourceId, i) => ({ sourceId, raDeg: 10 * i, decDeg: 0, mjdTai: t0 + i / 16, objectId: 'm' })),
      );
      const expected = ids.map((id) => `ZTF:${id}`).sort();
      expect((await store.objects('m')).map(({ objectId }) => objectId)).toEqual(expected);
    });

    test('an object of every detection is counted once in spite of duplicates', async (store) => {
      const row = { sourceId: 5, raDeg: 150.1, decDeg: 2.2, mjdTai: t0 };
      await put(store, [row, row]);
      await put(store, [row]);
      expect((await store.objects('ZTF:5')).map(({ detections }) => detections)).toEqual([1]);
    });

    test('an unknown name has no object, words of the language among them', async (store) => {
      await put(store, [{ sourceId: 5, raDeg: 150.1, decDeg: 2.2, mjdTai: t0 }]);
      const found: unknown[] = [];
      for (const name of ['ZTF:6', 'ztf:5', '__proto__', 'constructor', '']) found.push(...(await store.objects(name)));
      expect(found).toEqual([]);
    });
  });
}

/** Object id of every row by source id. */
async function objectIds(store: DetectionStore): Promise<Record<string, string>> {
  const all = await coneRows(store, ALL_SKY);
  return Object.fromEntries(idsOf(all).map((id, row) => [id, all.objectId[row] ?? 'null']));
}

/** The places that are no neighbours of one another. */
function apart(places: readonly Place[]): Place[] {
  const kept: Place[] = [];
  for (const place of places) {
    const isAlone = kept.every((other) => Math.abs(other.decDeg - place.decDeg) > 0.01 || raGapDeg(other, place) > 0.01);
    if (isAlone) kept.push(place);
  }
  return kept;
}

function raGapDeg(a: Place, b: Place): number {
  const turn = Math.abs(a.raDeg - b.raDeg) % 360;
  return Math.min(turn, 360 - turn) * Math.cos((Math.min(Math.abs(a.decDeg), Math.abs(b.decDeg)) * Math.PI) / 180);
}
