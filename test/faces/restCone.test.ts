import { describe, expect, it } from 'vitest';
import { columnsOf } from '../support/detections.ts';
import { CONE, openRestApp, SKY, withImmediateCone, type ProblemBody } from './restApp.ts';

interface ConeBody {
  readonly count: number;
  readonly truncated: boolean;
  readonly next: string | null;
  readonly detections: readonly Record<string, string | number | null>[];
}

const ids = (body: ConeBody): unknown[] => body.detections.map((row) => row['source_id']);

describe('GET /v1/cone', () => {
  it('gives the rows of a closed cone by time, survey and id, with their separation', async () => {
    const { get } = await openRestApp(SKY);
    const reply = await get(CONE);
    expect(reply.statusCode).toBe(200);
    const body = reply.json<ConeBody>();
    expect(ids(body)).toEqual(['9223372036854775807', '=1+1', 'ZTF"17,0', 'é<&>']);
    expect(body).toMatchObject({ count: 4, truncated: false, next: null });
    expect(body.detections[2]['sep_arcsec']).toBeCloseTo(0.36 * Math.cos((20 * Math.PI) / 180), 6);
    expect(reply.headers['server-timing']).toMatch(/^query;dur=\d+\.\d{3}$/);
  });

  it('takes radius_deg, sexagesimal places, plus signs and blanks', async () => {
    const { get } = await openRestApp(SKY);
    const plain = (await get(CONE)).body;
    for (const place of ['ra=10&dec=+20', 'ra=00:40:00&dec=+20:00:00', 'ra=00+40+00&dec=20+00+00', 'ra=00h40m00s&dec=20d00m00s']) {
      expect((await get(`/v1/cone?${place}&radius_arcsec=5`)).body).toBe(plain);
    }
    expect((await get(`/v1/cone?ra=10&dec=20&radius_deg=${5 / 3600}`)).json<ConeBody>().count).toBe(4);
  });

  it.each([
    ['mjd_min=60001.5&mjd_max=60002', ['=1+1', 'ZTF"17,0']],
    ['mjd_max=60001.5', ['9223372036854775807']],
    ['band=g', ['9223372036854775807']],
    ['band=g,r', ['9223372036854775807', '=1+1', 'ZTF"17,0']],
    ['band=g&band=r', ['9223372036854775807', '=1+1', 'ZTF"17,0']],
    ['survey=LSST', ['=1+1']],
    ['kind=upper_limit,forced', ['=1+1', 'ZTF"17,0']],
    ['min_reliability=0.65', ['9223372036854775807']],
    ['mag_min=18.123&mag_max=18.123', ['9223372036854775807']],
    ['mag_max=30', ['9223372036854775807', 'é<&>']],
    ['band=&kind=&limit=&cursor=&format=&mjd_min=', ['9223372036854775807', '=1+1', 'ZTF"17,0', 'é<&>']],
  ])('keeps what passes %s', async (filter, expected) => {
    const { get } = await openRestApp(SKY);
    expect(ids((await get(`${CONE}&${filter}`)).json())).toEqual(expected);
  });

  it('shows a cut in body and headers, and its pages join to the whole', async () => {
    const { get } = await openRestApp(SKY);
    const whole = ids((await get(CONE)).json());
    const seen: unknown[] = [];
    let url: string | null = `${CONE}&limit=1`;
    while (url !== null) {
      const reply = await get(url);
      const body: ConeBody = reply.json();
      seen.push(...ids(body));
      expect(body.truncated).toBe(body.next !== null);
      expect(reply.headers['nightjar-truncated']).toBe(body.truncated ? 'true' : undefined);
      expect(reply.headers['nightjar-next-cursor']).toBe(body.next ?? undefined);
      const link: string | null = /^<(.*)>; rel="next"$/.exec(String(reply.headers['link']))?.[1] ?? null;
      expect(link === null).toBe(body.next === null);
      url = link;
    }
    expect(seen).toEqual(whole);
  });

  it('does not call an answer cut that has exactly as many rows as the limit', async () => {
    const { get } = await openRestApp(SKY);
    expect((await get(`${CONE}&limit=4`)).json<ConeBody>()).toMatchObject({ count: 4, truncated: false, next: null });
  });

  it('answers HEAD with the headers of GET', async () => {
    const { app, get } = await openRestApp(SKY);
    const head = await app.inject({ method: 'HEAD', url: CONE });
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe('');
    expect(head.headers['content-length']).toBe((await get(CONE)).headers['content-length']);
  });

  it.each([
    ['/v1/cone?dec=1&radius_deg=1', 'ra', undefined],
    ['/v1/cone?ra=1&radius_deg=1', 'dec', undefined],
    ['/v1/cone?ra=1&dec=1', 'radius_arcsec', undefined],
    ['/v1/cone?ra=&dec=1&radius_deg=1', 'ra', undefined],
    ['/v1/cone?ra=361&dec=1&radius_deg=1', 'ra', '"361"'],
    ['/v1/cone?ra=1&dec=-90.5&radius_deg=1', 'dec', '"-90.5"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=200', 'radius_deg', '200'],
    ['/v1/cone?ra=1&dec=1&radius_arcsec=-1', 'radius_arcsec', '-1'],
    ['/v1/cone?ra=1&dec=1&radius_deg=NaN', 'radius_deg', '"NaN"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&radius_arcsec=1', 'radius_deg', '1'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&limit=0', 'limit', '0'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&limit=1.5', 'limit', '"1.5"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&limit=1000001', 'limit', '1000001'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&kind=star', 'kind', '"star"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&format=xml', 'format', '"xml"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&mjd_min=60000&mjd_max=59999', 'mjd_max', '59999'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&mag_min=20&mag_max=10', 'mag_max', '10'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&cursor=abc', 'cursor', '"abc"'],
    ['/v1/cone?ra=1&dec=1&radius_deg=1&ra=2', 'ra', undefined],
    ['/v1/cone?ra=1&dec=1&radius=1', 'radius', undefined],
    ['/v1/cone?ra=1&dec=1&radius_deg=None', 'radius_deg', '"None"'],
  ])('refuses %s by name', async (url, field, value) => {
    const { get } = await openRestApp([]);
    const reply = await get(url);
    expect(reply.statusCode).toBe(400);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = reply.json<ProblemBody>();
    expect(problem).toMatchObject({ status: 400, code: 'invalid_argument', field });
    expect(problem.value).toBe(value);
    expect(problem.detail).toContain(field);
    expect(problem.requestId).toBe(reply.headers['x-request-id']);
  });

  it('refuses a cursor of which one character was changed', async () => {
    const { get } = await openRestApp(SKY);
    const { next } = (await get(`${CONE}&limit=1`)).json<ConeBody>();
    for (const at of [0, 7, 12, next!.length - 1]) {
      const changed = next!.slice(0, at) + (next![at] === 'A' ? 'B' : 'A') + next!.slice(at + 1);
      expect((await get(`${CONE}&cursor=${changed}`)).json<ProblemBody>().field).toBe('cursor');
    }
  });
});

describe('the fast lane', () => {
  it('sends the bytes of the route', async () => {
    const rest = await openRestApp(SKY);
    const rows = columnsOf(SKY.slice(0, 4));
    for (let row = 0; row < rows.length; row++) rows.sepArcsec[row] = row / 7;
    const store = withImmediateCone(rest.store, rows);
    const { app } = await openRestApp([], { store });
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    try {
      const lane = await fetch(url + CONE);
      const route = await app.inject(CONE);
      expect(await lane.text()).toBe(route.body);
      for (const name of ['content-type', 'content-length', 'vary']) expect(lane.headers.get(name)).toBe(String(route.headers[name]));
      expect((await fetch(`${url}${CONE}&radius_deg=1`)).status).toBe(400);
      expect((await fetch(`${url}${CONE}&limit=3`)).headers.get('nightjar-truncated')).toBe('true');
    } finally {
      await app.close();
    }
  });
});
