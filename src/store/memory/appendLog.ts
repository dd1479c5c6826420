// The append log: batches become frames, one loop writes all that wait in one writev and, under `always`, syncs once
// for all of them (group commit). Nothing here blocks the event loop: synchronous writes stalled it for a second and
// more.
//
//   always    acknowledged after write and fdatasync       survives a power cut
//   everysec  acknowledged after write, synced each second survives the end of the process; a power cut costs a second
//   off       acknowledged after write                     survives the end of the process
//
// A failed write keeps its frames: the log refuses everything until they are written after all (ready() tries). So a
// batch that comes again and is found in memory is on disk before it is called a duplicate. A failed sync is final: what
// the system dropped then can't be known.

import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../errors.ts';
import type { Durability } from '../store.ts';
import { logFileName, syncDir } from './dataDir.ts';
import { FILE_HEADER } from './frames.ts';

/** The part of a FileHandle that the log uses; tests give one that fails. */
export type LogFile = Pick<FileHandle, 'writev' | 'datasync' | 'truncate' | 'close'>;
export type OpenLogFile = (path: string) => Promise<LogFile>;

/** One writev takes at most this much, so that an early batch doesn't wait for a late one. */
const MAX_WRITE_BYTES = 16 * 2 ** 20;
const MAX_WRITE_FRAMES = 512;
const SYNC_EVERY_MS = 1000;

export interface AppendLogOptions {
  readonly dir: string;
  readonly durability: Durability;
  /** Goes on at `position` of file `fileNumber`; 0 for a new file. */
  readonly fileNumber: number;
  readonly position: number;
  /** Bytes in the log files since the last snapshot. */
  readonly logBytes: number;
  readonly openLogFile?: OpenLogFile | undefined;
  readonly onLogSync?: ((seconds: number) => void) | undefined;
}

