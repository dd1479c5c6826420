// Threads that answer REST, all on one port (SO_REUSEPORT: the system spreads the connections). With the memory
// store they read the shared memory beside this thread, which alone writes: a POST in one of them is decoded
// there and comes here as bytes. With Redis and Tile38 each has its own connection.

import { createServer, type AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { MetricObject } from 'prom-client';
import type { IngestReport } from '../../ingest/ingestDetections.ts';
import type { Config } from '../config.ts';
import { columnsOfBatch } from '../contract/detectionMessage.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { DetectionColumns } from '../model/columns.ts';
import type { SharedHandle } from '../store/memory/memoryStore.ts';
import type { DetectionStore } from '../store/store.ts';
import { Peer } from './peer.ts';
import type { ThreadStart } from './queryThread.ts';

export interface QueryThreadsDeps {
  readonly config: Config;
  readonly store: DetectionStore;
  readonly ingest: (columns: DetectionColumns) => Promise<IngestReport>;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly version: string;
}

/** Opening a store of its own and compiling the sources; generous, for a busy machine. */
const START_TIMEOUT_MS = 60_000;
/** A thread that is busy longer is left out of one scrape. */
const COUNT_TIMEOUT_MS = 1000;

interface QueryThread {
  readonly worker: Worker;
  readonly peer: Peer;
}

export class QueryThreads {
  readonly port: number;
  readonly #deps: QueryThreadsDeps;
  readonly #threads: QueryThread[] = [];
  #isStopping = false;

  static async start(deps: QueryThreadsDeps): Promise<QueryThreads> {
    const { config } = deps;
    const threads = new QueryThreads(deps, await freePort(config.host, config.httpPort));
    try {
      const start = await threadStart(deps, threads.port);
      await Promise.all(Array.from({ length: config.queryThreads }, () => threads.#add(start)));
    } catch (error) {
      await threads.stop();
      throw error;
    }
    return threads;
  }

  private constructor(deps: QueryThreadsDeps, port: number) {
    this.#deps = deps;
    this.port = port;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    const { shutdownTimeoutMs } = this.#deps.config;
    await Promise.all(
      this.#threads.map(async ({ worker, peer }) => {
        try {
          await peer.ask('stop', null, { timeoutMs: shutdownTimeoutMs + 1000 });
        } catch (error) {
          this.#deps.log.warn({ err: error }, 'a query thread did not stop in time');
        }
        await worker.terminate();
      }),
    );
  }

  async #add(start: ThreadStart): Promise<void> {
    const { log, ingest } = this.#deps;
    const worker = new Worker(new URL('queryThread.ts', import.meta.url), { workerData: start });
    const peer = new Peer(worker, {
      ingest: (bytes: Uint8Array) => ingest(columnsOfBatch(bytes).columns),
      metrics: () => this.#metricsText(),
    });
    this.#threads.push({ worker, peer });
    // An exception that nobody caught ends the process here as it would in the main thread.
    worker.on('error', (error) => {
      log.error({ err: error }, 'a query thread failed');
      throw error;
    });
    worker.on('exit', (code) => {
      peer.close('the query thread has ended');
      if (!this.#isStopping) throw new AppError('internal', `a query thread ended by itself with ${code}`);
    });
    await peer.ask('listen', null, { timeoutMs: START_TIMEOUT_MS });
  }

  async #metricsText(): Promise<string> {
    const counted = await Promise.allSettled(this.#threads.map(({ peer }) => peer.ask('count', null, { timeoutMs: COUNT_TIMEOUT_MS })));
    const others = counted.flatMap((it) => (it.status === 'fulfilled' ? [it.value as MetricObject[]] : []));
    return this.#deps.metrics.text(others);
  }
}

async function threadStart({ config, store, version }: QueryThreadsDeps, port: number): Promise<ThreadStart> {
  const { durability, recovery } = await store.summary();
  return { config: { ...config, httpPort: port }, version, durability, recovery, memory: isShared(store) ? store.share() : null };
}

/** The memory store: other threads can read what it holds. */
function isShared(store: DetectionStore): store is DetectionStore & { share(): SharedHandle } {
  return 'share' in store;
}

/**
 * The port to share. Bound once without sharing: SO_REUSEPORT alone would let a second service take half of
 * the connections of the first, without an error.
 */
function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      reject(new AppError('unavailable', `cannot listen on ${host}:${port} for REST: ${error.message}`, { cause: error }));
    });
    probe.listen(port, host, () => {
      const bound = (probe.address() as AddressInfo).port;
      probe.close(() => {
        resolve(bound);
      });
    });
  });
}
