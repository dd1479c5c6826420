// node loadtest/grpcCone.ts [--address host:port] [--seconds 10] [--connections 1] [--rate 1000] [--json] ...
// Latency and rate of unary Cone over gRPC: closed loop (a client asks again at once) or, with --rate, open
// loop (latency counts from when a request was due). Without --address it starts a service and fills it with
// the made survey, 20 detections at each place.

import { build, type Histogram } from 'hdr-histogram-js';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { encodeBatch } from '../src/contract/detectionMessage.ts';
import { NightjarClient } from '../src/contract/grpcClient.ts';
import { sendBatches, type EncodedBatch } from './grpcSend.ts';
import { runningService, startOwnService } from './service.ts';
import { makeSky, randomOf, surveyBatches } from '../sim/survey.ts';

const { values } = parseArgs({
  options: {
    address: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '1' },
    rate: { type: 'string' },
    'radius-arcsec': { type: 'string', default: '2' },
    objects: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const [seconds, connections, seed] = [values.seconds, values.connections, values.seed].map(Number);
const radiusArcsec = Number(values['radius-arcsec']);
const sky = makeSky(Number(values.objects), seed);
const MAX_US = 60_000_000;
const WARM_UP_SECONDS = 1;

function* encoded(): Generator<EncodedBatch> {
  let sequence = 0n;
  for (const columns of surveyBatches(sky, { seed, batchRows: 500 })) {
    yield { bytes: encodeBatch(sequence++, columns, { asTable: true }), rows: columns.length };
  }
}

interface Answers {
  rows: number;
  readonly latencyUs: Histogram;
}

const answersOf = (): Answers => ({
  rows: 0,
  latencyUs: build({ lowestDiscernibleValue: 1, highestTrackableValue: MAX_US, numberOfSignificantValueDigits: 3 }),
});

const random = randomOf(seed ^ 0xc0de);

async function ask(client: NightjarClient, from: number, answers: Answers): Promise<void> {
  const object = Math.floor(random() * sky.objects);
  const reply = await client.cone({ raDeg: sky.raDeg[object], decDeg: sky.decDeg[object], radiusArcsec });
  answers.rows += reply.detections?.length ?? 0;
  answers.latencyUs.recordValue(Math.min(MAX_US, Math.max(1, Math.round((performance.now() - from) * 1000))));
}

async function closedLoop(client: NightjarClient, until: number, answers: Answers): Promise<void> {
  while (performance.now() < until) await ask(client, performance.now(), answers);
}

async function openLoop(clients: readonly NightjarClient[], perSecond: number, until: number, answers: Answers): Promise<void> {
  const underWay = new Set<Promise<void>>();
  let k = 0;
  for (let due = performance.now(); due < until; due += 1000 / perSecond) {
    if (due > performance.now() + 1) await sleep(due - performance.now());
    const asked = ask(clients[k++ % clients.length], due, answers).finally(() => underWay.delete(asked));
    underWay.add(asked);
  }
  await Promise.all(underWay);
}

async function measure(clients: readonly NightjarClient[], forSeconds: number): Promise<Answers> {
  const answers = answersOf();
  const until = performance.now() + forSeconds * 1000;
  if (values.rate === undefined) await Promise.all(clients.map((client) => closedLoop(client, until, answers)));
  else await openLoop(clients, Number(values.rate), until, answers);
  return answers;
}

const service = values.address === undefined ? await startOwnService() : runningService(values.address);
const filler = new NightjarClient(service.grpcAddress);
const clients = Array.from({ length: connections }, () => new NightjarClient(service.grpcAddress));
try {
  await filler.ready(5000);
  if (values.address === undefined) {
    await sendBatches(filler, encoded(), { seconds: 300, inFlight: 16, rowsPerSecond: null });
  }
  await measure(clients, WARM_UP_SECONDS);
  const answers = await measure(clients, seconds);
  const requests = answers.latencyUs.totalCount;
  const result = {
    connections,
    loop: values.rate === undefined ? 'closed' : `${values.rate}/s`,
    'requests/s': Math.round(requests / seconds),
    'rows/request': Math.round((10 * answers.rows) / Math.max(1, requests)) / 10,
    'p50 us': answers.latencyUs.getValueAtPercentile(50),
    'p99 us': answers.latencyUs.getValueAtPercentile(99),
    'max us': answers.latencyUs.maxValue,
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.table([result]);
} finally {
  for (const client of [filler, ...clients]) client.close();
  await service.stop();
}
