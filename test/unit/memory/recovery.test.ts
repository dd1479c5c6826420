import { appendFile, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coneOf } from '../../../src/sky/cone.ts';
import { openMemoryStore, type MemoryStore, type MemoryStoreOptions } from '../../../src/store/memory/memoryStore.ts';
import { collect, columnsOf, queryOf, recordOf } from '../../support/detections.ts';
import { FIRST_NIGHT, OPTIONS, rowOf, rowsFrom } from './madeRows.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nightjar-memory-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

const openStore = (options: Partial<MemoryStoreOptions> = {}): Promise<MemoryStore> => openMemoryStore({ ...OPTIONS, dataDir, ...options });

async function everything(store: MemoryStore): Promise<Record<string, unknown>[]> {
  const all = await collect(store.cone(coneOf(0, 0, Math.PI), queryOf()));
  return Array.from({ length: all.length }, (_, row) => ({ ...recordOf(all, row), sep_arcsec: null }));
}

async function reopened(): Promise<{ rows: Record<string, unknown>[]; recovery: string | null }> {
  const store = await openStore();
  const rows = await everything(store);
  const { recovery } = await store.summary();
  await store.close();
  return { rows, recovery };
}

const logFiles = async (): Promise<string[]> => (await readdir(dataDir)).filter((name) => name.startsWith('log-')).sort();
const lastLog = async (): Promise<string> => join(dataDir, (await logFiles()).at(-1) ?? '');

describe('start-up', () => {
  it('finds every row, column and object again', async () => {
    const store = await openStore();
    await store.put(rowsFrom(0, 2500));
    await store.put(
      columnsOf([
        { ...rowOf(1), sourceId: 'ZTF26ü:0', objectId: 'ZTF26\u{1f52d}', station: 'I41', flags: 2n ** 63n + 1n, kind: 'forced' },
        { ...rowOf(2), sourceId: '007', magAb: NaN, trailLenArcsec: 3.25, kind: 'upper_limit' },
      ]),
    );
    const before = await everything(store);
    const object = before[17]['object_id'] as string;
    const record = await store.objects(object);
    await store.close();

    const again = await openStore();
    expect(await everything(again)).toEqual(before);
    expect(await again.objects(object)).toEqual(record);
    expect((await again.summary()).recovery).toMatch(/^recovered 2502 rows in /);
    expect(await again.put(rowsFrom(0, 2500))).toMatchObject({ accepted: 0, duplicates: 2500 });
    await again.close();
  });

  it('cuts a log that ends in the middle of a write, says so, and goes on behind the cut', async () => {
    const store = await openStore();
    await store.put(rowsFrom(0, 100));
    await store.put(rowsFrom(100, 100));
    await store.close();
    const path = await lastLog();
    const { size } = await stat(path);
    const file = await open(path, 'r+');
    await file.truncate(size - 5);
    await file.close();

    const cut = await reopened();
    expect(cut.rows).toHaveLength(100);
    expect(cut.recovery).toMatch(/cut \d+ bytes of an unfinished write at the end of log-00000001/);
    const more = await openStore();
    await more.put(rowsFrom(100, 100));
    await more.close();
    expect((await reopened()).rows).toHaveLength(200);
  });

  it('takes a tail of zeros or of noise for an unfinished write', async () => {
    for (const [rows, tail] of [
      [1, Buffer.alloc(4096)],
      [2, Buffer.from('NJFR and then something else entirely')],
    ] as const) {
      const store = await openStore();
      await store.put(rowsFrom(rows - 1, 1));
      await store.close();
      await appendFile(await lastLog(), tail);
      const { rows: found, recovery } = await reopened();
      expect(found).toHaveLength(rows);
      expect(recovery).toContain(`cut ${String(tail.length)} bytes`);
    }
  });

  it('refuses a log that is damaged in the middle, with the file and the place', async () => {
    const store = await openStore();
    await store.put(rowsFrom(0, 100));
    const { size } = await stat(await lastLog());
    await store.put(rowsFrom(100, 100));
    await store.put(rowsFrom(200, 100));
    await store.close();
    const path = await lastLog();
    const bytes = await readFile(path);
    bytes[size + 40] ^= 1;
    await writeFile(path, bytes);
    await expect(openStore()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining(`log-00000001 is damaged at byte ${String(size)}`) as string,
    });
    // and nothing was changed by the attempt
    expect(await readFile(path)).toEqual(bytes);
  });

  it('refuses a file that is no log', async () => {
    await writeFile(join(dataDir, 'log-00000001'), 'a letter to a friend, long enough');
    await expect(openStore()).rejects.toMatchObject({ code: 'failed_precondition' });
  });

  it('refuses when a log file between two others is missing', async () => {
    const store = await openStore({ snapshotAfterBytes: 1 });
    await store.put(rowsFrom(0, 10));
    await store.idle();
    await store.close();
    const path = await lastLog();
    await writeFile(path.replace(/\d$/, '9'), await readFile(path));
    await expect(openStore()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('is missing') as string,
    });
  });

  it('refuses when the memory limit is too small for what is there', async () => {
    const store = await openStore({ memoryLimitBytes: 64 * 2 ** 20 });
    for (let i = 0; i < 100; i++) await store.put(rowsFrom(i * 1000, 1000, 10_000));
    await store.close();
    await expect(openStore({ memoryLimitBytes: 16 * 2 ** 20 })).rejects.toMatchObject({ code: 'resource_exhausted' });
  });
});

