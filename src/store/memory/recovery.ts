// Start-up: the newest snapshot, then every log file after it, through the same code that takes rows in. Order and
// association radius are the same, so every row joins the object it joined before. A log cut in its last frame is cut
// there and reported; anything else that is wrong stops the start, with the file and the place.

import { stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import { decodeBatch } from './batchCodec.ts';
import { ByteReader } from './bytes.ts';
import { listDataDir, logFileName, snapshotFileName } from './dataDir.ts';
import { hideNights, sweepOut } from './eviction.ts';
import { readFrames } from './frameFile.ts';
import { FRAME_KINDS, type Frame } from './frames.ts';
import type { BatchOutcome, MemoryWriter } from './memoryWriter.ts';
import { SnapshotReader, memoryTooSmall } from './snapshot.ts';

export interface Recovery {
  readonly rows: number;
  readonly seconds: number;
  readonly cutBytes: number;
  /** Where the log goes on. */
  readonly fileNumber: number;
  readonly position: number;
  readonly logBytes: number;
  readonly snapshotBytes: number;
  /** In words. */
  readonly report: string;
}

export async function recover(dir: string, writer: MemoryWriter): Promise<Recovery> {
  const start = performance.now();
  const { logs, snapshots } = await listDataDir(dir);
  const snapshot = snapshots.at(-1) ?? 0;
  let snapshotBytes = 0;
  if (snapshot > 0) snapshotBytes = await readSnapshot(join(dir, snapshotFileName(snapshot)), writer);
  const rowsOfSnapshot = writer.detections;
  const replayed = logs.filter((log) => log >= snapshot);
  checkSequence(dir, snapshot, replayed);

  let logBytes = 0;
  let position = 0;
  let cutBytes = 0;
  for (const log of replayed) {
    const path = join(dir, logFileName(log));
    const end = await readFrames(path, (frame) => replay(frame, writer));
    if (end.state === 'corrupt' || (end.state === 'torn' && log !== replayed.at(-1))) throw corrupt(path, end.goodBytes);
    if (end.state === 'torn') {
      await truncate(path, end.goodBytes);
      cutBytes = end.fileBytes - end.goodBytes;
    }
    position = end.goodBytes;
    logBytes += end.goodBytes;
  }
  const seconds = (performance.now() - start) / 1000;
  const fileNumber = replayed.at(-1) ?? Math.max(1, snapshot);
  const report = reportOf(rowsOfSnapshot, writer.detections, seconds, cutBytes, logFileName(fileNumber));
  return { rows: writer.detections, seconds, cutBytes, fileNumber, position, logBytes, snapshotBytes, report };
}

async function readSnapshot(path: string, writer: MemoryWriter): Promise<number> {
  const reader = new SnapshotReader(writer);
  const end = await readFrames(path, (frame) => {
    reader.take(frame);
  });
  // it was synced before it got its name, so a cut end is damage too
  if (end.state !== 'whole' || !reader.isComplete) throw corrupt(path, end.goodBytes);
  return (await stat(path)).size;
}

async function replay(frame: Frame, writer: MemoryWriter): Promise<void> {
  const from = new ByteReader(frame.payload);
  if (frame.kind === FRAME_KINDS.eviction) {
    const mjdTai = from.f64();
    const nights = hideNights(writer, mjdTai);
    if (nights.length > 0) await sweepOut(writer, nights, mjdTai);
    return;
  }
  const columns = decodeBatch(from);
  const outcome: BatchOutcome = { accepted: [], duplicates: 0, rejected: [], unassociated: [] };
  writer.put(writer.view(columns), 0, columns.length, outcome);
  if (outcome.rejected.length > 0) {
    const { code, message } = outcome.rejected[0];
    throw code === 'resource_exhausted' ? memoryTooSmall(writer) : new AppError('internal', `the log contradicts itself: ${message}`);
  }
}

function checkSequence(dir: string, snapshot: number, logs: readonly number[]): void {
  let expected = snapshot > 0 ? snapshot : 1;
  for (const log of logs) {
    if (log !== expected)
      throw new AppError('failed_precondition', `${join(dir, logFileName(expected))} is missing, but a later log is there`);
    expected++;
  }
}

function corrupt(path: string, offset: number): AppError {
  return new AppError(
    'failed_precondition',
    `${path} is damaged at byte ${String(offset)}: what follows is no frame of it, restore the file or remove it`,
  );
}

function reportOf(rowsOfSnapshot: number, rows: number, seconds: number, cutBytes: number, logFile: string): string {
  const cut = cutBytes === 0 ? '' : `, cut ${String(cutBytes)} bytes of an unfinished write at the end of ${logFile}`;
  return `recovered ${String(rows)} rows in ${seconds.toFixed(2)} s (${String(rowsOfSnapshot)} from the snapshot)${cut}`;
}
