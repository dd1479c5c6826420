import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { openRestApp, SKY, type ProblemBody } from './restApp.ts';

interface Matches {
  readonly count: number;
  readonly truncated: boolean;
  readonly matches: readonly Record<string, string | number | null>[];
}

const POSITIONS = [
  { id: 'near', ra: 10.00009, dec: 20 },
  { id: 'empty', ra: 50, dec: 2 },
  { ra: '00:40:00', dec: '+20:00:00', radius_arcsec: 0.1 },
];
const URL = '/v1/cone/bulk';
const lines = ({ matches }: Matches): unknown[] => matches.map((row) => [row['position'], row['id'], row['source_id']]);

describe('POST /v1/cone/bulk', () => {
  it('all: every detection of each cone by separation, with the radius of the row or else of the call', async () => {
    const { post } = await openRestApp(SKY);
    const reply = (await post(URL, 'application/json', { positions: POSITIONS, radius_arcsec: 0.5, find: 'all' })).json<Matches>();
    expect(lines(reply)).toEqual([
      [0, 'near', 'ZTF"17,0'],
      [0, 'near', '9223372036854775807'],
      [0, 'near', 'é<&>'],
      [0, 'near', '=1+1'],
      [2, null, '9223372036854775807'],
    ]);
    expect(reply).toMatchObject({ count: 5, truncated: false });
  });

  it('best: the nearest where there is one; each: a line for every position', async () => {
    const { post } = await openRestApp(SKY);
    const best = await post(URL, 'application/json', { positions: POSITIONS, radius_arcsec: 2, find: 'best' });
    expect(lines(best.json())).toEqual([
      [0, 'near', 'ZTF"17,0'],
      [2, null, '9223372036854775807'],
    ]);
    const each = (await post(`${URL}?find=each&radius_arcsec=2`, 'application/json', { positions: POSITIONS })).json<Matches>();
    expect(lines(each)).toEqual([
      [0, 'near', 'ZTF"17,0'],
      [1, 'empty', null],
      [2, null, '9223372036854775807'],
    ]);
    const nothing = Object.entries(each.matches[1]).filter(([name]) => name !== 'position' && name !== 'id');
    for (const [, value] of nothing) expect(value).toBeNull();
    expect(nothing).toHaveLength(28);
  });

  it('takes CSV with any other columns, and a form with such a file', async () => {
    const { app, post } = await openRestApp(SKY);
    const table = '\ufeffName, RA ,Dec,id,radius_arcsec\r\nx,10.00009,20,near,\r\n"y, z",50,2,empty,1\r\n';
    const url = `${URL}?find=each&radius_arcsec=2&format=csv`;
    const byCsv = await post(url, 'text/csv', table);
    const lines: string[][] = parse(byCsv.body);
    expect(lines.map((row) => row.slice(0, 4))).toEqual([
      ['position', 'id', 'survey', 'source_id'],
      ['0', 'near', 'ZTF', 'ZTF"17,0'],
      ['1', 'empty', '', ''],
    ]);
    const form = new FormData();
    form.append('table', new File([table], 'targets.csv'));
    const request = new Request('http://localhost', { method: 'POST', body: form });
    const contentType = request.headers.get('content-type') ?? '';
    const byForm = await app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': contentType },
      payload: Buffer.from(await request.arrayBuffer()),
    });
    expect(byForm.body).toBe(byCsv.body);
  });

  it('shows a cut by the limit', async () => {
    const { post } = await openRestApp(SKY);
    const reply = await post(URL, 'application/json', { positions: POSITIONS, radius_arcsec: 2, limit: 3 });
    expect(reply.json<Matches>()).toMatchObject({ count: 3, truncated: true });
    expect(reply.headers['nightjar-truncated']).toBe('true');
  });

  it('takes 10,000 positions and no more', async () => {
    const { post } = await openRestApp([]);
    const positions = Array.from({ length: 10_000 }, (_, i) => ({ id: `p${i}`, ra: i / 30, dec: 0 }));
    const reply = (await post(URL, 'application/json', { positions, radius_arcsec: 1, find: 'each' })).json<Matches>();
    expect(reply.count).toBe(10_000);
    expect(reply.matches[9999]).toMatchObject({ position: 9999, id: 'p9999', source_id: null });
    const problem = (
      await post(URL, 'application/json', { positions: [...positions, { ra: 1, dec: 1 }], radius_arcsec: 1 })
    ).json<ProblemBody>();
    expect(problem).toMatchObject({ status: 400, field: 'positions', value: '10001', limit: '10000' });
  });

  it.each([
    ['application/json', '{"positions": [{"ra": 1, "dec": 2}]}', 400, 'radius_arcsec'],
    ['application/json', '{"radius_arcsec": 1}', 400, 'positions'],
    ['application/json', '{"positions": [], "radius_arcsec": 1, "find": "first"}', 400, 'find'],
    ['application/json', '{"positions": [{"ra": 1, "dec": 2}, {"ra": 1}], "radius_arcsec": 1}', 400, 'positions[1].dec'],
    ['application/json', '{"positions": [{"ra": 1, "dec": 92}], "radius_arcsec": 1}', 400, 'positions[0].dec'],
    ['application/json', '{"positions": [{"ra": 1, "dec": 2, "radius_deg": 1}], "radius_arcsec": 1}', 400, 'radius_deg'],
    ['application/json', '{"positions": [{"ra": 1, "dec": 2, "radius_arcsec": 3601}]}', 400, 'positions[0].radius_arcsec'],
    ['text/csv', 'ra,dec\n1,2,3\n', 400, undefined],
    ['text/csv', 'ra,dec,radius\n1,2,3\n', 400, 'radius'],
    ['text/csv', 'name,value\n1,2\n', 400, 'positions[0].ra'],
    ['application/x-www-form-urlencoded', 'ra=1&dec=2', 415, 'content-type'],
  ])('refuses %s %s', async (type, body, status, field) => {
    const { post } = await openRestApp([]);
    const problem = (await post(URL, type, body)).json<ProblemBody>();
    expect(problem).toMatchObject({ status, code: 'invalid_argument' });
    expect(problem.field).toBe(field);
  });
});
