// node loadtest/grpcIngest.ts [--address host:port] [--seconds 20] [--rows 1000000] [--json] ...
// Rows a second from one gRPC stream to acknowledged, with the latency of the acknowledgements: columns in
// field order, columns in random order, rows. Without --address it starts a service of its own for each.

import { parseArgs } from 'node:util';
import { encodeBatch } from '../src/contract/detectionMessage.ts';
import { NightjarClient } from '../src/contract/grpcClient.ts';
import { sendBatches, type EncodedBatch, type SendResult } from './grpcSend.ts';
import { runningService, startOwnService } from './service.ts';
import { makeSky, surveyBatches } from '../sim/survey.ts';

const { values } = parseArgs({
  options: {
    address: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    rows: { type: 'string', default: '1000000' },
    objects: { type: 'string', default: '50000' },
    'batch-rows': { type: 'string', default: '500' },
    'in-flight': { type: 'string', default: '16' },
    'rows-per-second': { type: 'string' },
    durability: { type: 'string', default: 'everysec' },
    case: { type: 'string', multiple: true, default: ['field', 'random', 'rows'] },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const CASES = {
  field: { name: 'columns, field order', order: 'field', asTable: true },
  random: { name: 'columns, random order', order: 'random', asTable: true },
  rows: { name: 'rows, field order', order: 'field', asTable: false },
} as const;

/** Epochs that the made survey can have. */
const DIVISORS_OF_60 = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

type CaseName = keyof typeof CASES;

const isCase = (name: string): name is CaseName => name in CASES;

/** Encoded beforehand, so that the driver takes little from the machine that it shares with the service. */
function encodedSurvey(name: CaseName, seed: number): EncodedBatch[] {
  const { order, asTable } = CASES[name];
  const rows = Number(values.rows);
  const sky = makeSky(Math.min(Number(values.objects), rows), seed);
  const epochs = DIVISORS_OF_60.find((it) => it * sky.objects >= rows) ?? 60;
  const batches: EncodedBatch[] = [];
  let sequence = 0n;
  for (const columns of surveyBatches(sky, { seed, epochs, order, batchRows: Number(values['batch-rows']) })) {
    batches.push({ bytes: encodeBatch(sequence++, columns, { asTable }), rows: columns.length });
  }
  return batches;
}

async function run(name: CaseName, seed: number): Promise<SendResult> {
  const batches = encodedSurvey(name, seed);
  const service =
    values.address === undefined ? await startOwnService({ NIGHTJAR_DURABILITY: values.durability }) : runningService(values.address);
  const client = new NightjarClient(service.grpcAddress);
  try {
    await client.ready(5000);
    return await sendBatches(client, batches, {
      seconds: Number(values.seconds),
      inFlight: Number(values['in-flight']),
      rowsPerSecond: values['rows-per-second'] === undefined ? null : Number(values['rows-per-second']),
    });
  } finally {
    client.close();
    await service.stop();
  }
}

const results: Record<string, unknown>[] = [];
for (const [k, name] of values.case.filter(isCase).entries()) {
  // against a running service each case brings detections of its own
  const result = await run(name, Number(values.seed) + k);
  results.push({
    case: CASES[name].name,
    rows: result.rows,
    accepted: result.accepted,
    duplicates: result.duplicates,
    rejected: result.rejected,
    'rows/s': Math.round(result.rowsPerSecond),
    'rows/s later': Math.round(result.rowsPerSecondLater),
    'ack p50 ms': result.ackUs.getValueAtPercentile(50) / 1000,
    'ack p99 ms': result.ackUs.getValueAtPercentile(99) / 1000,
  });
}
if (values.json) console.log(JSON.stringify(results));
else console.table(results);
