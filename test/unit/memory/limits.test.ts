import { describe, expect, it } from 'vitest';
import { coneOf } from '../../../src/sky/cone.ts';
import { openMemoryStore } from '../../../src/store/memory/memoryStore.ts';
import { collect, columnsOf, idsOf, queryOf } from '../../support/detections.ts';
import { FIRST_NIGHT, OPTIONS, rowOf, rowsFrom } from './madeRows.ts';

const SMALLEST = 16 * 2 ** 20;

describe('the memory limit', () => {
  it('makes put refuse rows with the limit in the message, reads go on, and an eviction makes room again', async () => {
    const store = await openMemoryStore({ ...OPTIONS, memoryLimitBytes: SMALLEST });
    let stored = 0;
    let message = '';
    while (message === '') {
      const { accepted, rejected } = await store.put(rowsFrom(stored, 5000, 5000));
      stored += accepted;
      if (rejected.length > 0) {
        expect(rejected[0]).toMatchObject({ code: 'resource_exhausted', row: accepted });
        expect(rejected.length).toBe(5000 - accepted);
        message = rejected[0].message;
      }
    }
    expect(message).toContain(String(SMALLEST));
    const { detections, bytesUsed, bytesLimit } = await store.summary();
    expect(detections).toBe(stored);
    expect(bytesUsed).toBeLessThanOrEqual(bytesLimit ?? 0);
    expect(await store.put(rowsFrom(0, 100, 5000))).toMatchObject({ accepted: 0 });
    const found = await collect(store.cone(coneOf(10, 20, 0.1), queryOf()));
    expect(found.length).toBe(stored);

    const forgotten = await store.evictBefore(FIRST_NIGHT + 4.6);
    expect(forgotten).toBe(25_000);
    const again = await store.put(rowsFrom(0, 5000, 5000));
    expect(again.rejected).toEqual([]);
    await store.close();
  });

  it('reserves without using: an empty store of 8 GiB takes a few megabytes', async () => {
    const before = process.memoryUsage().rss;
    const store = await openMemoryStore({ ...OPTIONS, memoryLimitBytes: 8 * 2 ** 30 });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
    await store.close();
  });

  it('is refused outside what the layout can address', async () => {
    await expect(openMemoryStore({ ...OPTIONS, memoryLimitBytes: 1000 })).rejects.toMatchObject({ code: 'invalid_argument' });
    await expect(openMemoryStore({ ...OPTIONS, memoryLimitBytes: 2 ** 36 })).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});

describe('an eviction', () => {
  it('gives all the memory of its nights back, again and again', async () => {
    const store = await openMemoryStore({ ...OPTIONS, memoryLimitBytes: SMALLEST });
    const used: number[] = [];
    // each round fills a third of the memory
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 4; i++) await store.put(rowsFrom(round * 20_000 + i * 5000, 5000, 5000));
      await store.evictBefore(FIRST_NIGHT + 4 * round + 3.6);
      const { detections, objects, bytesUsed } = await store.summary();
      expect([detections, objects]).toEqual([0, 0]);
      used.push(bytesUsed);
    }
    // what stays is kept for the next rows: it must not grow
    expect(used[5]).toBeLessThan(used[1] * 1.05);
    await store.close();
  });

  it('hides its nights at once, while rows of other nights and of the same ones come in', async () => {
    const store = await openMemoryStore(OPTIONS);
    await store.put(rowsFrom(0, 20_000, 5000));
    const eviction = store.evictBefore(FIRST_NIGHT + 1.6);
    while ((await store.summary()).detections === 20_000) await new Promise((resolve) => setImmediate(resolve));
    const later = store.put(columnsOf([{ ...rowOf(3, 5000), sourceId: 900_001, mjdTai: FIRST_NIGHT + 9.3 }]));
    const same = store.put(columnsOf([{ ...rowOf(4, 5000), sourceId: 900_002, mjdTai: FIRST_NIGHT + 0.3 }, rowOf(5, 5000)]));
    await later;
    const during = await collect(store.cone(coneOf(10, 20, 0.1), queryOf()));
    expect(during.length).toBe(10_001);
    expect((await store.detection('ZTF', '900001')).length).toBe(1);
    expect(await eviction).toBe(10_000);
    expect(await same).toMatchObject({ accepted: 2, duplicates: 0 });
    expect((await store.detection('ZTF', '900002')).length).toBe(1);
    expect((await store.summary()).detections).toBe(10_003);
    await store.close();
  });
});

describe('an answer in slices', () => {
  it('of a size beyond what is held at once is whole, in order, and cut by its limit', async () => {
    const store = await openMemoryStore({ ...OPTIONS, memoryLimitBytes: 128 * 2 ** 20 });
    const rows = 150_000;
    for (let first = 0; first < rows; first += 5000) await store.put(rowsFrom(first, 5000, 30_000));
    let count = 0;
    let last = 0;
    let disorder = 0;
    for await (const batch of store.cone(coneOf(10, 20, 0.1), queryOf())) {
      for (let row = 0; row < batch.length; row++, count++) {
        if (batch.mjdTai[row] < last) disorder++;
        last = batch.mjdTai[row];
      }
    }
    expect([count, disorder]).toEqual([rows, 0]);
    const first = await collect(store.cone(coneOf(10, 20, 0.1), queryOf({ limit: 2500 })));
    expect(idsOf(first)).toEqual(Array.from({ length: 2500 }, (_, i) => String(i + 1)));
    await store.close();
  });

  it('stops when it is cancelled', async () => {
    const store = await openMemoryStore(OPTIONS);
    for (let first = 0; first < 20_000; first += 5000) await store.put(rowsFrom(first, 5000, 30_000));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const batch of store.cone(coneOf(10, 20, 0.1), queryOf({ signal: controller.signal }))) {
        expect(batch.length).toBeGreaterThan(0);
        controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
    await store.close();
  });
});
