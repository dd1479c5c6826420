// The Redis store over a unix socket: ingest through put() with a reader beside, then cones and nearest.
// `node bench/redis.ts [rows] [--order field|random] [--block-order 8|9] [--batch 500] [--in-flight 8] [--seed 1]`
// starts a redis-server of its own.

import { once } from 'node:events';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { ALL_TIME, NO_FILTER, type TimeWindow } from '../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../src/sky/angle.ts';
import { coneOf } from '../src/sky/cone.ts';
import { RedisClient } from '../src/store/redisClient.ts';
import { openRedisStore } from '../src/store/redis/redisStore.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { startRedis } from '../test/support/redisServer.ts';
import { EPOCHS, FIRST_NIGHT_MJD, NIGHTS, randomOf, surveyBatches, type Sky } from '../sim/survey.ts';
import { DetectionColumns } from '../src/model/columns.ts';
import { skyOfRows, wedgeDegOf } from './redis/skyOfRows.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    order: { type: 'string', default: 'field' },
    'block-order': { type: 'string', default: '9' },
    batch: { type: 'string', default: '500' },
    'in-flight': { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    queries: { type: 'string', default: '2000' },
  },
});
const rows = Number(positionals[0] ?? 1_000_000);
const seed = Number(values.seed);
const LAST_NIGHT: TimeWindow = { mjdMinTai: FIRST_NIGHT_MJD + NIGHTS - 1, mjdMaxTai: Infinity };

const server = await startRedis();
if (server !== null) {
  try {
    await run(server.url);
  } finally {
    await server.stop();
  }
}

async function run(url: string): Promise<void> {
  const store = await openRedisStore({ url, blockOrder: Number(values['block-order']) });
  const sky = skyOfRows(rows, seed);
  console.log(
    `${String(rows)} rows, ${values.order} order, blocks of order ${values['block-order']}, batches of ${values.batch} x ${values['in-flight']} in flight; ` +
      `${cpus()[0].model}, ${String(cpus().length)} cores, load ${loadavg()[0].toFixed(1)}, node ${process.version}`,
  );
  const before = (await store.summary()).bytesUsed;
  await load(store, sky, url);
  const { bytesUsed, detections, objects } = await store.summary();
  console.log(`${((bytesUsed - before) / detections).toFixed(0)} B/row, ${String(detections)} rows, ${String(objects)} objects`);
  await resend(store, sky);
  console.log('cone                     rows    p50    p95    p99 us');
  await cones(store, sky, '2"', 2, ALL_TIME);
  await cones(store, sky, '10"', 10, ALL_TIME);
  await cones(store, sky, "30'", 1800, ALL_TIME);
  await cones(store, sky, "30' + last night", 1800, LAST_NIGHT);
  await nearest(store, sky);
  await store.close();
}

/** Copies, since several are under way at once. */
function* batchesOf(sky: Sky): Generator<DetectionColumns> {
  const order = values.order === 'field' ? 'field' : 'random';
  for (const batch of surveyBatches(sky, { seed, order, batchRows: Number(values.batch) })) {
    const copy = new DetectionColumns(batch.length, batch);
    for (let row = 0; row < batch.length; row++) copy.copyRow(batch, row);
    yield copy;
  }
}

