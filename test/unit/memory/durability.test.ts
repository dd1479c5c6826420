import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coneOf } from '../../../src/sky/cone.ts';
import type { LogFile } from '../../../src/store/memory/appendLog.ts';
import { openMemoryStore } from '../../../src/store/memory/memoryStore.ts';
import { collect, idsOf, queryOf } from '../../support/detections.ts';
import { OPTIONS, rowsFrom } from './madeRows.ts';

let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nightjar-memory-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true, force: true });
});

/** A log on a disk that can be made to refuse, after a part of what it is given. */
class FailingDisk {
  isFull = false;
  refusesSync = false;
  syncs = 0;
  openFiles = 0;

  readonly open = async (path: string): Promise<LogFile> => {
    const file = await open(path, 'a')
      .then((made) => made.close())
      .then(() => open(path, 'r+'));
    this.openFiles++;
    return {
      writev: async (buffers, position) => {
        if (!this.isFull) return file.writev(buffers, position);
        const first = buffers[0] as Buffer;
        await file.write(first, 0, Math.min(7, first.length), position);
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      },
      datasync: async () => {
        this.syncs++;
        if (this.refusesSync) throw new Error('EIO: i/o error');
        await file.datasync();
      },
      truncate: (length) => file.truncate(length),
      close: async () => {
        this.openFiles--;
        await file.close();
      },
    };
  };
}

async function countOf(dir: string): Promise<number> {
  const store = await openMemoryStore({ ...OPTIONS, dataDir: dir });
  const { detections } = await store.summary();
  await store.close();
  return detections;
}

describe('a disk that is full', () => {
  it('makes put fail as unavailable, leaves reads alone, and loses nothing that is acknowledged later', async () => {
    const disk = new FailingDisk();
    const store = await openMemoryStore({ ...OPTIONS, dataDir, openLogFile: disk.open });
    await store.put(rowsFrom(0, 100));
    disk.isFull = true;
    await expect(store.put(rowsFrom(100, 100))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('ENOSPC') as string,
    });
    await expect(store.put(rowsFrom(200, 100))).rejects.toMatchObject({ code: 'unavailable' });
    const read = await collect(store.cone(coneOf(10, 20, 0.1), queryOf({ limit: 5 })));
    expect(read.length).toBe(5);

    disk.isFull = false;
    // the rows are in memory since the failed attempt: duplicates, and by now on disk
    expect(await store.put(rowsFrom(100, 100))).toMatchObject({ accepted: 0, duplicates: 100 });
    expect(await store.put(rowsFrom(200, 100))).toMatchObject({ accepted: 100 });
    await store.close();
    expect(await countOf(dataDir)).toBe(300);
  });

  it('that fails to sync is not trusted again', async () => {
    const disk = new FailingDisk();
    const store = await openMemoryStore({ ...OPTIONS, dataDir, durability: 'always', openLogFile: disk.open });
    await store.put(rowsFrom(0, 10));
    disk.refusesSync = true;
    await expect(store.put(rowsFrom(10, 10))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('restart') as string,
    });
    disk.refusesSync = false;
    await expect(store.put(rowsFrom(20, 10))).rejects.toMatchObject({ code: 'unavailable' });
    await store.close().catch(() => undefined);
  });
});

describe('group commit', () => {
  it('syncs once for many batches that wait together', async () => {
    const disk = new FailingDisk();
    const store = await openMemoryStore({ ...OPTIONS, dataDir, durability: 'always', openLogFile: disk.open });
    const before = disk.syncs;
    await Promise.all(Array.from({ length: 40 }, (_, i) => store.put(rowsFrom(i * 10, 10))));
    expect(disk.syncs - before).toBeLessThan(20);
    await store.close();
  });
});

describe('a store that closes', () => {
  it('writes and syncs what was put before, then leaves the log alone', async () => {
    const disk = new FailingDisk();
    const store = await openMemoryStore({ ...OPTIONS, dataDir, durability: 'always', openLogFile: disk.open });
    const put = store.put(rowsFrom(0, 100));
    await store.close();
    expect(disk.openFiles).toBe(0);
    expect((await put).accepted).toBe(100);
    expect(disk.openFiles).toBe(0);
    expect(await countOf(dataDir)).toBe(100);
  });
});

describe('a batch that breaks off', () => {
  it('has its first rows in the log, so that none of them is a duplicate of what a restart forgets', async () => {
    const store = await openMemoryStore({ ...OPTIONS, dataDir });
    const batch = rowsFrom(0, 100);
    // an index without a name, which no checked batch has
    batch.survey[60] = 9;
    await expect(store.put(batch)).rejects.toThrow(TypeError);
    expect(await store.put(rowsFrom(0, 60))).toMatchObject({ accepted: 0, duplicates: 60 });
    await store.close();
    expect(await countOf(dataDir)).toBe(60);
  });
});

describe('a data directory', () => {
  it('is one store’s at a time', async () => {
    const store = await openMemoryStore({ ...OPTIONS, dataDir });
    await expect(openMemoryStore({ ...OPTIONS, dataDir })).rejects.toMatchObject({ code: 'failed_precondition' });
    await store.close();
    expect(await countOf(dataDir)).toBe(0);
  });

  it('is refused while another process holds it, and taken over when that is gone', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => other.once('spawn', resolve));
    await writeFile(join(dataDir, 'lock'), `${String(other.pid)} -\n`);
    await expect(openMemoryStore({ ...OPTIONS, dataDir })).rejects.toMatchObject({
      code: 'failed_precondition',
      message: expect.stringContaining(String(other.pid)) as string,
    });
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    const store = await openMemoryStore({ ...OPTIONS, dataDir });
    expect(await readFile(join(dataDir, 'lock'), 'utf8')).toMatch(new RegExp(`^${String(process.pid)} `));
    await store.close();
  });
});

describe('a process that is killed', () => {
  const child = fileURLToPath(new URL('killedChild.ts', import.meta.url));

  it.each(['always', 'everysec', 'off'] as const)('loses no batch it acknowledged (%s)', async (durability) => {
    for (let round = 0; round < 2; round++) {
      const acknowledged = await killAfter(child, dataDir, durability, 12 + 9 * round);
      const store = await openMemoryStore({ ...OPTIONS, dataDir });
      const all = await collect(store.cone(coneOf(0, 0, Math.PI), queryOf()));
      const found = new Set(idsOf(all));
      const lost = acknowledged.filter((id) => !found.has(id));
      expect(lost).toEqual([]);
      expect(acknowledged.length).toBeGreaterThan(0);
      await store.close();
    }
  });
});

/** Ids that the child said were acknowledged; it is killed after `batches` of them. */
function killAfter(child: string, dir: string, durability: string, batches: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, dir, durability], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    running.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.split('\n').length > batches) running.kill('SIGKILL');
    });
    running.once('error', reject);
    running.once('close', () => {
      // what follows the last line break may be half a line
      resolve(
        output
          .split('\n')
          .slice(0, -1)
          .flatMap((line) => line.split(' ')),
      );
    });
  });
}
