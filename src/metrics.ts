// Every metric, declared once: `nightjar_<what>_<unit>`. Label values come from closed sets only: faces, route
// patterns, gRPC method names, status codes, outcomes; never an id or a survey.

import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type MetricObject } from 'prom-client';
import type { DetectionStore, StoreSummary } from './store/store.ts';

export type Face = 'rest' | 'grpc';

/** From a memory read of a few microseconds to a query that runs into its deadline. */
const REQUEST_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const ANSWER_ROWS = [0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

export interface IngestCounts {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
}

/** Of a store with a live sky beside it (store/liveSky.ts). */
interface LiveSkyCounts {
  readonly waiting: number;
  readonly sent: number;
  readonly refused: number;
  readonly dropped: number;
}

function hasLiveSky(store: DetectionStore): store is DetectionStore & { readonly liveSky: LiveSkyCounts } {
  return 'liveSky' in store;
}

export class Metrics {
  readonly registry = new Registry();
  readonly contentType = this.registry.contentType;
  readonly #requestSeconds;
  readonly #answerRows;
  readonly #ingestRows;
  readonly #ingestSeconds;
  readonly #evictedRows;
  readonly #logSyncSeconds;

  /** A query thread counts its requests; what is there once in a process, the main thread counts. */
  constructor(version: string, { isMain = true }: { readonly isMain?: boolean } = {}) {
    const registers = [this.registry];
    if (isMain) this.#describeProcess(version);
    this.#requestSeconds = new Histogram({
      name: 'nightjar_request_seconds',
      help: 'Time from a request to the end of its answer',
      labelNames: ['face', 'route', 'code'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.#answerRows = new Histogram({
      name: 'nightjar_answer_rows',
      help: 'Rows of one answer',
      labelNames: ['face', 'route'],
      buckets: ANSWER_ROWS,
      registers,
    });
    this.#ingestRows = new Counter({
      name: 'nightjar_ingest_rows_total',
      help: 'Rows that came in, by what became of them',
      labelNames: ['face', 'result'],
      registers,
    });
    this.#ingestSeconds = new Histogram({
      name: 'nightjar_ingest_batch_seconds',
      help: 'Time from a decoded batch to its acknowledgement',
      labelNames: ['face'],
      buckets: REQUEST_SECONDS,
      registers,
    });
    this.#evictedRows = new Counter({ name: 'nightjar_evicted_rows_total', help: 'Rows forgotten with their night', registers });
    this.#logSyncSeconds = new Histogram({
      name: 'nightjar_log_sync_seconds',
      help: 'Time to sync the log of the memory store to disk',
      buckets: REQUEST_SECONDS,
      registers,
    });
  }

  #describeProcess(version: string): void {
    collectDefaultMetrics({ register: this.registry });
    const build = { name: 'nightjar_build_info', help: 'Always 1; the version is a label', labelNames: ['version', 'node'] as const };
    new Gauge({ ...build, registers: [this.registry] }).set({ version, node: process.version }, 1);
  }

  observeRequest(face: Face, route: string, code: string, seconds: number): void {
    this.#requestSeconds.observe({ face, route, code }, seconds);
  }

  observeRows(face: Face, route: string, rows: number): void {
    this.#answerRows.observe({ face, route }, rows);
  }

  observeIngest(face: Face, counts: IngestCounts, seconds: number): void {
    this.#ingestRows.inc({ face, result: 'accepted' }, counts.accepted);
    this.#ingestRows.inc({ face, result: 'duplicate' }, counts.duplicates);
    this.#ingestRows.inc({ face, result: 'rejected' }, counts.rejected);
    this.#ingestSeconds.observe({ face }, seconds);
  }

  observeEviction(rows: number): void {
    this.#evictedRows.inc(rows);
  }

  observeLogSync(seconds: number): void {
    this.#logSyncSeconds.observe(seconds);
  }

  /** Asks the store at each scrape, once for all of its gauges; a store that is away leaves them as they were. */
  watchStore(store: DetectionStore): void {
    let asked: Promise<StoreSummary | null> | null = null;
    const summary = (): Promise<StoreSummary | null> =>
      (asked ??= store
        .summary()
        .catch(() => null)
        .finally(() => setImmediate(() => (asked = null))));
    const registers = [this.registry];
    const gauge = (name: string, help: string, valueOf: (summary: StoreSummary) => number): Gauge =>
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          const found = await summary();
          if (found !== null) this.set(valueOf(found));
        },
      });
    gauge('nightjar_store_rows', 'Detections in the store', ({ detections }) => detections);
    gauge('nightjar_store_objects', 'Objects in the store', ({ objects }) => objects);
    gauge('nightjar_store_bytes', 'Memory that the store says it uses', ({ bytesUsed }) => bytesUsed);
    gauge('nightjar_store_limit_bytes', 'Memory at which the store refuses rows; 0 without a limit', ({ bytesLimit }) => bytesLimit ?? 0);
    if (hasLiveSky(store)) {
      const count = (what: keyof LiveSkyCounts, help: string): Gauge =>
        new Gauge({
          name: `nightjar_live_sky_${what}_rows`,
          help,
          registers,
          collect() {
            this.set(store.liveSky[what]);
          },
        });
      count('waiting', 'Rows that wait for Tile38');
      count('sent', 'Rows that Tile38 took since the start');
      count('refused', 'Rows that were too old for the live sky since the start');
      count('dropped', 'Rows lost to the live sky since the start, never to the store itself');
    }
    new Gauge({
      name: 'nightjar_store_up_count',
      help: '1 while the store answers, else 0',
      registers,
      async collect() {
        this.set((await summary()) === null ? 0 : 1);
      },
    });
  }

  /** What one thread counted, in a form that goes through a MessagePort. */
  async counted(): Promise<MetricObject[]> {
    return await this.registry.getMetricsAsJSON();
  }

  /** The Prometheus page: this thread's numbers with those of other threads added. */
  async text(others: readonly MetricObject[][] = []): Promise<string> {
    if (others.length === 0) return this.registry.metrics();
    const own = await this.counted();
    return AggregatorRegistry.aggregate([own, ...others]).metrics();
  }
}
