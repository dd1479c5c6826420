// The embedded store: everything in shared memory (sharedMemory.ts), found by page trees (pageTree.ts), kept by an
// append log and snapshots (appendLog.ts, snapshot.ts).
//
// put(): the batch is taken in, and so becomes visible, in slices of a fraction of a millisecond; then it is logged; put
// resolves when the log is as durable as configured. So a reader can see a row a moment before it is acknowledged, and a
// crash in that moment forgets it, unacknowledged. Batches are taken in one after another, in the order of the calls;
// while one waits for the disk the next is taken in.

import { AppError } from '../../errors.ts';
import { DetectionColumns } from '../../model/columns.ts';
import { nightEndTai, nightOf } from '../../model/night.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import type { DetectionStore, Durability, PutSummary, StoreSummary } from '../store.ts';
import { AppendLog, type OpenLogFile } from './appendLog.ts';
import { encodeBatch } from './batchCodec.ts';
import { makeDataDir, removeBefore, snapshotFileName } from './dataDir.ts';
import { lockDataDir } from './dataDirLock.ts';
import { hideNights, sweepOut } from './eviction.ts';
import { FRAME_KINDS, frameOf } from './frames.ts';
import { MemoryReader } from './memoryReader.ts';
import { MemoryWriter, type BatchOutcome } from './memoryWriter.ts';
import { recover, type Recovery } from './recovery.ts';
import { SharedMemory, type SharedHandle } from './sharedMemory.ts';
import { momentOf, writeSnapshot } from './snapshot.ts';
import { nextTurn } from './turns.ts';

export type { SharedHandle } from './sharedMemory.ts';

export interface MemoryStoreOptions {
  /** null: nothing is kept on disk. */
  readonly dataDir: string | null;
  readonly durability: Durability;
  /** Reserved at once, committed as it is used. Beyond it put rejects rows; reads go on. */
  readonly memoryLimitBytes: number;
  readonly associationRadiusArcsec: number;
  /** Instead of it for these surveys. */
  readonly associationRadiusArcsecBySurvey?: Readonly<Record<string, number>>;
  readonly log?: StoreLog;
  /** Log bytes after which a snapshot is written; also at least twice the last snapshot. */
  readonly snapshotAfterBytes?: number;
  /** Told of each sync of the log. */
  readonly onLogSync?: (seconds: number) => void;
  /** Tests give files that fail. */
  readonly openLogFile?: OpenLogFile;
}

interface StoreLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

const SNAPSHOT_AFTER_BYTES = 256 * 2 ** 20;
/** Rows taken in between two looks at the clock, and how long before the event loop gets its turn. */
const ROWS_PER_LOOK = 25;
const TURN_MS = 0.8;
/** Rows in a frame of the log: it is encoded in one go. */
const ROWS_PER_FRAME = 2000;