async function load(store: DetectionStore, sky: Sky, url: string): Promise<void> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const reader = new Worker(new URL('./redis/reader.ts', import.meta.url), { workerData: { url, rows, seed, stop } });
  await once(reader, 'message');
  const batches = batchesOf(sky);
  const acks: number[] = [];
  let making = 0;
  const cpuBefore = process.cpuUsage();
  const redisBefore = await redisCpuMs(url);
  const started = performance.now();
  const lane = async (): Promise<void> => {
    for (;;) {
      const from = performance.now();
      const next = batches.next();
      making += performance.now() - from;
      if (next.done === true) return;
      const sent = performance.now();
      const { accepted } = await store.put(next.value);
      if (accepted !== next.value.length) throw new Error('rows of the bench were refused');
      acks.push((performance.now() - sent) * 1000);
    }
  };
  await Promise.all(Array.from({ length: Number(values['in-flight']) }, lane));
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  const redisMs = (await redisCpuMs(url)) - redisBefore;
  Atomics.store(stop, 0, 1);
  const [{ micros: reads, missed }] = (await once(reader, 'message')) as [{ micros: number[]; missed: number }];
  const n = sky.objects * EPOCHS;
  console.log(
    `CPU us a row: redis ${((1000 * redisMs) / n).toFixed(2)}, this process with its reader ${((user + system) / n).toFixed(2)} (of it ${((1000 * making) / n).toFixed(2)} to make the rows)`,
  );
  console.log(
    `ingest ${(n / ms).toFixed(1)} k rows/s (${(n / (ms - making)).toFixed(1)} without making the rows), ack ${shown(acks)}; ` +
      `${String(reads.length)} reads beside ${shown(reads)} (${String(missed)} of places not loaded yet)`,
  );
}

/** CPU time of the server: what a row costs, however busy the machine. */
async function redisCpuMs(url: string): Promise<number> {
  const client = await RedisClient.connect({ url, server: 'redis' });
  const info = await client.ask((redis) => redis.info('cpu'));
  client.close();
  const seconds = (name: string): number => Number(new RegExp(`^used_cpu_${name}:(\\S+)`, 'm').exec(info)?.[1]);
  return 1000 * (seconds('sys') + seconds('user'));
}

/** The first batches once more: all duplicates. */
async function resend(store: DetectionStore, sky: Sky): Promise<void> {
  const started = performance.now();
  let sent = 0;
  for (const batch of batchesOf(sky)) {
    if (sent >= 20_000) break;
    const { duplicates } = await store.put(batch);
    if (duplicates !== batch.length) throw new Error('a repeated row is no duplicate');
    sent += batch.length;
  }
  console.log(`${String(sent)} rows sent again: ${(sent / (performance.now() - started)).toFixed(1)} k rows/s`);
}

async function cones(store: DetectionStore, sky: Sky, name: string, radiusArcsec: number, window: TimeWindow): Promise<void> {
  const random = randomOf(seed + 3);
  const micros: number[] = [];
  let found = 0;
  for (let q = 0; q < Number(values.queries); q++) {
    const object = Math.floor(random() * sky.raDeg.length);
    const cone = coneOf(sky.raDeg[object], sky.decDeg[object], radiusArcsec * RAD_PER_ARCSEC);
    const started = performance.now();
    for await (const batch of store.cone(cone, { window, filter: NO_FILTER, limit: 100_000 })) found += batch.length;
    micros.push((performance.now() - started) * 1000);
  }
  console.log(`${name.padEnd(20)} ${(found / micros.length).toFixed(1).padStart(8)} ${shown(micros)}`);
}

async function nearest(store: DetectionStore, sky: Sky): Promise<void> {
  const random = randomOf(seed + 4);
  for (const isNear of [true, false]) {
    const micros: number[] = [];
    for (let q = 0; q < Number(values.queries); q++) {
      const object = Math.floor(random() * sky.raDeg.length);
      // Anywhere in the part of the sky that has been made.
      const raDeg = isNear ? sky.raDeg[object] : wedgeDegOf(rows) * random();
      const decDeg = isNear ? sky.decDeg[object] : 90 - 180 * random();
      const started = performance.now();
      await store.nearest(coneOf(raDeg, decDeg, 3600 * RAD_PER_ARCSEC), 1, { window: ALL_TIME, filter: NO_FILTER, limit: 1 });
      micros.push((performance.now() - started) * 1000);
    }
    console.log(`${`nearest, ${isNear ? 'at an object' : 'anywhere'}`.padEnd(29)} ${shown(micros)}`);
  }
}

function shown(micros: number[]): string {
  micros.sort((a, b) => a - b);
  const at = (part: number): string =>
    (micros[Math.min(micros.length - 1, Math.floor(micros.length * part))] ?? NaN).toFixed(0).padStart(6);
  return `${at(0.5)} ${at(0.95)} ${at(0.99)}`;
}
