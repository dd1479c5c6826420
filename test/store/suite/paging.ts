import { describe, expect } from 'vitest';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import { rowKey } from '../../../src/model/order.ts';
import type { DetectionQuery, RowKey } from '../../../src/model/window.ts';
import { mocOfAscii } from '../../../src/sky/moc.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { collect, keysOf, queryOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, coneAt, coneRows, put, type Harness } from './harness.ts';

type Ask = (store: DetectionStore, query: DetectionQuery) => AsyncIterable<DetectionColumns>;

export function orderTests({ test, t0 }: Harness): void {
  describe('order', () => {
    const place = { raDeg: 83.8, decDeg: -5.4 };

    test('rows come by time, whatever their ids', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai: t0 + 0.2 },
        { sourceId: 2, ...place, mjdTai: t0 + 0.1 },
        { sourceId: 3, ...place, mjdTai: t0 },
      ]);
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(['ZTF:3', 'ZTF:2', 'ZTF:1']);
    });

    test('rows of one time come by the name of the survey', async (store) => {
      const surveys = ['ZTF', 'ATLAS', 'LSST', 'ATLAS2', 'atlas'];
      await put(
        store,
        surveys.map((survey, i) => ({ sourceId: i, ...place, mjdTai: t0, survey })),
      );
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(['ATLAS:1', 'ATLAS2:3', 'LSST:2', 'ZTF:0', 'atlas:4']);
    });

    test('rows of one time and survey come by number, then by text', async (store) => {
      const ids = [
        'b',
        '10',
        '9',
        '-5',
        'a10',
        'a9',
        '9223372036854775807',
        '00',
        '-9223372036854775808',
        '9007199254740993',
        '9007199254740992',
      ];
      await put(
        store,
        ids.map((sourceId) => ({ sourceId, ...place, mjdTai: t0 })),
      );
      const expected = [
        '-9223372036854775808',
        '-5',
        '9',
        '10',
        '9007199254740992',
        '9007199254740993',
        '9223372036854775807',
        '00',
        'a10',
        'a9',
        'b',
      ];
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(expected.map((id) => `ZTF:${id}`));
    });

    test('rows far apart on the sky come in the same order as rows at one place', async (store) => {
      const rows = Array.from({ length: 200 }, (_, i): DetectionRow => {
        const j = (i * 83) % 200;
        return { sourceId: j, raDeg: (i * 137.5) % 360, decDeg: -85 + ((i * 61) % 170), mjdTai: t0 + (j % 4) / 16 };
      });
      await put(store, rows);
      const expected = rows.toSorted((a, b) => a.mjdTai - b.mjdTai || Number(a.sourceId) - Number(b.sourceId));
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(expected.map(({ sourceId }) => `ZTF:${String(sourceId)}`));
    });
  });
}

export function pagingTests({ test, t0, night0 }: Harness): void {
  describe('limit and paging', () => {
    // One object with 60 detections, three at each time, and 60 rows around it in the same pattern.
    const rows = Array.from({ length: 120 }, (_, i): DetectionRow => ({
      sourceId: i % 7 === 0 ? `t${String(i)}` : i,
      survey: i % 3 === 0 ? 'ATLAS' : 'ZTF',
      raDeg: i < 60 ? 150 : 150 + 0.001 * (i - 59),
      decDeg: 2,
      mjdTai: t0 + Math.floor((i % 60) / 3) / 128,
      objectId: 'm',
    }));
    const asks: readonly (readonly [string, Ask])[] = [
      ['a small cone', (store, query) => store.cone(coneAt(150, 2, 1), query)],
      ['a wide cone', (store, query) => store.cone(coneAt(150, 2, 3600), query)],
      ['a cone of the whole sky', (store, query) => store.cone(ALL_SKY, query)],
      ['a region', (store, query) => store.region({ kind: 'moc', moc: mocOfAscii('0/0-11') }, query)],
      ['a light curve', (store, query) => store.lightCurve('m', query)],
      ['a night', (store, query) => store.night(night0, query)],
    ];

    for (const [name, ask] of asks) {
      for (const page of [1, 7, 50]) {
        test(`${name} in pages of ${String(page)} has the rows of one answer in its order`, async (store) => {
          await put(store, rows);
          const whole = keysOf(await collect(ask(store, queryOf())));
          const paged: string[] = [];
          let after: RowKey | undefined;
          // One page more than there are rows ends a store that would repeat its answer for ever.
          for (let pages = 0; pages <= whole.length; pages++) {
            const answer = await collect(ask(store, queryOf(after === undefined ? { limit: page } : { limit: page, after })));
            if (answer.length === 0) break;
            paged.push(...keysOf(answer));
            after = rowKey(answer, answer.length - 1);
          }
          expect(paged).toEqual(whole);
        });
      }
    }

    test('a limit takes the first rows in order, not the nearest', async (store) => {
      await put(store, [
        { sourceId: 2, raDeg: 150, decDeg: 2, mjdTai: t0 + 0.1 },
        { sourceId: 1, raDeg: 150.1, decDeg: 2, mjdTai: t0 },
      ]);
      expect(keysOf(await coneRows(store, coneAt(150, 2, 3600), { limit: 1 }))).toEqual(['ZTF:1']);
    });

    test('a page may start after a key that no row has', async (store) => {
      await put(store, rows);
      const whole = keysOf(await coneRows(store, ALL_SKY));
      const after = { mjdTai: t0 + 3 / 128, survey: 'ATLAS', sourceId: 'zzz' };
      const firstZtf = whole.findIndex((key, i) => i >= 18 && key.startsWith('ZTF'));
      expect(keysOf(await coneRows(store, ALL_SKY, { after }))).toEqual(whole.slice(firstZtf));
    });

    test('after the last row nothing comes', async (store) => {
      await put(store, rows);
      expect(keysOf(await coneRows(store, ALL_SKY, { after: { mjdTai: t0 + 1, survey: '', sourceId: '' } }))).toEqual([]);
    });

    test('a limit of 4,000 of 5,000 rows at one place and time is exact', async (store) => {
      await put(
        store,
        Array.from({ length: 5000 }, (_, i) => ({ sourceId: i, raDeg: 10, decDeg: 10, mjdTai: t0 })),
      );
      const after = { mjdTai: t0, survey: 'ZTF', sourceId: '999' };
      const answer = keysOf(await coneRows(store, coneAt(10, 10, 1), { limit: 4000, after }));
      expect([answer.length, answer[0], answer.at(-1)]).toEqual([4000, 'ZTF:1000', 'ZTF:4999']);
    });

    test('the separations of a later page are right', async (store) => {
      await put(store, rows);
      const whole = await coneRows(store, coneAt(150, 2, 3600));
      const rest = await coneRows(store, coneAt(150, 2, 3600), { after: rowKey(whole, 100) });
      expect([...rest.sepArcsec.slice(0, rest.length)]).toEqual([...whole.sepArcsec.slice(101, whole.length)]);
    });
  });
}
