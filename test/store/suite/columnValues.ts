import { describe, expect } from 'vitest';
import { FLOAT32_COLUMNS, type DetectionColumns } from '../../../src/model/columns.ts';
import { mocOfAscii } from '../../../src/sky/moc.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { collect, columnsOf, queryOf, recordOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, checked, coneAt, coneRows, lightCurveRows, nightRows, put, type Harness } from './harness.ts';

export function columnValueTests({ test, t0, night0 }: Harness): void {
  describe('columns', () => {
    const place = { raDeg: 150.1192837465, decDeg: 2.2056473829 };
    const full: DetectionRow = {
      ...place,
      sourceId: 9007199254740993n,
      mjdTai: t0 + 0.123456789,
      survey: 'LSST',
      kind: 'forced',
      band: 'y',
      station: 'X05',
      objectId: 'A',
      exposureId: 2025051500123n,
      detector: 188,
      flags: 0x8000000000000001n,
      exptimeS: 30,
      raErrArcsec: 0.11,
      decErrArcsec: 0.22,
      diffFluxNjy: -1234.567,
      diffFluxErrNjy: 12.3,
      sciFluxNjy: 98765.43,
      sciFluxErrNjy: 45.6,
      magAb: 18.345,
      magErr: 0.012,
      magLimitAb: 24.1,
      snr: -101.5,
      reliability: 0.987,
      trailLenArcsec: 1.9,
      trailPaDeg: -35.5,
    };
    const bare: DetectionRow = { ...place, sourceId: 'text 1', mjdTai: t0 + 0.1 };

    const asks: readonly (readonly [string, (store: DetectionStore) => Promise<DetectionColumns>])[] = [
      ['a small cone', (store) => coneRows(store, coneAt(place.raDeg, place.decDeg, 1))],
      ['a cone of the whole sky', (store) => coneRows(store, ALL_SKY)],
      ['a region', (store) => collect(store.region({ kind: 'moc', moc: mocOfAscii('0/0-11') }, queryOf()))],
      ['nearest', (store) => store.nearest(coneAt(place.raDeg, place.decDeg, 1), 1, queryOf())],
      ['a light curve', (store) => lightCurveRows(store, 'A')],
      ['a night', (store) => nightRows(store, night0)],
      ['detection by id', (store) => store.detection('LSST', '9007199254740993')],
    ];
    for (const [name, ask] of asks) {
      test(`every column of a full row comes back from ${name}`, async (store) => {
        await put(store, [full]);
        expect(recordOf(await ask(store), 0)).toEqual(recordOf(columnsOf([full]), 0));
      });
    }

    test('every null of a bare row comes back as null, but for the object it started', async (store) => {
      await put(store, [bare]);
      expect(recordOf(await coneRows(store, ALL_SKY), 0)).toEqual({ ...recordOf(columnsOf([bare]), 0), object_id: 'ZTF:text 1' });
    });

    test('full and bare rows side by side keep their values apart', async (store) => {
      const rows = Array.from({ length: 64 }, (_, i): DetectionRow =>
        i % 2 === 0 ? { ...full, sourceId: i } : { ...bare, sourceId: i, objectId: 'B' },
      );
      await put(store, rows);
      const expected = columnsOf(rows.toSorted((a, b) => a.mjdTai - b.mjdTai || Number(a.sourceId) - Number(b.sourceId)));
      // By (mjdTai, survey, id): the bare ZTF rows are earlier than the full LSST rows.
      const answer = await coneRows(store, ALL_SKY);
      expect(rows.map((_, i) => recordOf(answer, i))).toEqual(rows.map((_, i) => recordOf(expected, i)));
    });

    for (const column of FLOAT32_COLUMNS) {
      test(`${column} alone does not fall into another column`, async (store) => {
        const row = { ...bare, objectId: 'A', [column]: 0.625 };
        await put(store, [row]);
        expect(recordOf(await coneRows(store, ALL_SKY), 0)).toEqual(recordOf(columnsOf([row]), 0));
      });
    }

    test('every combination of present and absent optional columns comes back', async (store) => {
      const rows = Array.from({ length: 200 }, (_, i): DetectionRow => {
        // A different half of the columns in each row.
        const bits = (i * 2654435761) >>> 0;
        const floats = Object.fromEntries(FLOAT32_COLUMNS.flatMap((name, c) => (((bits >>> c) & 1) === 1 ? [[name, (c + 1) / 16]] : [])));
        return {
          ...bare,
          ...floats,
          sourceId: i,
          objectId: 'A',
          ...(((bits >>> 14) & 1) === 1 ? { exposureId: BigInt(i) } : {}),
          ...(((bits >>> 15) & 1) === 1 ? { detector: i } : {}),
          ...(((bits >>> 16) & 1) === 1 ? { flags: 1n << BigInt(i % 64) } : {}),
          ...(((bits >>> 17) & 1) === 1 ? { station: 'I41' } : {}),
          ...(((bits >>> 18) & 1) === 1 ? { band: 'g' } : {}),
        };
      });
      await put(store, rows);
      const answer = await coneRows(store, ALL_SKY);
      const expected = columnsOf(rows);
      expect(rows.map((_, i) => recordOf(answer, i))).toEqual(rows.map((_, i) => recordOf(expected, i)));
    });

    const values: readonly (readonly [string, Partial<DetectionRow>])[] = [
      ['all flags set', { flags: 2n ** 64n - 1n }],
      ['the highest flag alone', { flags: 2n ** 63n }],
      ['a flag above 2^53', { flags: 2n ** 53n + 1n }],
      ['the largest exposure id', { exposureId: 2n ** 63n - 1n }],
      ['the smallest exposure id', { exposureId: -(2n ** 63n) + 1n }],
      ['exposure id 0', { exposureId: 0n }],
      ['the largest detector', { detector: 2_147_483_647 }],
      ['the smallest detector', { detector: -2_147_483_647 }],
      ['detector 0', { detector: 0 }],
      ['detector 65536', { detector: 65_536 }],
      ['the largest float32', { sciFluxNjy: 3.4028234663852886e38 }],
      ['the smallest float32', { sciFluxNjy: -3.4028234663852886e38 }],
      ['the smallest positive float32', { sciFluxNjy: 1.401298464324817e-45 }],
      ['a float32 of 0', { diffFluxNjy: 0, reliability: 0, magAb: 0, exptimeS: 0 }],
      ['the magnitude of the Sun', { magAb: -26.74 }],
      ['a station code that nobody knows', { station: 'my dome' }],
      ['a station name of 64 characters', { station: 's'.repeat(64) }],
      ['a band name in Greek', { band: 'μ' }],
      ['a band called __proto__', { band: '__proto__' }],
      ['an object id in Chinese', { objectId: '星 42' }],
      ['an object id of 256 characters outside the basic plane', { objectId: '😀'.repeat(128) }],
      ['an object id with line breaks and quotes', { objectId: 'a\r\n"b",\u0000' }],
    ];
    for (const [name, value] of values) {
      test(`${name} comes back`, async (store) => {
        const row = { ...bare, objectId: 'A', ...value };
        await put(store, [row]);
        expect(recordOf(await coneRows(store, ALL_SKY), 0)).toEqual(recordOf(columnsOf([row]), 0));
      });
    }

    test('positions come back to the last bit', async (store) => {
      const places = [
        { raDeg: 0.1 + 0.2, decDeg: 1 / 3 },
        { raDeg: 359.99999999999994, decDeg: -89.99999999999999 },
        { raDeg: 5e-324, decDeg: -5e-324 },
        { raDeg: 123, decDeg: 90 },
        { raDeg: 1e-17, decDeg: -90 },
      ];
      await put(
        store,
        places.map((spot, i) => ({ sourceId: i, ...spot, mjdTai: t0 })),
      );
      const answer = await coneRows(store, ALL_SKY);
      expect(places.map((_, i) => ({ raDeg: answer.raDeg[i], decDeg: answer.decDeg[i] }))).toEqual(places);
    });

    test('times come back to the last bit', async (store) => {
      const times = [t0, t0 + 2 ** -37, t0 + 1 / 3, t0 + 0.1 + 0.2, t0 + Math.PI / 4];
      await put(
        store,
        times.map((mjdTai, i) => ({ sourceId: i, ...place, mjdTai })),
      );
      expect([...(await coneRows(store, ALL_SKY)).mjdTai.slice(0, times.length)].sort()).toEqual(times.toSorted());
    });

    test('many surveys, stations and bands keep their names', async (store) => {
      const rows = Array.from({ length: 300 }, (_, i): DetectionRow => ({
        sourceId: i,
        raDeg: i,
        decDeg: 0,
        mjdTai: t0,
        survey: `S${String(1000 + i)}`,
        station: `T${String(i)}`,
        band: `b${String(i)}`,
        objectId: 'A',
      }));
      await put(store, rows);
      const answer = await coneRows(store, ALL_SKY);
      const expected = columnsOf(rows);
      expect(rows.map((_, i) => recordOf(answer, i))).toEqual(rows.map((_, i) => recordOf(expected, i)));
    });

    test('batches whose names are numbered otherwise mean the same', async (store) => {
      await put(store, [
        { sourceId: 1, ...place, mjdTai: t0, survey: 'A', band: 'g', station: 'I41' },
        { sourceId: 2, ...place, mjdTai: t0, survey: 'B', band: 'r', station: 'X05' },
      ]);
      const other = checked([
        { sourceId: 3, ...place, mjdTai: t0, survey: 'B', band: 'r', station: 'X05' },
        { sourceId: 4, ...place, mjdTai: t0, survey: 'A', band: 'g', station: 'I41' },
      ]);
      await store.put(other);
      const answer = await coneRows(store, ALL_SKY);
      const names = Array.from({ length: 4 }, (_, i) => [
        answer.surveyOf(i),
        answer.bands.names[answer.band[i]],
        answer.stations.names[answer.station[i]],
      ]);
      expect(names).toEqual([
        ['A', 'g', 'I41'],
        ['A', 'g', 'I41'],
        ['B', 'r', 'X05'],
        ['B', 'r', 'X05'],
      ]);
    });
  });
}
