import { describe, expect } from 'vitest';
import { idsOf, keysOf } from '../../support/detections.ts';
import { ALL_SKY, coneRows, put, type Harness } from './harness.ts';

const IDS = [
  '-9223372036854775808',
  '9223372036854775807',
  '9223372036854775808',
  '0',
  '-1',
  '123',
  '00123',
  '+123',
  '-0',
  '1.0',
  '1e3',
  '9007199254740992',
  '9007199254740993',
  '9007199254740995',
  '-9007199254740993',
  '433.txt:1',
  '433.txt:10',
  'ZTF17aadlxmv:0',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'null',
  'NaN',
  ' 1',
  '1 ',
  'a\nb',
  'a\u0000b',
  'é',
  'e\u0301',
  '星',
  '😀',
  'abc',
  'ABC',
  '{a}',
  'a|b',
  '*',
  'x'.repeat(255),
  'x'.repeat(256),
];

export function sourceIdTests({ test, t0: mjdTai }: Harness): void {
  describe('detection by id', () => {
    const place = { raDeg: 210.5, decDeg: 54.3 };

    for (const id of IDS) {
      test(`the id ${JSON.stringify(id.slice(0, 24))} (${String(id.length)} characters) comes back byte for byte`, async (store) => {
        await put(store, [{ sourceId: id, ...place, mjdTai }]);
        expect(idsOf(await store.detection('ZTF', id))).toEqual([id]);
      });
    }

    test('ids that look alike are different detections', async (store) => {
      const { accepted } = await put(
        store,
        IDS.map((sourceId) => ({ sourceId, ...place, mjdTai })),
      );
      expect(accepted).toBe(IDS.length);
    });

    test('among ids that look alike each is found by itself', async (store) => {
      await put(
        store,
        IDS.map((sourceId, i) => ({ sourceId, ...place, mjdTai: mjdTai + i / 1024 })),
      );
      const found: (number | string)[] = [];
      for (const id of IDS) {
        const answer = await store.detection('ZTF', id);
        found.push(answer.length === 1 ? Math.round((answer.mjdTai[0] - mjdTai) * 1024) : `${id}: ${String(answer.length)} rows`);
      }
      expect(found).toEqual(IDS.map((_, i) => i));
    });

    test('the same id in two surveys is two detections', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai, survey: 'ZTF' },
        { sourceId: 1, ...place, mjdTai, survey: 'LSST' },
      ]);
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(['LSST:1', 'ZTF:1']);
    });

    test('an id is asked for together with its survey', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai, survey: 'ZTF' },
        { sourceId: 1, raDeg: 1, decDeg: 2, mjdTai, survey: 'LSST' },
      ]);
      expect(keysOf(await store.detection('LSST', '1'))).toEqual(['LSST:1']);
    });

    test('an id that no detection has gives no row, words of the language among them', async (store) => {
      await put(store, [{ sourceId: 123, ...place, mjdTai }]);
      const found: string[] = [];
      for (const id of ['124', '0123', '123 ', '__proto__', 'constructor', '']) found.push(...idsOf(await store.detection('ZTF', id)));
      expect(found).toEqual([]);
    });

    test('a survey that has no detection gives no row', async (store) => {
      await put(store, [{ sourceId: 123, ...place, mjdTai }]);
      const found: string[] = [];
      for (const survey of ['ztf', 'ZT', 'ZTF:', '__proto__', 'constructor', ''])
        found.push(...idsOf(await store.detection(survey, '123')));
      expect(found).toEqual([]);
    });

    for (const survey of ['__proto__', 'constructor', 'PS1_LOWZ_COMBINED(CFA3S)', 'NSC/DECam', 'ÖTV', 'x'.repeat(64)]) {
      test(`a survey may be called ${survey.slice(0, 24)}`, async (store) => {
        await put(store, [{ sourceId: 1, ...place, mjdTai, survey }]);
        expect(keysOf(await store.detection(survey, '1'))).toEqual([`${survey}:1`]);
      });
    }

    test('a detection found by id carries the id of its object', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai },
        { sourceId: 2, ...place, mjdTai: mjdTai + 0.1 },
      ]);
      expect((await store.detection('ZTF', '2')).objectId[0]).toBe('ZTF:1');
    });
  });
}
