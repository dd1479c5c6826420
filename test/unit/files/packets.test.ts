// What packets of the surveys become: on the sample's own packets, and on packets made here.

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../../ingest/files/detectionBatch.ts';
import type { PacketReader } from '../../../ingest/files/packet.ts';
import { addPacket, packetReaderOf } from '../../../ingest/files/packets.ts';
import { taiOfUtc } from '../../../src/sky/time.ts';
import { collected, readAll } from './collected.ts';

const SAMPLE = fileURLToPath(new URL('../../../sample/', import.meta.url));
const JD_0 = 2_459_000.5;

const mapOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(mapOf);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([name, inner]) => [name, mapOf(inner)]));
};

function read(schemaName: string, ...packets: object[]) {
  const batch = new BatchBuilder();
  const reader: PacketReader = packetReaderOf(schemaName, new Set(Object.keys(packets[0])));
  packets.forEach((packet, i) => {
    addPacket(reader, mapOf(packet), `record ${String(i + 1)}`, batch, {});
  });
  return collected(
    (async function* () {
      yield* batch.takeAll();
    })(),
  );
}

const candidate = (candid: number, jd: number, more: object = {}) => ({
  candid,
  jd,
  fid: 2,
  ra: 10,
  dec: 20,
  magpsf: 18,
  sigmapsf: 0.1,
  isdiffpos: 't',
  diffmaglim: 20.5,
  rb: 0.75,
  pid: 5,
  rcid: 7,
  ...more,
});
const limit = (jd: number) => ({ candid: null, jd, fid: 1, diffmaglim: 19.5, pid: 6, rcid: null, ra: null, dec: null });

describe('a ZTF packet', () => {
  it('of schema 4.01 gives detection, history, limits and forced photometry', async () => {
    const { rows } = await readAll(`${SAMPLE}ztf-2475433850315015009.avro`);
    const kinds = Map.groupBy(rows, (row) => row['kind']);
    expect([kinds.get('detection')?.length, kinds.get('upper_limit')?.length, kinds.get('forced')?.length]).toEqual([38, 28, 15]);
    for (const row of kinds.get('upper_limit') ?? []) {
      expect(row['mag_limit_ab']).toBeTypeOf('number');
      expect(row).not.toHaveProperty('mag_ab');
    }
    for (const row of kinds.get('forced') ?? []) expect(row['diff_flux_njy']).toBeTypeOf('number');
  });

  it('gives the alert alone where the history is not wanted', async () => {
    const { rows } = await readAll(`${SAMPLE}ztf-2475433850315015009.avro`, { history: false });
    expect(rows.map((row) => row['source_id'])).toEqual(['2475433850315015009']);
  });

  it('says the same of a detection as the history of a later packet does', async () => {
    const first = { objectId: 'ZTF1', candid: 1, candidate: { ...candidate(1, JD_0), exptime: 30, drb: 0.99 }, prv_candidates: null };
    const second = { objectId: 'ZTF1', candid: 2, candidate: candidate(2, JD_0 + 1), prv_candidates: [candidate(1, JD_0)] };
    const { rows } = await read('ztf.alert', first, second);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toEqual(rows[0]);
    expect(rows[0]?.['reliability']).toBe(0.75);
  });

  it('puts a limit where the object was seen next, whichever packet tells of it', async () => {
    const seen = (candid: number, jd: number, ra: number) => candidate(candid, jd, { ra });
    const first = { objectId: 'ZTF1', candid: 1, candidate: seen(1, JD_0 + 2, 10.0001), prv_candidates: [limit(JD_0), limit(JD_0 + 1)] };
    const second = {
      objectId: 'ZTF1',
      candid: 2,
      candidate: seen(2, JD_0 + 4, 10.0002),
      prv_candidates: [limit(JD_0 + 1), seen(1, JD_0 + 2, 10.0001), limit(JD_0 + 3)],
    };
    const limits = (await read('ztf.alert', first, second)).rows.filter((row) => row['kind'] === 'upper_limit');
    expect(limits.map((row) => [row['source_id'], row['ra_deg']])).toEqual([
      [`ZTF1:ul:${String(JD_0)}`, 10.0001],
      [`ZTF1:ul:${String(JD_0 + 1)}`, 10.0001],
      [`ZTF1:ul:${String(JD_0 + 1)}`, 10.0001],
      [`ZTF1:ul:${String(JD_0 + 3)}`, 10.0002],
    ]);
    expect(limits[1]).toEqual(limits[2]);
  });

  it('leaves neighbours in the history without an object', async () => {
    const { rows } = await read('ztf.alert', {
      objectId: 'ZTF1',
      candid: 2,
      candidate: candidate(2, JD_0 + 1),
      prv_candidates: [candidate(1, JD_0, { ra: 10.1 })],
    });
    expect(rows.map((row) => row['object_id'])).toEqual(['ZTF1', undefined]);
  });

  it.each([
    ['t', 1],
    ['1', 1],
    ['f', -1],
    ['0', -1],
  ])('gives the flux the sign of isdiffpos %s', async (isdiffpos, sign) => {
    const { rows } = await read('ztf.alert', { objectId: 'ZTF1', candid: 1, candidate: candidate(1, JD_0, { isdiffpos }) });
    expect(Math.sign(Number(rows[0]?.['diff_flux_njy']))).toBe(sign);
    expect(rows[0]?.['mag_ab']).toBe(18);
  });

  it('counts its exposure time from the start', async () => {
    const { rows } = await read('ztf.alert', { objectId: 'ZTF1', candid: 1, candidate: candidate(1, JD_0, { exptime: 60 }) });
    expect(Number(rows[0]?.['mjd_tai'])).toBeCloseTo(taiOfUtc(59_000) + 30 / 86_400, 9);
  });

  it('refuses a bad row of the history and keeps the rest', async () => {
    const { rows, rejected } = await read('ztf.alert', {
      objectId: 'ZTF1',
      candid: 3,
      candidate: candidate(3, JD_0 + 1),
      prv_candidates: [candidate(1, JD_0, { dec: NaN }), candidate(2, JD_0)],
    });
    expect(rows.map((row) => row['source_id'])).toEqual(['3', '2']);
    expect(rejected).toMatchObject([{ row: 2, message: 'record 1, prv_candidates[0]: dec has no value' }]);
  });
});

