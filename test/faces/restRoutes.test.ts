import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { openBruteStore } from '../support/bruteStore.ts';
import { CONE, openRestApp, SKY, type ProblemBody } from './restApp.ts';

interface Rows {
  readonly count: number;
  readonly truncated: boolean;
  readonly detections: readonly Record<string, string | number | null>[];
}
const ids = (rows: Rows): unknown[] => rows.detections.map((row) => row['source_id']);

describe('rows by other ways', () => {
  it('nearest: by separation, k and a farthest radius', async () => {
    const { get } = await openRestApp(SKY);
    const near = (await get('/v1/nearest?ra=10&dec=20')).json<Rows>();
    expect(ids(near)).toEqual(['9223372036854775807']);
    expect(ids((await get('/v1/nearest?ra=10.00021&dec=20&k=3')).json())).toEqual(['=1+1', 'ZTF"17,0', 'é<&>']);
    expect((await get('/v1/nearest?ra=100&dec=20&max_radius_arcsec=10')).json<Rows>().count).toBe(0);
    expect((await get('/v1/nearest?ra=100&dec=20&k=10001')).json<ProblemBody>().field).toBe('k');
  });

  it('a light curve by object id, by alias and by place', async () => {
    const { get } = await openRestApp(SKY);
    const byId = (await get('/v1/objects/ZTF:9223372036854775807/light-curve')).json<Rows>();
    expect(ids(byId)).toEqual(['9223372036854775807', '=1+1', 'ZTF"17,0', 'é<&>']);
    expect(byId.detections.map((row) => row['kind'])).toEqual(['detection', 'forced', 'upper_limit', 'detection']);
    expect((await get('/v1/objects/ZTF18abc/light-curve')).json<Rows>()).toEqual(byId);
    expect(ids((await get('/v1/light-curve?ra=10&dec=20&radius_arcsec=5')).json())).toEqual(ids(byId));
    expect((await get('/v1/objects/ZTF18abc/light-curve?band=z')).json<Rows>().count).toBe(0);
    expect((await get('/v1/objects/nobody/light-curve')).statusCode).toBe(404);
    expect((await get('/v1/light-curve?ra=10&dec=20')).json<ProblemBody>().field).toBe('radius_arcsec');
  });

  it('one detection, whatever characters its id has', async () => {
    const { get } = await openRestApp([...SKY, { sourceId: 'a/b c?d#e%2F', raDeg: 1, decDeg: 1, mjdTai: 60_000 }]);
    for (const id of ['9223372036854775807', 'ZTF"17,0', 'é<&>', '-5', 'a/b c?d#e%2F']) {
      expect(ids((await get(`/v1/detections/ZTF/${encodeURIComponent(id)}`)).json())).toEqual([id]);
    }
    expect((await get('/v1/detections/ZTF/6')).json<ProblemBody>()).toMatchObject({
      status: 404,
      code: 'not_found',
      field: 'source_id',
      value: '6',
    });
  });

  it('an object with all that is known of it', async () => {
    const { get } = await openRestApp(SKY);
    const object = (await get('/v1/objects/ZTF18abc')).json<Record<string, unknown>>();
    expect(object).toMatchObject({
      object_id: 'ZTF:9223372036854775807',
      aliases: ['ZTF18abc'],
      ra_deg: 10,
      dec_deg: 20,
      detections: 4,
      count: 1,
    });
    expect(object['mjd_tai_last']).toBe(60_002.123456789);
    expect((await get('/v1/objects/nobody')).statusCode).toBe(404);
  });

  it('a night in numbers and in rows', async () => {
    const { get } = await openRestApp(SKY);
    const night = (await get('/v1/nights/60001')).json<Record<string, unknown>>();
    const rows = (await get('/v1/nights/60001/detections')).json<Rows>();
    expect(night).toMatchObject({ night: 60_001, detections: rows.count });
    expect(rows.count).toBeGreaterThan(0);
    expect(night['surveys']).toEqual(countsOf(rows, 'survey'));
    expect(night['bands']).toEqual(countsOf(rows, 'band'));
    expect((await get('/v1/nights/tonight')).json<ProblemBody>().field).toBe('night');
    expect((await get('/v1/nights/10')).json()).toMatchObject({ detections: 0, mjd_tai_first: null, surveys: {} });
  });

  it('the state of the service', async () => {
    const { get } = await openRestApp(SKY);
    expect((await get('/v1/status')).json()).toMatchObject({
      version: '0.0-test', engine: 'memory', detections: 5, objects: 2, mjd_tai_first: 60_000.25, mjd_tai_last: 60_002.5, surveys: ['LSST', 'ZTF'],
    }); // prettier-ignore
  });
});

