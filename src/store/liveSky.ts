// An archive with a live sky beside it: every detection that starts an object also goes to the live store.
// The archive comes first and alone decides what put() answers. The live sky follows from a bounded buffer: while
// its server is away rows wait, then the oldest are dropped and counted; ingest never waits for it.

import { AppError } from '../errors.ts';
import { DetectionColumns } from '../model/columns.ts';
import type { DetectionQuery } from '../model/window.ts';
import type { Cone } from '../sky/regions.ts';
import type { DetectionStore, ImmediateReader, ObjectRecord, PutSummary, Region, StoreSummary } from './store.ts';

export interface LiveSkyOptions {
  /** Rows that may wait for the live store; 100,000. */
  readonly bufferRows?: number;
  /** First pause after a failure, doubled up to 30 s; 250. */
  readonly retryMs?: number;
  /** How long close() tries to bring out what waits; 5,000. */
  readonly closeMs?: number;
}

/** For metrics and the status. Rows, since the start. */
export interface LiveSkyStatus {
  readonly waiting: number;
  readonly sent: number;
  /** Older than the live window: not for the live sky. */
  readonly refused: number;
  /** Lost to the live sky (never to the archive) because the buffer was full. */
  readonly dropped: number;
  /** Message of the last failure, null while all goes well. */
  readonly failure: string | null;
}

export interface LiveSkyStore extends DetectionStore {
  readonly liveSky: LiveSkyStatus;
  /** Resolves when nothing waits any more. */
  drained(): Promise<void>;
}

const MAX_RETRY_MS = 30_000;
const SEND_ROWS = 500;

export function withLiveSky(store: DetectionStore, live: DetectionStore, options: LiveSkyOptions = {}): LiveSkyStore {
  return new StoreWithLiveSky(store, live, options);
}

class StoreWithLiveSky implements LiveSkyStore {
  readonly immediate?: ImmediateReader;
  readonly #store: DetectionStore;
  readonly #live: DetectionStore;
  readonly #bufferRows: number;
  readonly #retryMs: number;
  readonly #closeMs: number;
  readonly #buffer: DetectionColumns[] = [];
  #waiting = 0;
  #sent = 0;
  #refused = 0;
  #dropped = 0;
  #failure: string | null = null;
  #sending: Promise<void> | null = null;
  #isClosing = false;
  #wake: (() => void) | null = null;

  constructor(store: DetectionStore, live: DetectionStore, options: LiveSkyOptions) {
    this.#store = store;
    this.#live = live;
    if (store.immediate !== undefined) this.immediate = store.immediate;
    this.#bufferRows = options.bufferRows ?? 100_000;
    this.#retryMs = options.retryMs ?? 250;
    this.#closeMs = options.closeMs ?? 5000;
  }

  get liveSky(): LiveSkyStatus {
    return { waiting: this.#waiting, sent: this.#sent, refused: this.#refused, dropped: this.#dropped, failure: this.#failure };
  }

  async put(batch: DetectionColumns): Promise<PutSummary> {
    const summary = await this.#store.put(batch);
    if (summary.unassociated.length > 0) this.#enqueue(batch, summary.unassociated);
    return summary;
  }

  async evictBefore(mjdTai: number): Promise<number> {
    const forgotten = await this.#store.evictBefore(mjdTai);
    try {
      await this.#live.evictBefore(mjdTai);
    } catch (error) {
      // They expire by themselves.
      this.#failure = messageOf(error);
    }
    return forgotten;
  }

  cone(cone: Cone, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#store.cone(cone, query);
  }

  region(region: Region, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#store.region(region, query);
  }

  nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    return this.#store.nearest(at, k, query);
  }

  lightCurve(objectId: string, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#store.lightCurve(objectId, query);
  }

  night(night: number, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#store.night(night, query);
  }

  detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    return this.#store.detection(survey, sourceId);
  }

  objects(objectId: string): Promise<readonly ObjectRecord[]> {
    return this.#store.objects(objectId);
  }

  async summary(): Promise<StoreSummary> {
    const summary = await this.#store.summary();
    // how the live sky fares changes by the moment: the metrics have it
    return { ...summary, durability: `${summary.durability}; the live sky follows` };
  }

  async drained(): Promise<void> {
    await this.#sending;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake?.();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#closeMs);
    });
    await Promise.race([this.drained(), deadline]);
    clearTimeout(timer);
    await this.#live.close();
    await this.#store.close();
  }

  #enqueue(batch: DetectionColumns, rows: readonly number[]): void {
    for (let from = 0; from < rows.length; from += SEND_ROWS) {
      const part = new DetectionColumns(Math.min(SEND_ROWS, rows.length - from), batch);
      for (const row of rows.slice(from, from + SEND_ROWS)) part.copyRow(batch, row);
      this.#buffer.push(part);
      this.#waiting += part.length;
    }
    // The newest matter most to a live sky. The first may be on its way just now.
    while (this.#waiting > this.#bufferRows && this.#buffer.length > 1) {
      const [oldest] = this.#buffer.splice(this.#sending === null ? 0 : 1, 1);
      this.#waiting -= oldest.length;
      this.#dropped += oldest.length;
    }
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  async #send(): Promise<void> {
    let pauseMs = this.#retryMs;
    let wasLastTry = false;
    while (this.#buffer.length > 0) {
      const batch = this.#buffer[0];
      try {
        const { accepted, duplicates, rejected } = await this.#live.put(batch);
        this.#sent += accepted + duplicates;
        this.#refused += rejected.length;
        this.#failure = null;
        pauseMs = this.#retryMs;
      } catch (error) {
        this.#failure = messageOf(error);
        if (isPassing(error)) {
          // One more try at the end, then the rest is given up.
          if (this.#isClosing) {
            if (wasLastTry) return;
            wasLastTry = true;
          } else {
            await this.#pause(pauseMs);
            pauseMs = Math.max(pauseMs, Math.min(2 * pauseMs, MAX_RETRY_MS));
          }
          continue;
        }
        this.#dropped += batch.length;
      }
      this.#buffer.shift();
      this.#waiting -= batch.length;
    }
  }

  /** Ends early when the store closes. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof AppError && ['unavailable', 'deadline_exceeded', 'resource_exhausted'].includes(error.code);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