export async function openMemoryStore(options: MemoryStoreOptions): Promise<MemoryStore> {
  const memory = SharedMemory.reserve(options.memoryLimitBytes);
  const writer = new MemoryWriter(memory, {
    defaultArcsec: options.associationRadiusArcsec,
    bySurveyArcsec: options.associationRadiusArcsecBySurvey ?? {},
  });
  const { dataDir } = options;
  if (dataDir === null) return new MemoryStore(memory, writer, options, null);
  await makeDataDir(dataDir);
  const unlock = await lockDataDir(dataDir);
  try {
    const recovery = await recover(dataDir, writer);
    if (recovery.cutBytes > 0) options.log?.warn({ cutBytes: recovery.cutBytes }, recovery.report);
    else options.log?.info({ rows: recovery.rows }, recovery.report);
    const { durability, openLogFile, onLogSync } = options;
    const { fileNumber, position, logBytes } = recovery;
    const log = new AppendLog({ dir: dataDir, durability, fileNumber, position, logBytes, openLogFile, onLogSync });
    await log.ready();
    return new MemoryStore(memory, writer, options, { dir: dataDir, log, unlock, recovery });
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** What a store on disk has besides. */
interface Disk {
  readonly dir: string;
  readonly log: AppendLog;
  readonly unlock: () => Promise<void>;
  readonly recovery: Recovery;
}

export class MemoryStore extends MemoryReader implements DetectionStore {
  readonly immediate = this;
  readonly #memory: SharedMemory;
  readonly #writer: MemoryWriter;
  readonly #options: MemoryStoreOptions;
  readonly #disk: Disk | null;
  /** End of the queue of batches and evictions. */
  #tail: Promise<unknown> = Promise.resolve();
  #evictions: Promise<unknown> = Promise.resolve();
  #sweep: Promise<void> = Promise.resolve();
  #isEvicting = false;
  #snapshot: Promise<void> = Promise.resolve();
  #snapshotStop: AbortController | null = null;
  #snapshotBytes: number;
  #isClosed = false;

  constructor(memory: SharedMemory, writer: MemoryWriter, options: MemoryStoreOptions, disk: Disk | null) {
    super(memory);
    this.#memory = memory;
    this.#writer = writer;
    this.#options = options;
    this.#disk = disk;
    this.#snapshotBytes = disk?.recovery.snapshotBytes ?? 0;
  }

  /** For openMemoryReader in another thread. */
  share(): SharedHandle {
    return { buffer: this.#memory.buffer };
  }

  async put(batch: DetectionColumns): Promise<PutSummary> {
    this.#checkOpen();
    const outcome = await this.#enqueue(() => this.#takeIn(batch));
    // also when all were duplicates: the first copy may still be on its way to the disk
    await this.#disk?.log.durable();
    const { accepted, duplicates, rejected, unassociated } = outcome;
    return { accepted: accepted.length, duplicates, rejected, unassociated };
  }

  async evictBefore(mjdTai: number): Promise<number> {
    this.#checkOpen();
    const done = this.#evictions.then(() => this.#evict(mjdTai));
    this.#evictions = done.catch(() => undefined);
    return done;
  }

  override async summary(): Promise<StoreSummary> {
    const { durability, dataDir } = this.#options;
    const summary = await super.summary();
    return { ...summary, durability: dataDir === null ? 'none' : durability, recovery: this.#disk?.recovery.report ?? null };
  }

  /** Resolves when no snapshot is being written. */
  idle(): Promise<void> {
    return this.#snapshot;
  }

  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- a reader closes at once, a store after its work
  override async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#snapshotStop?.abort();
    await this.#tail;
    await this.#evictions;
    await this.idle();
    super.close();
    if (this.#disk === null) return;
    try {
      await this.#disk.log.close();
    } finally {
      await this.#disk.unlock();
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new AppError('unavailable', 'the store is closed');
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  async #takeIn(batch: DetectionColumns): Promise<BatchOutcome> {
    await this.#disk?.log.ready();
    if (this.#isEvicting && this.#hasHiddenNight(batch)) await this.#sweep;
    const outcome: BatchOutcome = { accepted: [], duplicates: 0, rejected: [], unassociated: [] };
    const view = this.#writer.view(batch);
    let turnStart = performance.now();
    for (let from = 0; from < batch.length; from += ROWS_PER_FRAME) {
      const to = Math.min(from + ROWS_PER_FRAME, batch.length);
      const before = outcome.accepted.length;
      try {
        for (let row = from; row < to; row += ROWS_PER_LOOK) {
          this.#writer.put(view, row, Math.min(row + ROWS_PER_LOOK, to), outcome);
          if (performance.now() - turnStart > TURN_MS) {
            await nextTurn();
            turnStart = performance.now();
          }
        }
      } finally {
        // also when a row breaks off: those before it are visible, and would be called duplicates when they come again
        this.#logRows(batch, from, to, outcome.accepted.slice(before));
      }
    }
    this.#snapshotWhenDue();
    return outcome;
  }

  /** The accepted ones of rows [from, to). */
  #logRows(batch: DetectionColumns, from: number, to: number, accepted: readonly number[]): void {
    if (this.#disk === null || accepted.length === 0) return;
    const isAll = accepted.length === to - from;
    const rows = isAll ? batch : copyOf(batch, accepted);
    this.#disk.log.append(
      frameOf(FRAME_KINDS.rows, 160 * accepted.length, (out) => {
        encodeBatch(out, rows, isAll ? from : 0, isAll ? to : rows.length);
      }),
    );
  }

  #hasHiddenNight(batch: DetectionColumns): boolean {
    const hidden = this.#writer.hiddenBeforeMjdTai;
    for (let row = 0; row < batch.length; row++) {
      const station = batch.stations.names[batch.station[row]];
      if (nightEndTai(nightOf(batch.mjdTai[row], station), eastLongitudeDegOf(station) ?? 0) <= hidden) return true;
    }
    return false;
  }

  async #evict(mjdTai: number): Promise<number> {
    // no snapshot may read rows that go
    this.#isEvicting = true;
    this.#snapshotStop?.abort();
    let rows = 0;
    try {
      await this.#snapshot;
      await this.#enqueue(async () => {
        await this.#disk?.log.ready();
        const nights = hideNights(this.#writer, mjdTai);
        if (nights.length === 0) return;
        rows = nights.reduce((sum, night) => sum + night.rows, 0);
        const frame = frameOf(FRAME_KINDS.eviction, 8, (out) => {
          out.f64(mjdTai);
        });
        this.#disk?.log.append(frame);
        this.#sweep = sweepOut(this.#writer, nights, mjdTai);
      });
      // not in the queue: rows of other nights come in meanwhile
      await this.#sweep;
    } finally {
      this.#isEvicting = false;
    }
    if (rows === 0) return 0;
    await this.#disk?.log.durable();
    // the rows are still in the log: a new snapshot lets its files go
    this.#startSnapshot();
    return rows;
  }

  #snapshotWhenDue(): void {
    const least = this.#options.snapshotAfterBytes ?? SNAPSHOT_AFTER_BYTES;
    if (this.#disk === null || this.#isEvicting || this.#snapshotStop !== null) return;
    if (this.#disk.log.bytesSinceSnapshot > Math.max(least, 2 * this.#snapshotBytes)) this.#startSnapshot();
  }

  #startSnapshot(): void {
    if (this.#disk === null || this.#snapshotStop !== null || this.#isClosed) return;
    const { dir, log } = this.#disk;
    const stop = new AbortController();
    this.#snapshotStop = stop;
    this.#snapshot = this.#writeSnapshot(dir, log, stop.signal)
      .catch((cause: unknown) => {
        // the log goes on growing; the next batch tries again
        this.#options.log?.warn({ err: cause }, 'no snapshot could be written');
      })
      .finally(() => {
        this.#snapshotStop = null;
      });
  }

  async #writeSnapshot(dir: string, log: AppendLog, signal: AbortSignal): Promise<void> {
    // between two batches: what is before the new log file is exactly what the moment holds
    const { moment, fileNumber } = await this.#enqueue(async () => {
      const next = await log.rotate();
      return { moment: momentOf(this.#writer), fileNumber: next };
    });
    log.bytesSinceSnapshot = 0;
    const bytes = await writeSnapshot(dir, snapshotFileName(fileNumber), this.#writer, moment, signal);
    if (bytes === 0) return;
    this.#snapshotBytes = bytes;
    await removeBefore(dir, fileNumber);
    this.#options.log?.info({ bytes }, 'snapshot written');
  }
}

function copyOf(batch: DetectionColumns, rows: readonly number[]): DetectionColumns {
  const copy = new DetectionColumns(rows.length, batch);
  for (const row of rows) copy.copyRow(batch, row);
  return copy;
}
