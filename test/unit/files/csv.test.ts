import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { taiOfUtc } from '../../../src/sky/time.ts';
import { readAll, readBytes } from './collected.ts';

const HEADER = 'survey,source_id,mjd_utc,ra_deg,dec_deg';
const SAMPLE = fileURLToPath(new URL('../../../sample/', import.meta.url));

const read = (text: string, options = {}) => readBytes('table.csv', text, options);
const rowOf = async (header: string, line: string, options = {}) => {
  const { rows, rejected } = await read(`${header}\n${line}\n`, options);
  expect(rejected).toEqual([]);
  return rows[0];
};

describe('a table of our own columns', () => {
  it('gives each column its value', async () => {
    const header =
      'survey,source_id,object_id,exposure_id,detector,station,mjd_tai,exptime_s,ra_deg,dec_deg,ra_err_arcsec,dec_err_arcsec,band,' +
      'diff_flux_njy,diff_flux_err_njy,sci_flux_njy,sci_flux_err_njy,mag_ab,mag_err,mag_limit_ab,snr,reliability,' +
      'trail_len_arcsec,trail_pa_deg,kind,flags';
    const line =
      'S,a:1,obj,-9223372036854775808,7,I41,60000.5,30,10,-5,0.5,0.25,r,-1000,10,2000,20,18.5,0.125,21,8,0.5,3,45,forced,18446744073709551615';
    const row = await rowOf(header, line.replace('-9223372036854775808', '9007199254740993'));
    expect(row).toMatchObject({
      survey: 'S',
      source_id: 'a:1',
      object_id: 'obj',
      exposure_id: 9007199254740993n,
      detector: 7,
      station: 'I41',
      mjd_tai: 60000.5,
      exptime_s: 30,
      ra_deg: 10,
      dec_deg: -5,
      ra_err_arcsec: 0.5,
      dec_err_arcsec: 0.25,
      band: 'r',
      diff_flux_njy: -1000,
      diff_flux_err_njy: 10,
      sci_flux_njy: 2000,
      sci_flux_err_njy: 20,
      mag_ab: 18.5,
      mag_err: 0.125,
      mag_limit_ab: 21,
      snr: 8,
      reliability: 0.5,
      trail_len_arcsec: 3,
      trail_pa_deg: 45,
      kind: 'forced',
      flags: 18446744073709551615n,
    });
  });

  it('takes mjd_utc as mid-exposure', async () => {
    const row = await rowOf(`${HEADER},exptime_s`, 'S,1,60000,1,2,30');
    expect(row?.['mjd_tai']).toBe(taiOfUtc(60000));
  });

  it('adds half the exposure where the caller says that times are starts', async () => {
    const row = await rowOf(HEADER, 'S,1,60000,1,2', { timeReference: 'start', exptimeS: 30 });
    expect(Number(row?.['mjd_tai'])).toBeCloseTo(taiOfUtc(60000) + 15 / 86_400, 9);
    expect(row?.['exptime_s']).toBe(30);
  });

  it('refuses a start without an exposure time', async () => {
    const { rows, rejected } = await read(`${HEADER}\nS,1,60000,1,2\n`, { timeReference: 'start' });
    expect(rows).toEqual([]);
    expect(rejected[0]?.message).toMatch(/^line 2: exptime_s is missing/);
  });

  it('refuses two clocks that disagree', async () => {
    const { rejected } = await read('survey,source_id,mjd_tai,mjd_utc,ra_deg,dec_deg\nS,1,60000,60000,1,2\n');
    expect(rejected[0]?.message).toMatch(/not the same moment/);
  });

  it('wraps a right ascension from -180 to 0 and no other', async () => {
    const { rows, rejected } = await read(`${HEADER}\nS,1,60000,-51.99,2\nS,2,60000,-180,2\nS,3,60000,-180.1,2\n`);
    expect(rows.map((row) => row['ra_deg'])).toEqual([360 - 51.99, 180]);
    expect(rejected.map(({ row }) => row)).toEqual([3]);
  });

  it('takes the survey and the station from the caller where the table has none', async () => {
    const row = await rowOf('source_id,mjd_utc,ra_deg,dec_deg', '1,60000,1,2', { survey: 'MINE', station: 'X05' });
    expect(row).toMatchObject({ survey: 'MINE', station: 'X05' });
  });

  it('reads an error of inf as one that is not known', async () => {
    expect(await rowOf(`${HEADER},mag,mag_err`, 'S,1,60000,1,2,18,inf')).not.toHaveProperty('mag_err');
  });

  it('says what the header lacks', async () => {
    const { refusal } = await read('object_id,mjd_utc,band,limmag\no,60000,r,20\n');
    expect(refusal?.message).toMatch(/header lacks source_id, ra_deg, dec_deg, survey.*a row without a position is no detection/);
  });

  it('bounds a record of many short fields', async () => {
    const { rows, rejected } = await read(`${HEADER}\n${','.repeat(2_000_000)}\nS,1,60000,1,2\n`);
    expect(rows).toHaveLength(1);
    expect(rejected[0]?.message).toMatch(/^line 2: longer than 1048576 bytes/);
  });

  it('counts lines and rows past quoted line ends', async () => {
    const { numbers, rejected } = await read(`${HEADER},object_id\nS,1,60000,1,2,"a\nb\nc"\nS,2,x,1,2,d\nS,3,60000,1,2,e\n`);
    expect(numbers).toEqual([1, 3]);
    expect(rejected).toMatchObject([{ row: 2, message: 'line 5: mjd_utc is "x", must be a decimal number' }]);
  });

  it('hands on at most 1,000 rows at a time', async () => {
    const lines = Array.from({ length: 2_500 }, (_, i) => `S,${String(i)},60000,1,2`);
    const { rows, largestBatch } = await read(`${HEADER}\n${lines.join('\n')}`);
    expect(rows).toHaveLength(2_500);
    expect(largestBatch).toBe(1_000);
  });
});

