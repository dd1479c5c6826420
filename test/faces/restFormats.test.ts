// Every format against the fields of the same rows: they must say the same.

import { tableFromIPC } from '@uwdata/flechette';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { SaxesParser } from 'saxes';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIELDS, SEP_FIELD } from '../../src/model/fields.ts';
import { columnsOf, type DetectionRow } from '../support/detections.ts';
import { CONE, openRestApp, SKY, type RestApp } from './restApp.ts';

const NAMES = [...FIELDS, SEP_FIELD].map(({ name }) => name);
type Row = Record<string, string | number | null>;

let rest: RestApp;
let expected: Row[];

beforeAll(async () => {
  rest = await openRestApp(SKY);
  const body = (await rest.get(CONE)).json<{ detections: Row[] }>();
  expected = body.detections;
});

describe('JSON', () => {
  it('has every field in order, with 64-bit integers as text and null where there is no value', () => {
    for (const row of expected) expect(Object.keys(row)).toEqual(NAMES);
    expect(expected[0]).toMatchObject({
      survey: 'ZTF', source_id: '9223372036854775807', object_id: 'ZTF18abc', exposure_id: '170587115523932323', detector: 3, station: 'I41',
      mjd_tai: 60_000.25, ra_deg: 10, dec_deg: 20, flags: '18446744073709551615', mag_limit_ab: null, trail_pa_deg: null, kind: 'detection', sep_arcsec: 0,
    }); // prettier-ignore
  });

  it('prints the shortest decimal of a float32', () => {
    expect(expected[0]).toMatchObject({ mag_ab: 18.123, mag_err: 0.05, reliability: 0.65, diff_flux_njy: -123.456, exptime_s: 30 });
    expect(expected[1]).toMatchObject({ sci_flux_njy: 1e-7, snr: 3e9 });
  });

  it('reads back to the very value, whatever the number', async () => {
    const numbers = [
      0, 1, -1, 0.1, 1 / 3, 2 / 3, 1e-12, 123_456.789, 16_777_216, 3.4028234663852886e38, 1.401298464324817e-45, 8.5e-5, 9.999_999, 0.000_123, 99.5,
    ]; // prettier-ignore
    const rows = numbers.map((snr, i): DetectionRow => ({
      sourceId: i,
      raDeg: 1 + snr / 1e40 + i / 3e5,
      decDeg: i / 7e4,
      mjdTai: 51_000 + i / 3,
      snr,
    }));
    const stored = columnsOf(rows);
    const { get } = await openRestApp(rows);
    const body = (await get('/v1/cone?ra=1&dec=0&radius_deg=1')).json<{ detections: Row[] }>();
    body.detections.forEach((row, i) => {
      expect(Math.fround(Number(row['snr']))).toBe(stored.snr[i]);
      expect(row).toMatchObject({ ra_deg: stored.raDeg[i], dec_deg: stored.decDeg[i], mjd_tai: stored.mjdTai[i] });
    });
    expect(body.detections).toHaveLength(numbers.length);
  });
});