describe('an LSST packet', () => {
  const source = (diaSourceId: bigint, more: object = {}) => ({
    diaSourceId,
    visit: 7n,
    detector: 42,
    diaObjectId: 9n,
    ssObjectId: 0n,
    midpointMjdTai: 61_000.25,
    ra: 50,
    dec: -10,
    raErr: 1 / 36_000,
    decErr: 1 / 36_000,
    psfFlux: -500,
    psfFluxErr: 50,
    scienceFlux: 2_000,
    scienceFluxErr: 60,
    snr: 10,
    reliability: 0.9,
    band: 'i',
    isNegative: true,
    centroid_flag: true,
    ...more,
  });

  it('keeps TAI, signed flux, exact ids and errors in arcseconds', async () => {
    const { rows } = await read('lsst.v9_0.alert', { diaSource: source(170_595_940_828_184_637n), prvDiaSources: null });
    expect(rows[0]).toMatchObject({
      survey: 'LSST',
      source_id: '170595940828184637',
      object_id: '9',
      exposure_id: 7n,
      detector: 42,
      station: 'X05',
      mjd_tai: 61_000.25,
      diff_flux_njy: -500,
      diff_flux_err_njy: 50,
      sci_flux_njy: 2_000,
      band: 'i',
      flags: (1n << 15n) | 1n,
    });
    expect(rows[0]?.['ra_err_arcsec']).toBeCloseTo(0.1, 6);
    expect(rows[0]).not.toHaveProperty('mag_ab');
  });

  it('names forced sources apart from sources with the same number', async () => {
    const forced = {
      diaForcedSourceId: 5n,
      diaObjectId: 9n,
      ra: 50,
      dec: -10,
      visit: 8n,
      detector: 1,
      psfFlux: 100,
      psfFluxErr: 50,
      midpointMjdTai: 61_001,
      band: 'r',
    };
    const { rows } = await read('lsst.v10_0.alert', { diaSource: source(5n), prvDiaForcedSources: [forced] });
    expect(rows.map((row) => [row['source_id'], row['kind']])).toEqual([
      ['5', 'detection'],
      ['forced:5', 'forced'],
    ]);
  });

  it('names a moving object by its ssObjectId', async () => {
    const { rows } = await read('lsst.v9_0.alert', { diaSource: source(5n, { diaObjectId: null, ssObjectId: 12n }) });
    expect(rows[0]?.['object_id']).toBe('12');
  });
});

it('a schema of no survey is refused by its name', () => {
  expect(() => packetReaderOf('other.alert', new Set(['objectId', 'candidate']))).toThrow(/"other.alert" is of no survey we know/);
});
