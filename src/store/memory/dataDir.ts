// The files of a data directory: `log-N` are the log files in order, `snapshot-N` is everything before log-N.

import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const LOG_FILE = /^log-(\d{8,})$/;
const SNAPSHOT_FILE = /^snapshot-(\d{8,})$/;

export interface DataFiles {
  /** Numbers of the log files, ascending. */
  readonly logs: number[];
  readonly snapshots: number[];
}

export function logFileName(fileNumber: number): string {
  return `log-${String(fileNumber).padStart(8, '0')}`;
}

export function snapshotFileName(fileNumber: number): string {
  return `snapshot-${String(fileNumber).padStart(8, '0')}`;
}

export async function makeDataDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
}

/** Also removes what an interrupted snapshot left. */
export async function listDataDir(dir: string): Promise<DataFiles> {
  const logs: number[] = [];
  const snapshots: number[] = [];
  for (const name of await readdir(dir)) {
    const log = LOG_FILE.exec(name);
    const snapshot = SNAPSHOT_FILE.exec(name);
    if (log !== null) logs.push(Number(log[1]));
    else if (snapshot !== null) snapshots.push(Number(snapshot[1]));
    else if (name.startsWith('snapshot-') && name.endsWith('.tmp')) await rm(join(dir, name), { force: true });
  }
  return { logs: logs.sort((a, b) => a - b), snapshots: snapshots.sort((a, b) => a - b) };
}

/** Removes what snapshot `fileNumber` makes superfluous. */
export async function removeBefore(dir: string, fileNumber: number): Promise<void> {
  const { logs, snapshots } = await listDataDir(dir);
  for (const log of logs) if (log < fileNumber) await rm(join(dir, logFileName(log)), { force: true });
  for (const snapshot of snapshots) if (snapshot < fileNumber) await rm(join(dir, snapshotFileName(snapshot)), { force: true });
}

/** Makes the names in a directory durable. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
