// What the REST face adds to a cone: GET /v1/cone of 20 rows as JSON against a bare node:http server that
// sends the same bytes, in one run, turn by turn. `node bench/rest.ts [requests] [rows]`.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { build, type Histogram } from 'hdr-histogram-js';
import { buildApp } from '../query/rest/app.ts';
import type { Job } from './rest/client.ts';
import { fixedRowsStore, randomRows, type Filled } from './rest/fixedRowsStore.ts';

const REQUESTS = Number(process.argv[2] ?? 40_000);
const ROWS = Number(process.argv[3] ?? 20);
const TURN = 1000;
const PATH = '/v1/cone?ra=150.00001&dec=2.00001&radius_arcsec=2';

interface Peer {
  readonly name: string;
  readonly job: Job;
  readonly histogram: Histogram;
}

const client = new Worker(new URL('./rest/client.ts', import.meta.url));

console.log('columns   server               bytes    p50    p90    p99  p99.9 us   p50 against node:http');
for (const filled of ['survey', 'all'] as const) await compare(filled);
await client.terminate();

async function compare(filled: Filled): Promise<void> {
  const app = buildApp({ store: fixedRowsStore(randomRows(ROWS, filled)), version: 'bench' });
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const body = Buffer.from(await (await fetch(url + PATH)).arrayBuffer());
  const bare = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    response.end(body);
  });
  await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));

  const peers: Peer[] = [peer('node:http', (bare.address() as AddressInfo).port, PATH), peer('nightjar', Number(new URL(url).port), PATH)];
  for (const { job } of peers) await ask({ ...job, requests: 5000 });
  for (let done = 0; done < REQUESTS; done += TURN) {
    for (const { job, histogram } of peers) for (const micros of await ask(job)) histogram.recordValue(Math.round(10 * micros));
  }
  const base = peers[0].histogram.getValueAtPercentile(50);
  for (const { name, histogram } of peers) {
    const at = (percentile: number): string => (histogram.getValueAtPercentile(percentile) / 10).toFixed(1).padStart(6);
    const ratio = (histogram.getValueAtPercentile(50) / base).toFixed(2);
    console.log(
      `${filled.padEnd(9)} ${name.padEnd(19)} ${String(body.length).padStart(6)} ${at(50)} ${at(90)} ${at(99)} ${at(99.9)}      ${ratio}`,
    );
  }
  await app.close();
  await new Promise((resolve) => {
    bare.close(resolve);
    bare.closeAllConnections();
  });
}

function peer(name: string, port: number, path: string): Peer {
  return { name, job: { port, path, requests: TURN }, histogram: build({ numberOfSignificantValueDigits: 3 }) };
}

function ask(job: Job): Promise<Float64Array> {
  return new Promise((resolve) => {
    client.once('message', resolve);
    client.postMessage(job);
  });
}
