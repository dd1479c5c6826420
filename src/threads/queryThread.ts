// One query thread: the REST app over a store that this thread reads by itself (queryThreads.ts starts it).

import { parentPort, workerData } from 'node:worker_threads';
import { ingestDetections, type IngestReport } from '../../ingest/ingestDetections.ts';
import { decodeBody } from '../../ingest/rest/decodeBody.ts';
import { buildApp } from '../../query/rest/app.ts';
import type { Config } from '../config.ts';
import { encodeBatch } from '../contract/detectionMessage.ts';
import { AppError } from '../errors.ts';
import { openLog } from '../log.ts';
import { Metrics } from '../metrics.ts';
import type { DetectionColumns } from '../model/columns.ts';
import { restLimits, restMetrics } from '../restDeps.ts';
import { openMemoryReader } from '../store/memory/memoryReader.ts';
import type { SharedHandle } from '../store/memory/memoryStore.ts';
import { openStore } from '../store/openStore.ts';
import type { DetectionStore } from '../store/store.ts';
import { Peer } from './peer.ts';

export interface ThreadStart {
  readonly config: Config;
  readonly version: string;
  /** What only the writing thread knows of the memory store. */
  readonly durability: string;
  readonly recovery: string | null;
  /** null: the thread opens a store of its own. */
  readonly memory: SharedHandle | null;
}

if (parentPort === null) throw new AppError('failed_precondition', 'queryThread.ts runs as a worker thread only');
const { config, version, durability, recovery, memory } = workerData as ThreadStart;
const log = openLog(config.logLevel);
const metrics = new Metrics(version, { isMain: false });
let isStopping = false;

const store = memory === null ? await openStore(config, { log }) : readerStore(memory);
const app = buildApp({
  store,
  version,
  metrics: restMetrics(metrics, log, async () => (await ask('metrics', null)) as string),
  log,
  limits: restLimits(config),
  ingest: memory === null ? ingestHere : ingestThere,
  decodeBody,
  notReady: () => (isStopping ? 'stopping' : null),
});

const peer = new Peer(parentPort, {
  async listen() {
    await app.listen({ host: config.host, port: config.httpPort, ...{ reusePort: true } });
  },
  count: () => metrics.counted(),
  async stop() {
    isStopping = true;
    const timer = setTimeout(() => {
      app.server.closeAllConnections();
    }, config.shutdownTimeoutMs);
    await app.close();
    clearTimeout(timer);
    await store.close();
  },
});

function ask(question: string, payload: unknown, transfer: ArrayBuffer[] = []): Promise<unknown> {
  return peer.ask(question, payload, { timeoutMs: config.requestTimeoutMs, transfer });
}

async function ingestHere(columns: DetectionColumns): Promise<IngestReport> {
  const start = performance.now();
  const report = await ingestDetections(store, columns);
  const { accepted, duplicates, rejected } = report;
  metrics.observeIngest('rest', { accepted, duplicates, rejected: rejected.length }, (performance.now() - start) / 1000);
  return report;
}

/** As a table: the fastest form between columns and bytes. A copy of its own, whose memory goes over without another. */
async function ingestThere(columns: DetectionColumns): Promise<IngestReport> {
  const bytes = new Uint8Array(encodeBatch(0n, columns, { asTable: true }));
  return (await ask('ingest', bytes, [bytes.buffer])) as IngestReport;
}

function readerStore(handle: SharedHandle): DetectionStore {
  const reader = openMemoryReader(handle);
  const refused = (): Promise<never> => Promise.reject(new AppError('failed_precondition', 'this thread only reads'));
  return {
    cone: (cone, query) => reader.cone(cone, query),
    region: (region, query) => reader.region(region, query),
    nearest: (at, k, query) => reader.nearest(at, k, query),
    lightCurve: (objectId, query) => reader.lightCurve(objectId, query),
    night: (night, query) => reader.night(night, query),
    detection: (survey, sourceId) => reader.detection(survey, sourceId),
    objects: (objectId) => reader.objects(objectId),
    summary: async () => ({ ...(await reader.summary()), durability, recovery }),
    put: refused,
    evictBefore: refused,
    immediate: reader,
    close: () => {
      reader.close();
      return Promise.resolve();
    },
  };
}
