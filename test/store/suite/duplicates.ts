import { describe, expect } from 'vitest';
import { columnsOf, idsOf, keysOf, recordOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, checked, coneAt, coneRows, put, type Harness } from './harness.ts';

export function duplicateTests({ test, t0 }: Harness): void {
  describe('the same detection again', () => {
    const full: DetectionRow = {
      sourceId: 1,
      raDeg: 150.1,
      decDeg: 2.2,
      mjdTai: t0,
      survey: 'ZTF',
      kind: 'forced',
      band: 'g',
      station: 'I41',
      objectId: 'ZTF18aaaaaaa',
      exposureId: 10n,
      detector: 3,
      flags: 5n,
      exptimeS: 30,
      raErrArcsec: 0.1,
      decErrArcsec: 0.2,
      diffFluxNjy: -4,
      diffFluxErrNjy: 1.1,
      sciFluxNjy: 100,
      sciFluxErrNjy: 2,
      magAb: 18.3,
      magErr: 0.1,
      magLimitAb: 20.5,
      snr: 7,
      reliability: 0.9,
      trailLenArcsec: 1,
      trailPaDeg: 45,
    };
    const bare: DetectionRow = { sourceId: 1, raDeg: 150.1, decDeg: 2.2, mjdTai: t0 };

    for (const [name, row] of [
      ['with every field', full],
      ['with no optional field', bare],
    ] as const) {
      test(`a row ${name} that is sent twice counts as a duplicate`, async (store) => {
        await put(store, [row]);
        expect(await put(store, [row])).toEqual({ accepted: 0, duplicates: 1, rejected: [], unassociated: [] });
      });

      test(`a row ${name} that is sent twice in one batch counts as a duplicate`, async (store) => {
        expect(await put(store, [row, row])).toEqual({ accepted: 1, duplicates: 1, rejected: [], unassociated: [0] });
      });
    }

    test('a row that is sent twice is one row', async (store) => {
      await put(store, [bare, bare]);
      await put(store, [bare]);
      expect(keysOf(await coneRows(store, ALL_SKY))).toEqual(['ZTF:1']);
    });

    test('a row that differs by less than its float32 columns hold is a duplicate', async (store) => {
      await put(store, [full]);
      expect((await put(store, [{ ...full, magAb: 18.3 + 1e-9 }])).duplicates).toBe(1);
    });

    test('one id in two surveys is no duplicate', async (store) => {
      await put(store, [bare]);
      expect((await put(store, [{ ...bare, survey: 'LSST' }])).accepted).toBe(1);
    });

    test('a batch sent again after others came is all duplicates', async (store) => {
      const batch = Array.from({ length: 500 }, (_, i): DetectionRow => ({ ...bare, sourceId: i, raDeg: i / 2 }));
      await put(store, batch);
      await put(
        store,
        batch.map((row) => ({ ...row, sourceId: `other ${String(row.sourceId)}` })),
      );
      expect((await put(store, batch.toReversed())).duplicates).toBe(500);
    });

    test('one batch put twice at once is accepted once', async (store) => {
      const batch = Array.from({ length: 300 }, (_, i): DetectionRow => ({ ...bare, sourceId: i, raDeg: i }));
      const [a, b] = await Promise.all([put(store, batch), put(store, batch)]);
      expect([a.accepted + b.accepted, a.duplicates + b.duplicates]).toEqual([300, 300]);
    });

    test('an empty batch is accepted', async (store) => {
      expect(await put(store, [])).toEqual({ accepted: 0, duplicates: 0, rejected: [], unassociated: [] });
    });

    test('five thousand detections at one place and time sent again are all duplicates', async (store) => {
      const rows = Array.from({ length: 5000 }, (_, i): DetectionRow => ({ ...bare, sourceId: i }));
      await put(store, rows);
      expect((await put(store, rows)).duplicates).toBe(5000);
    });
  });

  describe('the same id with other content', () => {
    const full: DetectionRow = {
      sourceId: 1,
      raDeg: 150.1,
      decDeg: 2.2,
      mjdTai: t0,
      survey: 'ZTF',
      band: 'g',
      station: 'I41',
      objectId: 'A',
      exposureId: 10n,
      detector: 3,
      flags: 5n,
      exptimeS: 30,
      raErrArcsec: 0.1,
      decErrArcsec: 0.2,
      diffFluxNjy: -4,
      diffFluxErrNjy: 1.1,
      sciFluxNjy: 100,
      sciFluxErrNjy: 2,
      magAb: 18.3,
      magErr: 0.1,
      magLimitAb: 20.5,
      snr: 7,
      reliability: 0.9,
      trailLenArcsec: 1,
      trailPaDeg: 45,
    };
    const changes: readonly (readonly [string, Partial<DetectionRow>])[] = [
      ['object_id', { objectId: 'B' }],
      ['exposure_id', { exposureId: 11n }],
      ['detector', { detector: 4 }],
      ['station', { station: 'X05' }],
      ['mjd_tai', { mjdTai: t0 + 2 ** -37 }],
      ['exptime_s', { exptimeS: 15 }],
      ['ra_deg', { raDeg: 150.10000000000002 }],
      ['dec_deg', { decDeg: 2.2000000000000006 }],
      ['ra_err_arcsec', { raErrArcsec: 0.11 }],
      ['dec_err_arcsec', { decErrArcsec: 0.21 }],
      ['band', { band: 'r' }],
      ['diff_flux_njy', { diffFluxNjy: 4 }],
      ['diff_flux_err_njy', { diffFluxErrNjy: 1.2 }],
      ['sci_flux_njy', { sciFluxNjy: 101 }],
      ['sci_flux_err_njy', { sciFluxErrNjy: 3 }],
      ['mag_ab', { magAb: 18.300002 }],
      ['mag_err', { magErr: 0.2 }],
      ['mag_limit_ab', { magLimitAb: 20 }],
      ['snr', { snr: 7.5 }],
      ['reliability', { reliability: 0.8 }],
      ['trail_len_arcsec', { trailLenArcsec: 2 }],
      ['trail_pa_deg', { trailPaDeg: 46 }],
      ['kind', { kind: 'forced' }],
      ['flags', { flags: 6n }],
    ];
    for (const [field, change] of changes) {
      test(`a row with another ${field} is rejected as already_exists, and the message says the field`, async (store) => {
        await put(store, [full]);
        const { rejected } = await put(store, [{ ...full, ...change }]);
        expect(rejected).toMatchObject([{ row: 0, code: 'already_exists', message: expect.stringContaining(field) as string }]);
      });
    }

    const nulls = ['objectId', 'exposureId', 'detector', 'station', 'band', 'magAb', 'diffFluxNjy', 'reliability'] as const;
    for (const name of nulls) {
      test(`a row without its ${name} is other content than the row with it`, async (store) => {
        await put(store, [full]);
        const { [name]: _, ...rest } = full;
        expect((await put(store, [rest])).rejected.map(({ code }) => code)).toEqual(['already_exists']);
      });
    }

    test('a value where there was none is other content', async (store) => {
      await put(store, [{ sourceId: 1, raDeg: 150.1, decDeg: 2.2, mjdTai: t0 }]);
      const { rejected } = await put(store, [{ sourceId: 1, raDeg: 150.1, decDeg: 2.2, mjdTai: t0, objectId: 'ZTF:1' }]);
      expect(rejected.map(({ code }) => code)).toEqual(['already_exists']);
    });

    test('the stored row stays as it was', async (store) => {
      await put(store, [full]);
      await put(store, [{ ...full, raDeg: 10, magAb: 12 }]);
      expect(recordOf(await store.detection('ZTF', '1'), 0)).toEqual(recordOf(columnsOf([full]), 0));
    });

    test('a rejected row is found nowhere', async (store) => {
      await put(store, [full]);
      await put(store, [{ ...full, raDeg: 10, objectId: 'B' }]);
      expect([...idsOf(await coneRows(store, coneAt(10, 2.2, 3600))), ...(await store.objects('B'))]).toEqual([]);
    });

    test('inside one batch the first row of an id counts', async (store) => {
      const rows = [full, { ...full, sourceId: 2, raDeg: 20 }, { ...full, magAb: 12 }, full];
      const { accepted, duplicates, rejected } = await put(store, rows);
      expect([accepted, duplicates, rejected.map(({ row }) => row)]).toEqual([2, 1, [2]]);
    });

    test('each row of a mixed batch is told by its own index', async (store) => {
      const old = Array.from({ length: 50 }, (_, i): DetectionRow => ({ ...full, sourceId: i, raDeg: 7 * i, decDeg: i }));
      await put(store, old);
      const batch = Array.from({ length: 100 }, (_, i): DetectionRow => ({
        ...full,
        sourceId: i % 2 === 0 ? i / 2 : 1000 + i,
        raDeg: i % 2 === 0 ? 7 * (i / 2) : 3 * i,
        decDeg: i % 2 === 0 ? i / 2 : -i / 2,
        flags: i % 4 === 0 ? 77n : 5n,
      }));
      const { accepted, duplicates, rejected, unassociated } = await put(store, batch);
      const isConflict = (i: number): boolean => i % 4 === 0;
      const isNew = (i: number): boolean => i % 2 === 1;
      const indices = Array.from({ length: 100 }, (_, i) => i);
      expect({
        accepted,
        duplicates,
        rejected: rejected.map(({ row }) => row).sort((a, b) => a - b),
        unassociated: unassociated.toSorted((a, b) => a - b),
      }).toEqual({
        accepted: 50,
        duplicates: 25,
        rejected: indices.filter(isConflict),
        unassociated: indices.filter(isNew),
      });
    });

    test('a batch that is put is not changed', async (store) => {
      const batch = checked([full, { ...full, sourceId: 'x', raDeg: 0 }, full]);
      const before = [0, 1, 2].map((row) => recordOf(batch, row));
      await store.put(batch);
      expect([0, 1, 2].map((row) => recordOf(batch, row))).toEqual(before);
    });
  });
}