interface Waiter {
  readonly frame: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class AppendLog {
  /** Number of the file that is written. */
  fileNumber: number;
  /** Bytes in all log files written since the last snapshot. */
  bytesSinceSnapshot: number;
  readonly #dir: string;
  readonly #durability: Durability;
  readonly #openFile: OpenLogFile;
  readonly #onSync: ((seconds: number) => void) | undefined;
  #file: LogFile | null = null;
  /** End of the last whole frame. */
  #position: number;
  #queue: Buffer[] = [];
  #appended = 0;
  #acknowledged = 0;
  readonly #waiters: Waiter[] = [];
  #running: Promise<void> | null = null;
  #failure: AppError | null = null;
  #isFinal = false;
  #mayBeTorn = false;
  #isDirty = false;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncing: Promise<void> = Promise.resolve();

  constructor({ dir, durability, fileNumber, position, logBytes, openLogFile, onLogSync }: AppendLogOptions) {
    this.#dir = dir;
    this.#durability = durability;
    this.fileNumber = fileNumber;
    this.#position = position;
    this.bytesSinceSnapshot = logBytes;
    this.#openFile = openLogFile ?? openForUpdate;
    this.#onSync = onLogSync;
    if (durability === 'everysec') this.#syncTimer = setInterval(() => void this.#sync(), SYNC_EVERY_MS).unref();
  }

  /** Throws 'unavailable' when nothing can be written at present. To be asked before anything is applied. */
  async ready(): Promise<void> {
    if (this.#failure === null && this.#file !== null) return;
    if (this.#isFinal) this.#throwIfFailed();
    this.#failure = null;
    await this.#flush();
    this.#throwIfFailed();
  }

  append(frame: Buffer): void {
    this.#queue.push(frame);
    this.#appended++;
    // after this turn, so that batches of one turn share a write
    if (this.#running === null && this.#failure === null) setImmediate(() => void this.#flush());
  }

  /** Resolves when everything appended until now is as durable as configured. */
  durable(): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#acknowledged === this.#appended) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiters.push({ frame: this.#appended, resolve, reject });
    });
  }

  /** Ends this file, synced, and begins the next. The caller appends nothing meanwhile. */
  async rotate(): Promise<number> {
    await this.ready();
    await this.durable();
    await this.#sync();
    this.#throwIfFailed();
    await this.#file?.close();
    this.#file = null;
    this.fileNumber++;
    this.#position = 0;
    await this.ready();
    return this.fileNumber;
  }

  async close(): Promise<void> {
    if (this.#syncTimer !== null) clearInterval(this.#syncTimer);
    try {
      while (this.#queue.length > 0 || this.#running !== null) {
        await this.#flush();
        // once more where a write failed
        await this.ready();
      }
      if (this.#durability !== 'off') await this.#sync();
    } finally {
      await this.#file?.close();
      this.#file = null;
    }
  }

  #flush(): Promise<void> {
    this.#running ??= this.#writeQueue().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #writeQueue(): Promise<void> {
    let frames: Buffer[] = [];
    try {
      this.#file ??= await this.#openFile(join(this.#dir, logFileName(this.fileNumber)));
      if (this.#mayBeTorn) {
        await this.#file.truncate(this.#position);
        this.#mayBeTorn = false;
      }
      if (this.#position === 0) {
        await this.#write([FILE_HEADER]);
        if (this.#durability !== 'off') await syncDir(this.#dir);
      }
      while (this.#queue.length > 0) {
        frames = this.#takeFrames();
        await this.#write(frames);
        if (this.#durability === 'always') await this.#sync();
        if (this.#failure !== null) return;
        this.#acknowledge(frames.length);
        frames = [];
      }
    } catch (cause) {
      this.#queue = [...frames, ...this.#queue];
      this.#mayBeTorn = true;
      this.#fail(new AppError('unavailable', `the log can't be written: ${messageOf(cause)}`, { cause }));
    }
  }

  #takeFrames(): Buffer[] {
    let count = 0;
    for (let bytes = 0; count < this.#queue.length && count < MAX_WRITE_FRAMES && (count === 0 || bytes < MAX_WRITE_BYTES); count++) {
      bytes += this.#queue[count].length;
    }
    return this.#queue.splice(0, count);
  }

  async #write(frames: readonly Buffer[]): Promise<void> {
    if (this.#file === null) return;
    let rest = frames;
    let written = 0;
    const total = frames.reduce((sum, frame) => sum + frame.length, 0);
    // a disk that is almost full takes a part and refuses the next
    while (written < total) {
      const { bytesWritten } = await this.#file.writev(rest, this.#position + written);
      if (bytesWritten === 0) throw new Error('nothing was written');
      written += bytesWritten;
      if (written < total) rest = [Buffer.concat(frames).subarray(written)];
    }
    this.#position += total;
    this.bytesSinceSnapshot += total;
    this.#isDirty = true;
  }

  /** One after another, so that who comes second waits for the first to end. */
  #sync(): Promise<void> {
    this.#syncing = this.#syncing.then(() => this.#syncIfDirty());
    return this.#syncing;
  }

  async #syncIfDirty(): Promise<void> {
    if (!this.#isDirty || this.#file === null) return;
    this.#isDirty = false;
    const start = performance.now();
    try {
      await this.#file.datasync();
      this.#onSync?.((performance.now() - start) / 1000);
    } catch (cause) {
      this.#isFinal = true;
      this.#fail(new AppError('unavailable', `the log can't be synced, restart when the disk is sound: ${messageOf(cause)}`, { cause }));
    }
  }

  #acknowledge(frames: number): void {
    this.#acknowledged += frames;
    let count = 0;
    while (count < this.#waiters.length && this.#waiters[count].frame <= this.#acknowledged) this.#waiters[count++].resolve();
    this.#waiters.splice(0, count);
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #fail(error: AppError): void {
    this.#failure = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}

async function openForUpdate(path: string): Promise<LogFile> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return open(path, 'wx+');
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