describe('a table with the names of ZTF', () => {
  const header = 'objectId,candid,jd,ra,dec,magpsf,sigmapsf,fid,isdiffpos';
  const line = 'ZTF18x,1786104593715015000,2460000.5,10,20,18,0.1,2,f';

  it('is read as starts of 30 s exposures with signed fluxes', async () => {
    const row = await rowOf(header, line);
    expect(row).toMatchObject({
      survey: 'ZTF',
      source_id: '1786104593715015000',
      object_id: 'ZTF18x',
      band: 'r',
      station: 'I41',
      exptime_s: 30,
    });
    expect(Number(row?.['mjd_tai'])).toBeCloseTo(taiOfUtc(60000) + 15 / 86_400, 9);
    expect(Number(row?.['diff_flux_njy'])).toBeCloseTo(-(10 ** ((31.400066 - 18) / 2.5)), -1);
  });

  it("is known under Fink's prefix", async () => {
    expect(await rowOf(header.replaceAll(/(\w+)/g, 'i:$1'), line)).toMatchObject({ source_id: '1786104593715015000', band: 'r' });
  });

  it('refuses an id that a double has rounded', async () => {
    const { rejected } = await read(`${header}\n${line.replace('1786104593715015000', '1.786104593715015e+18')}\n`);
    expect(rejected[0]?.message).toMatch(/candid is "1.786104593715015e\+18", must be an integer/);
  });
});

describe('gzip', () => {
  const text = `${HEADER}\nS,1,60000,1,2\n`;

  it('may be several members, one after another', async () => {
    const { rows } = await readBytes('t.csv.gz', Buffer.concat([gzipSync(text), gzipSync('S,2,60000,1,2\n')]));
    expect(rows.map((row) => row['source_id'])).toEqual(['1', '2']);
  });

  it('loads nothing of a file that is cut, wherever', async () => {
    const whole = readFileSync(`${SAMPLE}ztf-alerts.csv.gz`);
    for (const share of [0.1, 0.5, 0.99, 0.9999]) {
      const { rows, refusal } = await readBytes('t.csv.gz', whole.subarray(0, Math.floor(whole.length * share)));
      expect(rows).toEqual([]);
      expect(refusal?.message).toMatch(/gzip ends early/);
    }
  });

  it('is known by its first bytes, not by its name', async () => {
    const { rows } = await readBytes('t.csv', gzipSync(text));
    expect(rows).toHaveLength(1);
  });
});

describe('the sample', () => {
  it('is taken whole', async () => {
    const alerts = await readAll(`${SAMPLE}ztf-alerts.csv.gz`);
    const asteroids = await readAll(`${SAMPLE}ztf-asteroids-2020-05.csv.gz`);
    expect([alerts.rows.length, alerts.rejected, alerts.refusal]).toEqual([3735, [], null]);
    expect([asteroids.rows.length, asteroids.rejected, asteroids.refusal]).toEqual([3709, [], null]);
    expect(
      gunzipSync(readFileSync(`${SAMPLE}ztf-alerts.csv.gz`))
        .toString('utf8')
        .split('\n', 1)[0],
    ).toMatch(/^survey,source_id,object_id,/);
  });

  it('holds the rows of its packets, the same to the last bit', async () => {
    const alerts = new Map((await readAll(`${SAMPLE}ztf-alerts.csv.gz`)).rows.map((row) => [row['source_id'], row]));
    for (const [packet, rows] of [
      ['ztf-2475433850315015009.avro', 81],
      ['ztf-1127561441415015002.avro', 68],
    ] as const) {
      const inPacket = await readAll(`${SAMPLE}${packet}`);
      expect(inPacket.rows).toHaveLength(rows);
      for (const row of inPacket.rows) expect(row).toEqual(alerts.get(row['source_id'] ?? ''));
    }
  });
});
