import { describe, expect, it } from 'vitest';
import { openRestApp, type ProblemBody } from './restApp.ts';

const URL = '/v1/detections';
const ROW = { survey: 'ZTF', source_id: '170587115523932323', mjd_tai: 60_000.5, ra_deg: 10, dec_deg: 20, kind: 'detection', mag_ab: 18.5 };
const NDJSON = 'application/x-ndjson';
const ndjson = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('POST /v1/detections', () => {
  it('reports accepted rows, and the same rows again as duplicates', async () => {
    const { get, post } = await openRestApp([]);
    const first = await post(URL, 'application/json', [ROW, { ...ROW, source_id: 'text:1' }]);
    expect(first.statusCode).toBe(200);
    expect(first.json()).toMatchObject({ accepted: 2, duplicates: 0, rejected: 0, errors: [] });
    expect((await post(URL, NDJSON, ndjson(ROW, { ...ROW, source_id: 'text:1' }))).json()).toMatchObject({
      accepted: 0,
      duplicates: 2,
      rejected: 0,
    });
    expect((await get('/v1/detections/ZTF/170587115523932323')).json()).toMatchObject({
      detections: [{ source_id: '170587115523932323', mag_ab: 18.5 }],
    });
  });

  it('names each rejected row by its number in the body, and stores the others', async () => {
    const { post, store } = await openRestApp([]);
    const body = ndjson(
      ROW,
      { ...ROW, source_id: '2', dec_deg: 95 },
      { ...ROW, mag_ab: 19 },
      { survey: 'ZTF' },
      { ...ROW, source_id: '3' },
    );
    const reply = await post(URL, NDJSON, body);
    expect(reply.statusCode).toBe(200);
    const report = reply.json<{ errors: { row: number; code: string; message: string }[] }>();
    expect(report).toMatchObject({ accepted: 2, duplicates: 0, rejected: 3 });
    expect(report.errors.map(({ row, code }) => [row, code])).toEqual([
      [1, 'invalid_argument'],
      [2, 'already_exists'],
      [3, 'invalid_argument'],
    ]);
    expect(report.errors[0].message).toContain('dec_deg');
    expect((await store.summary()).detections).toBe(2);
  });

  it('takes what GET gives: CSV and Arrow answers of one service go into another', async () => {
    const from = await openRestApp([
      { sourceId: '9223372036854775807', raDeg: 10, decDeg: 20, mjdTai: 60_000.123456789, magAb: 18.123, band: 'g' },
    ]);
    for (const [format, type] of [
      ['csv', 'text/csv'],
      ['arrow', 'application/vnd.apache.arrow.stream'],
      ['ndjson', NDJSON],
      ['json', 'application/json'],
    ]) {
      // prettier-ignore
      const to = await openRestApp([]);
      const answer = await from.get(`/v1/detections/ZTF/9223372036854775807?format=${format}`);
      const report = (await to.post(URL, type, answer.rawPayload)).json<object>();
      expect(report, format).toMatchObject({ accepted: 1, rejected: 0 });
      expect((await to.get('/v1/cone?ra=10&dec=20&radius_arcsec=1')).json()).toMatchObject({
        detections: [{ source_id: '9223372036854775807', mag_ab: 18.123, mjd_tai: 60_000.123456789, band: 'g' }],
      });
    }
  });

  it.each([
    ['application/json', '{"a": ', 400],
    ['application/json', '3', 400],
    ['application/vnd.apache.arrow.stream', 'no arrow', 400],
    ['application/xml', '<detections/>', 415],
    ['text/csv; charset=latin1', 'survey\n', 400],
  ])('refuses a body that is no %s: %s', async (type, body, status) => {
    const { post } = await openRestApp([]);
    const reply = await post(URL, type, body);
    expect(reply.statusCode).toBe(status);
    expect(reply.json<ProblemBody>().code).toBe('invalid_argument');
  });

  it('ends at the body limit and says how much is stored by then', async () => {
    const { post, store } = await openRestApp([], { limits: { maxBodyBytes: 400_000 } });
    const rows = Array.from({ length: 5000 }, (_, i) => ({ ...ROW, source_id: String(i), ra_deg: i / 20 }));
    const reply = await post(URL, NDJSON, ndjson(...rows), { 'transfer-encoding': 'chunked' });
    const problem = reply.json<ProblemBody>();
    expect(problem).toMatchObject({ status: 413, code: 'resource_exhausted', field: 'body', limit: '400000 bytes' });
    const { detections } = await store.summary();
    if (detections > 0) expect(problem.detail).toContain(`${detections} rows before it are stored`);
  });

  it('refuses a compressed body by name, and everything where this process does not ingest', async () => {
    const { post } = await openRestApp([]);
    expect((await post(URL, NDJSON, 'x', { 'content-encoding': 'gzip' })).json<ProblemBody>()).toMatchObject({
      status: 415,
      field: 'content-encoding',
    });
    const { app } = await openRestApp([]);
    expect((await app.inject({ method: 'GET', url: URL })).statusCode).toBe(404);
  });
});
