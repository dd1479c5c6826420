// What the REST face adds to a cone: GET /v1/cone of 20 rows as JSON out of the memory store, against a bare
// node:http server that sends the same bytes, in one run, turn by turn. One client, one connection.
// `node bench/rest.ts [requests]`

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { build, type Histogram } from 'hdr-histogram-js';
import { buildApp } from '../query/rest/app.ts';
import type { Job } from './rest/client.ts';
import { openFilledStore, type Filled } from './rest/filledStore.ts';

const REQUESTS = Number(process.argv[2] ?? 40_000);
const OBJECTS = 5000;
const PATHS = 500;
const TURN = 500;

interface Peer {
  readonly name: string;
  readonly job: Job;
  readonly histogram: Histogram;
}

const client = new Worker(new URL('./rest/client.ts', import.meta.url));

console.log('columns   server       bytes    p50    p90    p99  p99.9 us   p50 against node:http');
for (const filled of ['survey', 'all'] as const) await compare(filled);
await client.terminate();

async function compare(filled: Filled): Promise<void> {
  const { store, places } = await openFilledStore(OBJECTS, filled);
  const paths = places.slice(0, PATHS).map(({ raDeg, decDeg }) => `/v1/cone?ra=${raDeg}&dec=${decDeg}&radius_arcsec=2`);
  const app = buildApp({ store, version: 'bench' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const bodies = new Map<string, Buffer>();
  for (const path of paths) bodies.set(path, Buffer.from(await (await fetch(url + path)).arrayBuffer()));
  const bare = await bareServer(bodies);

  const peers: Peer[] = [
    peer('node:http', (bare.address() as AddressInfo).port, paths),
    peer('nightjar', Number(new URL(url).port), paths),
  ];
  for (const { job } of peers) await ask({ ...job, requests: 5000 });
  for (let done = 0; done < REQUESTS; done += TURN) {
    for (const { job, histogram } of peers) for (const micros of await ask(job)) histogram.recordValue(Math.round(10 * micros));
  }
  const bytes = [...bodies.values()].reduce((sum, { length }) => sum + length, 0) / PATHS;
  const base = peers[0].histogram.getValueAtPercentile(50);
  for (const { name, histogram } of peers) {
    const at = (percentile: number): string => (histogram.getValueAtPercentile(percentile) / 10).toFixed(1).padStart(6);
    const ratio = (histogram.getValueAtPercentile(50) / base).toFixed(2);
    console.log(
      `${filled.padEnd(9)} ${name.padEnd(9)} ${bytes.toFixed(0).padStart(8)} ${at(50)} ${at(90)} ${at(99)} ${at(99.9)}      ${ratio}`,
    );
  }
  await app.close();
  await store.close();
  await new Promise((resolve) => {
    bare.close(resolve);
    bare.closeAllConnections();
  });
}

/** The least that can answer the same: the bytes lie ready. */
async function bareServer(bodies: ReadonlyMap<string, Buffer>): Promise<Server> {
  const server = createServer((request, response) => {
    const body = bodies.get(request.url ?? '') ?? Buffer.alloc(0);
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function peer(name: string, port: number, paths: readonly string[]): Peer {
  return { name, job: { port, paths, requests: TURN }, histogram: build({ numberOfSignificantValueDigits: 3 }) };
}

function ask(job: Job): Promise<Float64Array> {
  return new Promise((resolve) => {
    client.once('message', resolve);
    client.postMessage(job);
  });
}
