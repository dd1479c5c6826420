// Deadlines, overload and clients that leave: with a store that answers when told to.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { RestLimits } from '../../query/rest/deps.ts';
import type { DetectionColumns } from '../../src/model/columns.ts';
import { AppError } from '../../src/errors.ts';
import { columnsOf } from '../support/detections.ts';
import { CONE, openRestApp, withImmediateCone, type ProblemBody, type RestApp } from './restApp.ts';

interface SlowApp extends RestApp {
  /** The cones asked for so far, in order. */
  readonly asked: { signal: AbortSignal | undefined; answer: () => void }[];
  readonly nextAsked: () => Promise<void>;
}

async function openSlowApp(limits: Partial<RestLimits>): Promise<SlowApp> {
  const asked: SlowApp['asked'] = [];
  let wake: (() => void) | null = null;
  const brute = (await openRestApp([])).store;
  const { immediate: _none, ...base } = withImmediateCone(brute, columnsOf([]));
  const store = {
    ...base,
    cone: async function* (_cone: unknown, query: { signal?: AbortSignal }): AsyncGenerator<DetectionColumns> {
      await new Promise<void>((resolve) => {
        asked.push({ signal: query.signal, answer: resolve });
        wake?.();
      });
      yield columnsOf([]);
    },
  };
  const rest = await openRestApp([], { store, limits });
  return { ...rest, asked, nextAsked: () => new Promise((resolve) => (wake = resolve)) };
}

describe('limits of the REST face', () => {
  it('a query past its deadline is deadline_exceeded, and the store is told', async () => {
    const { get, asked } = await openSlowApp({ requestTimeoutMs: 20 });
    const problem = (await get(CONE)).json<ProblemBody>();
    expect(problem).toMatchObject({ status: 504, code: 'deadline_exceeded', limit: '20 ms' });
    expect(asked[0].signal?.aborted).toBe(true);
  });

  it('more queries than may run and wait are refused with 429, the others are answered', async () => {
    const { get, asked, nextAsked } = await openSlowApp({ maxConcurrentQueries: 1, maxWaitingQueries: 1 });
    const started = nextAsked();
    const running = get(CONE);
    await started;
    const two = [get(CONE), get(CONE)];
    // whichever comes second to the one free place
    const refused = await Promise.race(two);
    expect(refused.json<ProblemBody>()).toMatchObject({ status: 429, code: 'resource_exhausted' });
    expect(refused.headers['retry-after']).toBe('1');
    const second = nextAsked();
    asked[0].answer();
    expect((await running).statusCode).toBe(200);
    await second;
    asked[1].answer();
    expect((await Promise.all(two)).map(({ statusCode }) => statusCode).sort()).toEqual([200, 429]);
  });

  it('a client that leaves ends its query', async () => {
    const { app, asked, nextAsked } = await openSlowApp({});
    await app.listen({ port: 0, host: '127.0.0.1' });
    const address = app.server.address();
    const started = nextAsked();
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    socket.write(`GET ${CONE} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await started;
    const { signal } = asked[0];
    socket.destroy();
    if (signal?.aborted !== true) await once(signal!, 'abort');
    expect(signal?.reason).toMatchObject({ code: 'cancelled' });
    asked[0].answer();
    await app.close();
  });

  it('a client that stops reading is cut off', async () => {
    const rows = Array.from({ length: 40_000 }, (_, i) => ({ sourceId: i, raDeg: 10, decDeg: 20, mjdTai: 60_000 }));
    const brute = (await openRestApp([])).store;
    const { immediate: _none, ...base } = withImmediateCone(brute, columnsOf([]));
    const cone = async function* (): AsyncGenerator<DetectionColumns> {
      yield await Promise.resolve(columnsOf(rows));
    };
    const { app } = await openRestApp([], { store: { ...base, cone }, limits: { requestTimeoutMs: 2000, stalledTimeoutMs: 1 } });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const address = app.server.address();
    const connected = once(app.server, 'connection') as Promise<[Socket]>;
    const client = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1');
    client.on('error', () => undefined);
    // without a listener for data nothing is read
    client.write(`GET ${CONE}&limit=50000 HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    const [served] = await connected;
    await once(served, 'close');
    expect(served.bytesWritten).toBeGreaterThan(0);
    client.destroy();
    await app.close();
  });

  it('an error that nobody foresaw says nothing of its inside', async () => {
    const brute = (await openRestApp([])).store;
    const { immediate: _none, ...base } = withImmediateCone(brute, columnsOf([]));
    const logged: unknown[] = [];
    const { get } = await openRestApp([], {
      store: {
        ...base,
        summary: () => Promise.reject(new Error('password is swordfish')),
        objects: () => Promise.reject(new AppError('unavailable', 'redis is not reachable')),
      },
      log: { warn: () => undefined, error: (fields) => logged.push(fields) },
    });
    const reply = await get('/v1/status');
    expect(reply.json<ProblemBody>()).toMatchObject({ status: 500, code: 'internal', detail: 'internal error' });
    expect(reply.body).not.toContain('swordfish');
    expect(logged).toHaveLength(1);
    expect((await get('/v1/objects/a')).json<ProblemBody>()).toMatchObject({ status: 503, detail: 'redis is not reachable' });
  });
});
