import { describe, expect } from 'vitest';
import { idsOf } from '../../support/detections.ts';
import { lightCurveRows, put, type Harness } from './harness.ts';

export function lightCurveTests({ test, t0: mjdTai }: Harness): void {
  describe('light curve', () => {
    const place = { raDeg: 210.5, decDeg: 54.3 };

    test('the id of an object is survey and source id of the detection that started it', async (store) => {
      await put(store, [{ sourceId: '433.txt:1', ...place, mjdTai, survey: 'MPC' }]);
      expect(idsOf(await lightCurveRows(store, 'MPC:433.txt:1'))).toEqual(['433.txt:1']);
    });

    test('a light curve has all detections of the object in time order', async (store) => {
      await put(store, [{ sourceId: 5, ...place, mjdTai: mjdTai + 0.3 }]);
      await put(store, [{ sourceId: 9, ...place, mjdTai: mjdTai + 0.1 }]);
      await put(store, [{ sourceId: 7, ...place, mjdTai: mjdTai + 0.2, survey: 'ATLAS' }]);
      expect(idsOf(await lightCurveRows(store, 'ZTF:5'))).toEqual(['9', '7', '5']);
    });

    test('a light curve by the id of a detection that started nothing is empty', async (store) => {
      await put(store, [
        { sourceId: 5, ...place, mjdTai },
        { sourceId: 6, ...place, mjdTai: mjdTai + 0.1 },
      ]);
      expect(idsOf(await lightCurveRows(store, 'ZTF:6'))).toEqual([]);
    });

    test('a light curve by alias has the detections of the object that came without it too', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai },
        { sourceId: 2, ...place, mjdTai: mjdTai + 0.1, objectId: 'ZTF18aaaaaaa' },
        { sourceId: 3, ...place, mjdTai: mjdTai + 0.2, survey: 'LSST', objectId: '313761043604045880' },
        { sourceId: 4, raDeg: 210.6, decDeg: 54.3, mjdTai },
      ]);
      expect(idsOf(await lightCurveRows(store, 'ZTF18aaaaaaa'))).toEqual(['1', '2', '3']);
    });

    test('an object with aliases of two surveys is found by either', async (store) => {
      await put(store, [
        { sourceId: 2, ...place, mjdTai, objectId: 'ZTF18aaaaaaa' },
        { sourceId: 3, ...place, mjdTai: mjdTai + 0.2, survey: 'LSST', objectId: '313761043604045880' },
      ]);
      expect(idsOf(await lightCurveRows(store, '313761043604045880'))).toEqual(['2', '3']);
    });

    test('an alias of a moving object has the detections at all its places in time order', async (store) => {
      const rows = Array.from({ length: 300 }, (_, i) => ({
        sourceId: 1000 - i,
        raDeg: 10 + 0.01 * i,
        decDeg: 3,
        mjdTai: mjdTai + 0.001 * ((i * 7) % 300),
        objectId: '8467',
      }));
      await put(store, rows);
      const inTime = rows.toSorted((a, b) => a.mjdTai - b.mjdTai).map(({ sourceId }) => String(sourceId));
      expect(idsOf(await lightCurveRows(store, '8467'))).toEqual(inTime);
    });

    test('a detection of another object that carries no such alias stays out', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai, objectId: 'A' },
        { sourceId: 2, raDeg: place.raDeg, decDeg: place.decDeg + 0.01, mjdTai, objectId: 'B' },
      ]);
      expect(idsOf(await lightCurveRows(store, 'A'))).toEqual(['1']);
    });

    test('a name that is the id of one object and the alias of another gives both', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai },
        { sourceId: 2, raDeg: 11, decDeg: 12, mjdTai: mjdTai + 0.1, objectId: 'ZTF:1' },
      ]);
      expect(idsOf(await lightCurveRows(store, 'ZTF:1'))).toEqual(['1', '2']);
    });

    test('an unknown name has an empty light curve', async (store) => {
      await put(store, [{ sourceId: 1, ...place, mjdTai, objectId: 'ZTF18aaaaaaa' }]);
      expect(idsOf(await lightCurveRows(store, 'ZTF18aaaaaab'))).toEqual([]);
    });

    for (const name of ['__proto__', 'constructor', 'toString', 'a:b:c', '{x}', '*', 'Ω Ceti', '星', ' 1', 'x'.repeat(256)]) {
      test(`an alias may be ${JSON.stringify(name.slice(0, 20))}`, async (store) => {
        await put(store, [
          { sourceId: 1, ...place, mjdTai, objectId: name },
          { sourceId: 2, raDeg: 11, decDeg: 12, mjdTai, objectId: 'other' },
        ]);
        expect(idsOf(await lightCurveRows(store, name))).toEqual(['1']);
      });
    }

    test('names that no detection carries find nothing, words of the language among them', async (store) => {
      await put(store, [{ sourceId: 1, ...place, mjdTai }]);
      const found: string[] = [];
      for (const name of ['__proto__', 'constructor', 'hasOwnProperty', '', ':', 'ZTF', 'ZTF:']) {
        found.push(...idsOf(await lightCurveRows(store, name)));
      }
      expect(found).toEqual([]);
    });

    test('forced photometry and upper limits belong to the light curve and say what they are', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai },
        { sourceId: 2, ...place, mjdTai: mjdTai + 0.1, kind: 'forced' },
        { sourceId: 3, ...place, mjdTai: mjdTai + 0.2, kind: 'upper_limit', magLimitAb: 20.5 },
      ]);
      expect([...(await lightCurveRows(store, 'ZTF:1')).kind.slice(0, 3)]).toEqual([1, 2, 3]);
    });

    test('an upper limit far from every object starts one', async (store) => {
      await put(store, [{ sourceId: 1, ...place, mjdTai, kind: 'upper_limit' }]);
      expect(idsOf(await lightCurveRows(store, 'ZTF:1'))).toEqual(['1']);
    });

    test('a light curve keeps to window, filter and limit', async (store) => {
      await put(
        store,
        Array.from({ length: 10 }, (_, i) => ({ sourceId: i, ...place, mjdTai: mjdTai + 0.1 * i, band: i % 2 === 0 ? 'g' : 'r' })),
      );
      const query = { window: { mjdMinTai: mjdTai + 0.15, mjdMaxTai: mjdTai + 1 }, filter: { bands: ['g'] }, limit: 2 };
      expect(idsOf(await lightCurveRows(store, 'ZTF:0', query))).toEqual(['2', '4']);
    });
  });
}