describe('the other formats', () => {
  it('NDJSON has the rows of JSON, one a line', async () => {
    const reply = await rest.get(`${CONE}&format=ndjson`);
    expect(reply.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    const lines = reply.body.split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as Row)).toEqual(expected);
  });

  it('CSV has a header, quotes where RFC 4180 wants them, and ids as they are', async () => {
    const reply = await rest.get(`${CONE}&format=csv`);
    expect(reply.headers['content-type']).toMatch(/^text\/csv/);
    expect(reply.body).toContain('\r\nLSST,=1+1,');
    expect(reply.body).toContain('\r\nZTF,"ZTF""17,0",');
    const lines: string[][] = parse(reply.body);
    const [header, ...rows] = lines;
    expect(header).toEqual(NAMES);
    expect(rows).toEqual(expected.map((row) => NAMES.map((name) => (row[name] === null ? '' : String(row[name])))));
  });

  it('Arrow has the columns with validity, text for 64-bit integers, and units', async () => {
    const reply = await rest.get(`${CONE}&format=arrow`);
    expect(reply.headers['content-type']).toBe('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(reply.rawPayload);
    expect(table.names).toEqual(NAMES);
    expect(table.schema.fields.find(({ name }) => name === 'ra_deg')?.metadata?.get('unit')).toBe('deg');
    expectRows(table.toArray());
  });

  it('Parquet has the same columns', async () => {
    const reply = await rest.get(`${CONE}&format=parquet`);
    expect(reply.headers['content-type']).toBe('application/vnd.apache.parquet');
    const file = reply.rawPayload.buffer.slice(reply.rawPayload.byteOffset, reply.rawPayload.byteOffset + reply.rawPayload.byteLength);
    expectRows((await parquetReadObjects({ file: file as ArrayBuffer })) as Row[]);
  });

  it('VOTable has the rows, an empty TD for null, and time and sky systems after INFO', async () => {
    const reply = await rest.get(`${CONE}&format=votable`);
    expect(reply.headers['content-type']).toMatch(/^application\/x-votable\+xml/);
    const { elements, cells } = readXml(reply.body);
    expect(elements.slice(0, 6)).toEqual(['VOTABLE', 'RESOURCE', 'DESCRIPTION', 'INFO', 'COOSYS', 'TIMESYS']);
    expect(cells).toEqual(expected.flatMap((row) => NAMES.map((name) => (row[name] === null ? '' : String(row[name])))));
    expect(reply.body).toContain('<INFO name="QUERY_STATUS" value="OK"/>');
    expect((await rest.get(`${CONE}&format=votable&limit=1`)).body).toContain('<INFO name="QUERY_STATUS" value="OVERFLOW">');
  });

  it.each(['json', 'ndjson', 'csv', 'votable', 'arrow', 'parquet'])('%s of no rows is a whole document', async (format) => {
    const reply = await rest.get(`/v1/cone?ra=100&dec=20&radius_arcsec=5&format=${format}`);
    expect(reply.statusCode).toBe(200);
    if (format === 'json') expect(reply.json()).toEqual({ count: 0, truncated: false, next: null, detections: [] });
    if (format === 'ndjson') expect(reply.body).toBe('');
    if (format === 'csv') expect(reply.body).toBe(`${NAMES.join(',')}\r\n`);
    if (format === 'votable') expect(readXml(reply.body).cells).toEqual([]);
    if (format === 'arrow') expect(tableFromIPC(reply.rawPayload).numRows).toBe(0);
    if (format === 'parquet') expect(reply.rawPayload.subarray(0, 4).toString()).toBe('PAR1');
  });

  it('an answer in many parts is the same as one in few', async () => {
    const many = Array.from({ length: 3000 }, (_, i): DetectionRow => ({
      sourceId: i,
      raDeg: 30 + i / 1e6,
      decDeg: 1,
      mjdTai: 59_000 + i,
      magAb: i / 100,
    }));
    const { get } = await openRestApp(many);
    const url = '/v1/cone?ra=30&dec=1&radius_deg=1';
    const whole = (await get(url)).json<{ count: number; detections: Row[] }>();
    expect(whole.count).toBe(3000);
    expect(whole.detections.map((row) => row['source_id'])).toEqual(many.map(({ sourceId }) => String(sourceId)));
    const csv = parse((await get(`${url}&format=csv`)).body, { columns: true }) as unknown as Record<string, string>[];
    expect(csv.map((row) => row['mag_ab'])).toEqual(whole.detections.map((row) => String(row['mag_ab'])));
    expect(tableFromIPC((await get(`${url}&format=arrow`)).rawPayload).numRows).toBe(3000);
  });
});

describe('which format', () => {
  it.each([
    ['text/csv', 'text/csv'],
    ['application/x-votable+xml', 'application/x-votable+xml'],
    ['application/json;q=0.5, text/csv;q=0.9', 'text/csv'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'application/json'],
    ['image/png', 'application/json'],
    ['*/*', 'application/json'],
  ])('Accept: %s gives %s', async (accept, type) => {
    expect((await rest.get(CONE, { accept })).headers['content-type']).toContain(type);
  });

  it('format= is stronger than Accept', async () => {
    expect((await rest.get(`${CONE}&format=json`, { accept: 'text/csv' })).headers['content-type']).toContain('application/json');
  });
});

/** Columns keep the float32, where JSON has its shortest decimal; sep_arcsec is whole there, to nine decimals here. */
function expectRows(rows: readonly Row[]): void {
  expect(rows).toHaveLength(expected.length);
  rows.forEach((row, i) => {
    for (const { name, type } of FIELDS) {
      const value = type === 'float32' && expected[i][name] !== null ? Math.fround(Number(expected[i][name])) : expected[i][name];
      expect(row[name] ?? null).toBe(value);
    }
    expect(row['sep_arcsec']).toBeCloseTo(Number(expected[i]['sep_arcsec']), 9);
  });
}

function readXml(text: string): { elements: string[]; cells: string[] } {
  const elements: string[] = [];
  const cells: string[] = [];
  const parser = new SaxesParser();
  let cell = '';
  parser.on('opentag', ({ name }) => {
    elements.push(name);
    cell = '';
  });
  parser.on('text', (part) => {
    cell += part;
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'TD') cells.push(cell);
  });
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(text).close();
  return { elements, cells };
}