describe('POST /v1/region', () => {
  const square = { polygon: [[9, 19], [11, 19], [11, 21], [9, 21]] }; // prettier-ignore

  it('takes a polygon, a MOC in JSON and a MOC as text, with filters in URL or body', async () => {
    const { post } = await openRestApp(SKY);
    const json = 'application/json';
    const inside = (await post('/v1/region', json, square)).json<Rows>();
    expect(inside.count).toBe(4);
    expect(ids((await post('/v1/region?band=g', json, square)).json())).toEqual(['9223372036854775807']);
    expect(ids((await post('/v1/region', json, { ...square, band: ['g'], limit: 5 })).json())).toEqual(['9223372036854775807']);
    expect((await post('/v1/region', json, { moc: '0/0-11' })).json<Rows>().count).toBe(5);
    const cut = await post('/v1/region?limit=2', 'text/plain', '0/0-11');
    expect(cut.json<Rows>()).toMatchObject({ count: 2, truncated: true });
    expect(cut.headers['nightjar-truncated']).toBe('true');
  });

  it.each([
    ['application/json', '{"polygon": [[1,2],[3,4]', 400],
    ['application/json', '[]', 400],
    ['application/json', '{}', 400],
    ['application/json', '{"polygon": [[1,2],[3,4]]}', 400],
    ['application/json', '{"polygon": [[1,2],[3,95],[3,4]]}', 400],
    ['application/json', '{"polygon": 3}', 400],
    ['application/json', '{"moc": "0/0", "polygon": [[9,19],[11,19],[11,21]]}', 400],
    ['application/json', '{"moc": "0/0", "radius": 3}', 400],
    ['text/plain', 'no moc', 400],
    ['application/xml', '<moc/>', 415],
  ])('refuses %s %s', async (type, body, status) => {
    const { post } = await openRestApp([]);
    const reply = await post('/v1/region', type, body);
    expect(reply.statusCode).toBe(status);
    expect(reply.json<ProblemBody>()).toMatchObject({ status, code: 'invalid_argument' });
  });
});

describe('what is not there', () => {
  it('is a problem document too, for paths, methods and bad URLs', async () => {
    const { app, get } = await openRestApp([]);
    for (const url of ['/', '/v1', '/v1/cones', '/v2/cone']) {
      const reply = await get(url);
      expect(reply.json<ProblemBody>()).toMatchObject({ status: 404, code: 'not_found' });
      expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    }
    expect((await app.inject({ method: 'DELETE', url: '/v1/cone' })).json<ProblemBody>().code).toBe('not_found');
    expect((await get('/v1/objects/%zz')).json<ProblemBody>()).toMatchObject({ status: 400, code: 'invalid_argument' });
  });

  it('an X-Request-Id of the client comes back', async () => {
    const { get } = await openRestApp([]);
    expect((await get('/nope', { 'x-request-id': 'run-7:42' })).json<ProblemBody>().requestId).toBe('run-7:42');
    expect((await get('/nope', { 'x-request-id': 'a b' })).json<ProblemBody>().requestId).not.toBe('a b');
  });
});

describe('the OpenAPI document', () => {
  it('describes the routes that clients rely on, and the app has each', async () => {
    const { app, get } = await openRestApp([]);
    const document = (await get('/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>();
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([
      'get /health/live', 'get /health/ready', 'get /v1/cone', 'get /v1/detections/{survey}/{source_id}', 'get /v1/light-curve', 'get /v1/nearest',
      'get /v1/nights/{night}', 'get /v1/nights/{night}/detections', 'get /v1/objects/{id}', 'get /v1/objects/{id}/light-curve', 'get /v1/status',
      'post /v1/cone/bulk', 'post /v1/detections', 'post /v1/region',
    ]); // prettier-ignore
    for (const one of described) {
      const [method, path] = one.split(' ');
      const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `:${name === 'source_id' ? 'sourceId' : name}`);
      expect(app.hasRoute({ method: method === 'get' ? 'GET' : 'POST', url }), one).toBe(true);
    }
  });

  it('is shown by a page that loads nothing from elsewhere', async () => {
    const { get } = await openRestApp([]);
    const page = await get('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it('gives ranges and units of parameters from the schemas that check them', async () => {
    const { get } = await openRestApp([]);
    const document = (await get('/openapi.json')).json<{ paths: Record<string, { get: { parameters: Record<string, unknown>[] } }> }>();
    const radius = document.paths['/v1/cone'].get.parameters.find(({ name }) => name === 'radius_deg');
    expect(radius).toMatchObject({ schema: { type: 'number', minimum: 0, maximum: 180 } });
    expect(String(radius?.['description'])).toContain('[deg]');
  });
});

describe('health and metrics', () => {
  it('is not ready while its store does not answer', async () => {
    const store = await openBruteStore();
    store.detection = () => Promise.reject(new AppError('unavailable', 'redis is not reachable'));
    const { app, get } = await openRestApp([], { store });
    const reply = await get('/health/ready');
    expect(reply.json<ProblemBody>()).toMatchObject({ status: 503, code: 'unavailable', detail: 'redis is not reachable' });
    await app.close();
  });

  it('ready says why it is not', async () => {
    let reason: string | null = null;
    const { get } = await openRestApp([], { notReady: () => reason });
    expect((await get('/health/live')).json()).toEqual({ status: 'live' });
    expect((await get('/health/ready')).json()).toEqual({ status: 'ready' });
    reason = 'recovering';
    const reply = await get('/health/ready');
    expect(reply.json<ProblemBody>()).toMatchObject({ status: 503, code: 'unavailable', detail: 'not ready: recovering' });
    expect(reply.headers['retry-after']).toBe('1');
  });

  it('counts requests by route pattern, and rows', async () => {
    const seen: unknown[] = [];
    const metrics = {
      observeRequest: (route: string, status: number) => seen.push([route, status]),
      observeRows: (route: string, rows: number) => seen.push([route, rows]),
      contentType: 'text/plain; version=0.0.4',
      text: async () => 'up 1\n',
    };
    const { get } = await openRestApp(SKY, { metrics });
    await get(CONE);
    await get('/v1/objects/x');
    await get('/nowhere');
    expect(seen).toEqual([['/v1/cone', 4], ['/v1/cone', 200], ['/v1/objects/:id', 404], ['none', 404]]); // prettier-ignore
    expect((await get('/metrics')).body).toBe('up 1\n');
  });
});

function countsOf(rows: Rows, name: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows.detections) counts[String(row[name] ?? '')] = (counts[String(row[name] ?? '')] ?? 0) + 1;
  return counts;
}
