// Rows a second into the embedded store: ids, association, index, log and acknowledgement, in field order and in random
// order, with the longest time that the event loop stood still. Start-up from the log and from a snapshot after it.
//
//   node bench/memoryIngest.ts [rows, default 10000000] [--durability everysec] [--dir folder] [--batch 1000] [--in-flight 4]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { DetectionColumns } from '../src/model/columns.ts';
import { openMemoryStore, type MemoryStore } from '../src/store/memory/memoryStore.ts';
import type { Durability } from '../src/store/store.ts';
import { EPOCHS, makeSky, surveyBatches } from '../sim/survey.ts';

const DURABILITIES = ['always', 'everysec', 'off'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    durability: { type: 'string', default: 'everysec' },
    dir: { type: 'string', default: tmpdir() },
    batch: { type: 'string', default: '1000' },
    'in-flight': { type: 'string', default: '4' },
  },
});
const rows = Number(positionals[0] ?? 10_000_000);
const durability = values.durability as Durability;
if (!DURABILITIES.includes(durability)) throw new Error(`--durability must be one of ${DURABILITIES.join(', ')}`);
const batchRows = Number(values.batch);
const inFlight = Number(values['in-flight']);
const sky = makeSky(Math.max(1, Math.round(rows / EPOCHS)), 1);
const table: Record<string, string | number>[] = [];
for (const order of ['field', 'random'] as const) await measure(order);
console.table(table);

async function measure(order: 'field' | 'random'): Promise<void> {
  const batches = made(order);
  const dataDir = await mkdtemp(join(values.dir, 'nightjar-ingest-'));
  try {
    const store = await open(dataDir);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const cpuBefore = process.threadCpuUsage();
    const start = performance.now();
    await putAll(store, batches);
    const seconds = (performance.now() - start) / 1000;
    const cpu = process.threadCpuUsage(cpuBefore);
    delay.disable();
    const { detections, bytesUsed } = await store.summary();
    await store.close();
    const again = await open(dataDir);
    const { recovery } = await again.summary();
    await again.close();
    console.log(`${order} order: ${recovery ?? ''}`);
    table.push({
      order,
      rows: detections,
      'M rows/s': (detections / seconds / 1e6).toFixed(2),
      'M rows per CPU second of the thread': ((detections / (cpu.user + cpu.system)) * 1).toFixed(2),
      'loop delay p99 ms': (delay.percentile(99) / 1e6).toFixed(1),
      'loop delay max ms': (delay.max / 1e6).toFixed(1),
      'bytes a row': (bytesUsed / detections).toFixed(1),
    });
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function open(dataDir: string): Promise<MemoryStore> {
  const memoryLimitBytes = Math.max(64 * 2 ** 20, Math.min(32 * 2 ** 30, 200 * sky.objects * EPOCHS));
  return openMemoryStore({ dataDir, durability, memoryLimitBytes, associationRadiusArcsec: 1 });
}

async function putAll(store: MemoryStore, batches: readonly DetectionColumns[]): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < batches.length) {
      const { rejected } = await store.put(batches[next++]);
      if (rejected.length > 0) throw new Error(rejected[0].message);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
}

/** All batches, made before the clock starts. */
function made(order: 'field' | 'random'): DetectionColumns[] {
  return surveyBatches(sky, { seed: 2, order, batchRows })
    .map((batch) => {
      const copy = new DetectionColumns(batch.length, batch);
      for (let row = 0; row < batch.length; row++) copy.copyRow(batch, row);
      return copy;
    })
    .toArray();
}
