// The only place where the parts meet: store, ingest, query, both faces, metrics. Starts in that order and
// stops in the other: first nothing new comes in, then what was taken is finished, then the store closes.

import type { FastifyInstance } from 'fastify';
import { ingestService } from '../ingest/grpc/ingestService.ts';
import { ingestDetections, type IngestReport } from '../ingest/ingestDetections.ts';
import { decodeBody } from '../ingest/rest/decodeBody.ts';
import packageJson from '../package.json' with { type: 'json' };
import { queryService } from '../query/grpc/queryService.ts';
import { buildApp } from '../query/rest/app.ts';
import { localAddress, localUrl } from './cli/localUrl.ts';
import type { Config } from './config.ts';
import { buildGrpcServer, type GrpcServer } from './contract/grpcServer.ts';
import type { CallReport } from './contract/grpcCalls.ts';
import { AppError } from './errors.ts';
import { shownUrl, type Log } from './log.ts';
import { Metrics, type Face } from './metrics.ts';
import type { DetectionColumns } from './model/columns.ts';
import { taiOfUtc } from './sky/time.ts';
import { openStore } from './store/openStore.ts';
import type { DetectionStore, RejectedRow } from './store/store.ts';
import { restLimits, restMetrics } from './restDeps.ts';
import { QueryThreads } from './threads/queryThreads.ts';

export const VERSION = packageJson.version;

export interface Service {
  readonly restUrl: string;
  /** host:port */
  readonly grpcAddress: string;
  readonly store: DetectionStore;
  /** Finishes what was acknowledged, then lets go of everything. */
  stop(): Promise<void>;
}

type Ingest = (columns: DetectionColumns, rejected?: readonly RejectedRow[], rows?: Uint32Array | null) => Promise<IngestReport>;

const EVICTION_INTERVAL_MS = 10 * 60 * 1000;
const UNIX_EPOCH_MJD = 40_587;
const MS_PER_DAY = 86_400_000;

/** Resolves when both faces answer. `store` is for tests; without it the settings say which. */
export async function startService(config: Config, log: Log, given?: DetectionStore): Promise<Service> {
  const start = performance.now();
  const metrics = new Metrics(VERSION);
  const store =
    given ??
    (await openStore(config, {
      log,
      onLogSync: (seconds) => {
        metrics.observeLogSync(seconds);
      },
    }));
  const undo: (() => Promise<void>)[] = [() => store.close()];
  try {
    metrics.watchStore(store);
    const evictions = await startEvictions(config, store, metrics, log);
    undo.push(() => {
      clearInterval(evictions);
      return Promise.resolve();
    });
    const state = { isStopping: false };
    const rest = await startRest(config, log, metrics, store, state);
    undo.push(() => rest.stop());
    const grpc = grpcServer(config, store, metrics, log);
    undo.push(() => grpc.drain(0));
    const grpcPort = await grpc.listen(config.host, config.grpcPort);
    const restUrl = localUrl(config.host, rest.port);
    const grpcAddress = localAddress(config.host, grpcPort);
    await logReady(log, config, store, { restUrl, grpcAddress, ms: Math.round(performance.now() - start) });

    let stopped: Promise<void> | null = null;
    const stop = async (): Promise<void> => {
      state.isStopping = true;
      clearInterval(evictions);
      await Promise.all([grpc.drain(config.shutdownTimeoutMs), rest.stop()]);
      await store.close();
      log.info('stopped');
    };
    return { restUrl, grpcAddress, store, stop: () => (stopped ??= stop()) };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

interface RestFace {
  readonly port: number;
  stop(): Promise<void>;
}

async function startRest(
  config: Config,
  log: Log,
  metrics: Metrics,
  store: DetectionStore,
  state: { isStopping: boolean },
): Promise<RestFace> {
  const ingest = ingestInto(store, metrics, 'rest');
  if (config.queryThreads > 0) return QueryThreads.start({ config, store, ingest, metrics, log, version: VERSION });
  const app = buildApp({
    store,
    version: VERSION,
    metrics: restMetrics(metrics, log, () => metrics.text()),
    log,
    limits: restLimits(config),
    ingest,
    decodeBody,
    notReady: () => (state.isStopping ? 'stopping' : null),
  });
  const port = await listen(app, config);
  return { port, stop: () => closeApp(app, config.shutdownTimeoutMs) };
}

async function listen(app: FastifyInstance, { host, httpPort }: Config): Promise<number> {
  try {
    await app.listen({ host, port: httpPort });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('unavailable', `cannot listen on ${localAddress(host, httpPort)} for REST: ${why}`, { cause: error });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : httpPort;
}

/** Requests under way are answered; connections that outlast the time are cut. */
async function closeApp(app: FastifyInstance, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => {
    app.server.closeAllConnections();
  }, timeoutMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
}

function grpcServer(config: Config, store: DetectionStore, metrics: Metrics, log: Log): GrpcServer {
  const onCall = ({ method, code, ms, cause }: CallReport): void => {
    metrics.observeRequest('grpc', method, code, ms / 1000);
    if (cause !== undefined) log.error({ face: 'grpc', method, code, err: cause }, 'internal error');
    else log.debug({ face: 'grpc', method, code, ms }, 'request');
  };
  return buildGrpcServer({
    ingest: ingestService(ingestInto(store, metrics, 'grpc')),
    query: queryService(store, VERSION),
    onCall,
    requestTimeoutMs: config.requestTimeoutMs,
  });
}

function ingestInto(store: DetectionStore, metrics: Metrics, face: Face): Ingest {
  return async (columns, rejected = [], rows) => {
    const start = performance.now();
    const report = await ingestDetections(store, columns, rejected, rows);
    const { accepted, duplicates } = report;
    metrics.observeIngest(face, { accepted, duplicates, rejected: report.rejected.length }, (performance.now() - start) / 1000);
    return report;
  };
}

/** Forgets the nights that ended more than windowNights ago by the clock of the machine: once before anybody asks, then now and then. */
async function startEvictions(config: Config, store: DetectionStore, metrics: Metrics, log: Log): Promise<NodeJS.Timeout | undefined> {
  const { windowNights } = config;
  if (windowNights === 0) return undefined;
  const evict = async (): Promise<void> => {
    const nowMjdUtc = UNIX_EPOCH_MJD + Date.now() / MS_PER_DAY;
    try {
      const rows = await store.evictBefore(taiOfUtc(nowMjdUtc - windowNights));
      metrics.observeEviction(rows);
      if (rows > 0) log.info({ rows, windowNights }, 'forgot the detections of old nights');
    } catch (error) {
      log.warn({ err: error }, 'old nights could not be forgotten, trying again later');
    }
  };
  await evict();
  return setInterval(() => void evict(), EVICTION_INTERVAL_MS).unref();
}

async function logReady(
  log: Log,
  config: Config,
  store: DetectionStore,
  urls: { restUrl: string; grpcAddress: string; ms: number },
): Promise<void> {
  const { engine, detections, durability, recovery } = await store.summary();
  const where = {
    memory: { dataDir: config.dataDir },
    redis: { redis: shownUrl(config.redisUrl), ...(config.tile38Url !== '' && { tile38: shownUrl(config.tile38Url) }) },
    tile38: { tile38: shownUrl(config.tile38Url) },
  }[config.store];
  log.info(
    {
      version: VERSION,
      rest: urls.restUrl,
      grpc: urls.grpcAddress,
      store: engine,
      ...where,
      detections,
      durability,
      recovery,
      ms: urls.ms,
    },
    'ready',
  );
}
