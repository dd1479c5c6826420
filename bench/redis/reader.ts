// The reader beside the load: a thread with a store of its own that asks 2" cones at known places, one
// after the other with a pause of 1 ms, until it is told to stop. Posts the latencies in microseconds.

import { parentPort, workerData } from 'node:worker_threads';
import { RAD_PER_ARCSEC } from '../../src/sky/angle.ts';
import { coneOf } from '../../src/sky/cone.ts';
import { ALL_TIME, NO_FILTER } from '../../src/model/window.ts';
import { openRedisStore } from '../../src/store/redis/redisStore.ts';
import { randomOf } from '../../sim/survey.ts';
import { skyOfRows } from './skyOfRows.ts';

interface ReaderData {
  readonly url: string;
  readonly rows: number;
  readonly seed: number;
  readonly stop: Int32Array;
}

const { url, rows, seed, stop } = workerData as ReaderData;
const sky = skyOfRows(rows, seed);
const random = randomOf(seed + 2);
const store = await openRedisStore({ url });
parentPort?.postMessage('ready');
const micros: number[] = [];
/** Places not yet loaded. */
let missed = 0;
while (Atomics.load(stop, 0) === 0) {
  const object = Math.floor(random() * sky.raDeg.length);
  const cone = coneOf(sky.raDeg[object], sky.decDeg[object], 2 * RAD_PER_ARCSEC);
  const started = performance.now();
  const answer = store.cone(cone, { window: ALL_TIME, filter: NO_FILTER, limit: 10_000 });
  let found = 0;
  for await (const batch of answer) found += batch.length;
  if (found === 0) missed++;
  micros.push((performance.now() - started) * 1000);
  await new Promise((resolve) => setTimeout(resolve, 1));
}
await store.close();
parentPort?.postMessage({ micros, missed });
