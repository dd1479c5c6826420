// node loadtest/run.ts [--rows 1000000] [--seconds 8] [--store memory|redis] [--redis-url ...] [--json]
// Drives a service of its own from outside, over loopback and bounded in time: REST cones alone and while detections
// stream in, against a bare node:http server that sends the same bytes in the same run; then how many requests a second
// one thread and two query threads take under ingest (autocannon).

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import autocannon from 'autocannon';
import { latencyRow, runHttpLoad } from './httpLoad.ts';
import { startOwnService, type Service } from './service.ts';
import { EPOCHS, makeSky, randomOf } from '../sim/survey.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '8' },
    store: { type: 'string', default: 'memory' },
    'redis-url': { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});

const SEED = 1;
const seconds = Number(values.seconds);
const sky = makeSky(Math.ceil(Number(values.rows) / EPOCHS), SEED);
const GRPC_INGEST = fileURLToPath(new URL('./grpcIngest.ts', import.meta.url));

if (isMainThread) await main();
else serveBytes(workerData as Buffer);

async function main(): Promise<void> {
  const env: Record<string, string> = { NIGHTJAR_STORE: values.store };
  if (values['redis-url'] !== '') env['NIGHTJAR_REDIS_URL'] = values['redis-url'];
  const table: Record<string, string | number>[] = [];
  const saturated: Record<string, string | number>[] = [];

  for (const threads of [0, 1]) {
    const service = await startOwnService({ ...env, NIGHTJAR_QUERY_THREADS: String(threads) });
    const named = (what: string): string => `${what}, ${threads === 0 ? 'one thread for all' : 'a query thread'}`;
    try {
      await ingest(service, 0, Number(values.rows), null).done;
      const nextPath = conePaths('radius_arcsec=2');
      if (threads === 0) table.push(latencyRow('bare node:http, same bytes', await barePeer(service, nextPath())));
      table.push(latencyRow(named('REST cone 2"'), await cones(service, nextPath, null)));
      table.push(latencyRow(named("REST cone 30'"), await cones(service, conePaths('radius_deg=0.5'), null)));
      table.push(await whileIngesting(service, 100_000, named('2" and 100 k rows/s'), () => cones(service, nextPath, null)));
      table.push(await whileIngesting(service, 100_000, named('the same, 500 req/s due'), () => cones(service, nextPath, 500)));
    } finally {
      await service.stop();
    }
  }
  for (const threads of [0, 1, 2]) saturated.push(await saturate(env, threads));

  if (values.json) console.log(JSON.stringify({ latency: table, saturated }));
  else {
    console.table(table);
    console.table(saturated);
  }
}

/** Paths of cones round the survey's own objects, in a random order that is the same in every run. */
function conePaths(radius: string): () => string {
  const random = randomOf(77);
  return () => {
    const i = Math.floor(random() * sky.objects);
    return `/v1/cone?ra=${String(sky.raDeg[i])}&dec=${String(sky.decDeg[i])}&${radius}`;
  };
}

function cones(service: Service, nextPath: () => string, requestsPerSecond: number | null): ReturnType<typeof runHttpLoad> {
  return runHttpLoad({ ...restOf(service), nextPath, connections: 1, seconds, requestsPerSecond });
}

function restOf(service: Service): { host: string; port: number } {
  const { hostname, port } = new URL(service.restUrl ?? '');
  return { host: hostname, port: Number(port) };
}

/** A server in a thread of its own that answers everything with the body that the service gave for one cone. */
async function barePeer(service: Service, path: string): ReturnType<typeof runHttpLoad> {
  const body = Buffer.from(await (await fetch(`${service.restUrl ?? ''}${path}`)).arrayBuffer());
  const worker = new Worker(new URL(import.meta.url), { workerData: body });
  const [port] = (await once(worker, 'message')) as [number];
  const result = await runHttpLoad({ host: '127.0.0.1', port, nextPath: () => path, connections: 1, seconds, requestsPerSecond: null });
  await worker.terminate();
  return result;
}

function serveBytes(body: Buffer): void {
  const server = http.createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null) parentPort?.postMessage(address.port);
  });
}

interface Ingest {
  readonly child: ChildProcess;
  readonly done: Promise<Record<string, number>>;
}

/** Streams a survey in from a process of its own; seed 0 more than ours is the one that the cones ask for. */
function ingest(service: Service, seedOffset: number, rows: number, rowsPerSecond: number | null): Ingest {
  const rate = rowsPerSecond === null ? [] : ['--rows-per-second', String(rowsPerSecond)];
  const size = ['--rows', String(rows), '--objects', String(rowsPerSecond === null ? sky.objects : Math.ceil(rows / EPOCHS))];
  const bounded = ['--seconds', String(rowsPerSecond === null ? 300 : seconds + 4), '--seed', String(SEED + seedOffset)];
  const args = [GRPC_INGEST, '--address', service.grpcAddress, '--case', 'field', '--json', ...size, ...bounded, ...rate];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const done = once(child, 'exit').then(() => (JSON.parse(out) as Record<string, number>[])[0]);
  return { child, done };
}

/** Runs `work` once the stream has begun to arrive, and tells the rate that was reached. */
async function whileIngesting(
  service: Service,
  rowsPerSecond: number,
  name: string,
  work: () => ReturnType<typeof runHttpLoad>,
): Promise<Record<string, string | number>> {
  const before = await detections(service);
  const stream = ingest(service, 1 + Math.floor(performance.now()), rowsPerSecond * (seconds + 4), rowsPerSecond);
  while ((await detections(service)) === before) await new Promise((resolve) => setTimeout(resolve, 50));
  const result = await work();
  const sent = await stream.done;
  return { ...latencyRow(name, result), 'rows/s in': sent['rows/s'], 'ack p99 ms': sent['ack p99 ms'] };
}

async function detections(service: Service): Promise<number> {
  const status = (await (await fetch(`${service.restUrl ?? ''}/v1/status`)).json()) as { detections: number };
  return status.detections;
}

/** Requests a second over 16 connections with 200,000 rows/s coming in. */
async function saturate(env: Readonly<Record<string, string>>, threads: number): Promise<Record<string, string | number>> {
  const service = await startOwnService({ ...env, NIGHTJAR_QUERY_THREADS: String(threads) });
  try {
    await ingest(service, 0, Number(values.rows), null).done;
    const nextPath = conePaths('radius_arcsec=2');
    const before = await detections(service);
    const stream = ingest(service, 1000 + threads, 200_000 * (seconds + 4), 200_000);
    while ((await detections(service)) === before) await new Promise((resolve) => setTimeout(resolve, 50));
    const load = await autocannon({
      url: service.restUrl ?? '',
      connections: 16,
      duration: seconds,
      requests: Array.from({ length: 2000 }, () => ({ method: 'GET' as const, path: nextPath() })),
    });
    const sent = await stream.done;
    return {
      'query threads': threads,
      'req/s': Math.round(load.requests.average),
      'p99 ms': load.latency.p99,
      failures: load.non2xx + load.errors,
      'rows/s in': sent['rows/s'],
    };
  } finally {
    await service.stop();
  }
}