describe('a snapshot', () => {
  it('holds everything up to its moment, lets the older files go, and rows go on behind it', async () => {
    const store = await openStore({ snapshotAfterBytes: 20_000 });
    for (let i = 0; i < 30; i++) {
      await store.put(rowsFrom(i * 200, 200));
      // the same objects, seen in other nights
      await store.put(columnsOf([{ ...rowOf(7), sourceId: 1_000_000 + i, mjdTai: FIRST_NIGHT + i + 0.4, objectId: 'seven' }]));
    }
    await store.idle();
    const before = await everything(store);
    const seven = await store.objects('seven');
    await store.close();
    const names = await readdir(dataDir);
    expect(names.filter((name) => name.startsWith('snapshot-'))).toHaveLength(1);
    expect(names.some((name) => name === 'log-00000001')).toBe(false);

    const again = await openStore();
    expect(await everything(again)).toEqual(before);
    expect(await again.objects('seven')).toEqual(seven);
    expect(seven[0].detections).toBe(31);
    await again.close();
  });

  it('keeps an object whose founder is forgotten', async () => {
    const store = await openStore();
    await store.put(columnsOf([rowOf(0), { ...rowOf(0), sourceId: 77, mjdTai: FIRST_NIGHT + 5.3 }]));
    expect(await store.evictBefore(FIRST_NIGHT + 2)).toBe(1);
    await store.idle();
    const object = await store.objects('ZTF:1');
    await store.close();
    const again = await openStore();
    expect(await again.objects('ZTF:1')).toEqual(object);
    expect(object).toMatchObject([{ objectId: 'ZTF:1', detections: 1 }]);
    await again.close();
  });

  it('that is damaged stops the start', async () => {
    const store = await openStore({ snapshotAfterBytes: 1 });
    await store.put(rowsFrom(0, 10));
    await store.idle();
    await store.close();
    const path = join(dataDir, 'snapshot-00000002');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 3));
    await expect(openStore()).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining('snapshot-00000002') as string,
    });
  });
});

describe('eviction on disk', () => {
  it('is repeated by the log, and a snapshot after it makes the directory smaller', async () => {
    const store = await openStore();
    await store.put(rowsFrom(0, 5000));
    const sizeOf = async (): Promise<number> => {
      const sizes = await Promise.all((await readdir(dataDir)).map(async (name) => (await stat(join(dataDir, name))).size));
      return sizes.reduce((a, b) => a + b, 0);
    };
    const full = await sizeOf();
    expect(await store.evictBefore(FIRST_NIGHT + 2.6)).toBe(3000);
    const before = await everything(store);
    await store.idle();
    expect(await sizeOf()).toBeLessThan(0.8 * full);
    await store.close();
    expect((await reopened()).rows).toEqual(before);
    expect(before).toHaveLength(2000);
  });
});
