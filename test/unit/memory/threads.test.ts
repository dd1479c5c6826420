import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { openMemoryStore } from '../../../src/store/memory/memoryStore.ts';
import { FIRST_NIGHT, OPTIONS } from './madeRows.ts';
import { checkedRows, type ReaderReport } from './checkedRows.ts';

const READERS = 2;
const BATCH_ROWS = 250;
/** Nights written; each is written whole before the next, and forgotten KEPT nights later. */
const NIGHTS = 12;
const NIGHT_ROWS = 2500;
const KEPT = 4;

describe('readers in other threads', () => {
  it('see every acknowledged row, whole, while rows come in and nights go', async () => {
    const store = await openMemoryStore({ ...OPTIONS, memoryLimitBytes: 64 * 2 ** 20 });
    // rows acknowledged so far, first row that may be gone, stop
    const progress = new Int32Array(new SharedArrayBuffer(12));
    const url = new URL('readerThread.ts', import.meta.url);
    const workers = Array.from(
      { length: READERS },
      (_, seed) => new Worker(url, { workerData: { handle: store.share(), progress, seed: seed + 1 } }),
    );
    const reports = workers.map((worker) => reportOf(worker));
    await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('online', resolve))));

    for (let night = 0; night < NIGHTS; night++) {
      for (let first = 0; first < NIGHT_ROWS; first += BATCH_ROWS) {
        const from = night * NIGHT_ROWS + first;
        const { accepted } = await store.put(checkedRows(from, BATCH_ROWS, NIGHT_ROWS));
        expect(accepted).toBe(BATCH_ROWS);
        Atomics.store(progress, 0, from + BATCH_ROWS);
      }
      if (night >= KEPT) {
        Atomics.store(progress, 1, (night - KEPT + 1) * NIGHT_ROWS);
        expect(await store.evictBefore(FIRST_NIGHT + (night - KEPT) + 0.6)).toBe(NIGHT_ROWS);
      }
    }
    // until each reader has looked often enough, so that the test can't pass by doing nothing
    Atomics.store(progress, 2, 1);
    for (const report of await Promise.all(reports)) {
      expect({ ...report, queries: report.queries > 300, rows: report.rows > 1000 }).toEqual({
        queries: true,
        rows: true,
        torn: 0,
        missing: 0,
        outside: 0,
        twice: 0,
      });
    }
    await store.close();
  }, 180_000);
});

function reportOf(worker: Worker): Promise<ReaderReport> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
