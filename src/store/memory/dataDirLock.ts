// One process writes a data directory. A lock file holds the pid of the owner and when that process began (pids are
// used again, and in a container every first process is 1). A lock whose owner is gone is taken over.

import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';

const LOCK_FILE = 'lock';
/** Directories that this process holds: its own pid in a lock file says nothing else. */
const held = new Set<string>();

/** Returns what gives the lock back. */
export async function lockDataDir(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, LOCK_FILE);
  if (held.has(path)) throw inUse(dir, process.pid);
  held.add(path);
  try {
    await takeLock(dir, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}

async function takeLock(dir: string, path: string): Promise<void> {
  // written aside and linked: a lock is never seen half written
  const own = `${path}.${String(process.pid)}`;
  await writeFile(own, `${String(process.pid)} ${startOf(process.pid) ?? '-'}\n`);
  try {
    await linkLock(dir, path, own);
  } finally {
    await rm(own, { force: true });
  }
}

async function linkLock(dir: string, path: string, own: string): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await link(own, path);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const [pidText, start] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ');
    const pid = Number(pidText);
    if (Number.isInteger(pid) && pid > 0 && isAlive(pid, start)) throw inUse(dir, pid);
    await rm(path, { force: true });
  }
  throw inUse(dir, 0);
}

function isAlive(pid: number, start: string | undefined): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === null || start === undefined || start === '-' || now === start;
}

/** When a process began, in ticks since the machine did; null where the system doesn't say. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // the name in brackets may hold anything; the 20th field after it is the start
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function inUse(dir: string, pid: number): AppError {
  return new AppError('failed_precondition', `the data directory ${dir} is in use by process ${String(pid)}, must be one process's alone`);
}
