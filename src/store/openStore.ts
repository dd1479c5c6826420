// The engine that the settings name. Each is imported only when it is chosen, so that the embedded store
// needs no Redis client and the others no shared memory.

import { totalmem } from 'node:os';
import type { DetectionStore, Durability } from './store.ts';

/** The part of the settings that a store needs (config.ts). */
export interface StoreConfig {
  readonly store: 'memory' | 'redis' | 'tile38';
  /** `none`: nothing is kept on disk. */
  readonly dataDir: string;
  readonly durability: Durability;
  /** 0: half of what the machine, or its container, has. */
  readonly memoryLimitMb: number;
  readonly liveNights: number;
  readonly redisUrl: string;
  /** '' without Tile38. */
  readonly tile38Url: string;
  readonly associationRadii: { readonly defaultArcsec: number; readonly bySurveyArcsec: Readonly<Record<string, number>> };
  readonly requestTimeoutMs: number;
}

export interface StoreLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
}

export interface StoreHooks {
  readonly log: StoreLog;
  /** Each sync of the memory store's log to disk. */
  readonly onLogSync?: (seconds: number) => void;
}

/** Throws AppError with what is missing, such as a server that does not answer. */
export async function openStore(config: StoreConfig, hooks: StoreHooks): Promise<DetectionStore> {
  switch (config.store) {
    case 'memory':
      return openMemory(config, hooks);
    case 'redis':
      return openRedis(config, hooks);
    case 'tile38':
      return openTile38(config, hooks);
  }
}

async function openMemory(config: StoreConfig, hooks: StoreHooks): Promise<DetectionStore> {
  const { openMemoryStore } = await import('./memory/memoryStore.ts');
  const { defaultArcsec, bySurveyArcsec } = config.associationRadii;
  return openMemoryStore({
    dataDir: config.dataDir === 'none' ? null : config.dataDir,
    durability: config.durability,
    memoryLimitBytes: memoryLimitBytes(config.memoryLimitMb),
    associationRadiusArcsec: defaultArcsec,
    associationRadiusArcsecBySurvey: bySurveyArcsec,
    ...hooks,
  });
}

/** What 32-bit references to 8-byte places reach. */
const MOST_MEMORY_BYTES = 34_000_000_000;

function memoryLimitBytes(memoryLimitMb: number): number {
  if (memoryLimitMb > 0) return memoryLimitMb * 1_000_000;
  // 0 where nothing constrains the process
  const constrained = process.constrainedMemory();
  const available = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
  return Math.min(Math.floor(available / 2), MOST_MEMORY_BYTES);
}

async function openRedis(config: StoreConfig, { log }: StoreHooks): Promise<DetectionStore> {
  const { openRedisStore } = await import('./redis/redisStore.ts');
  const { defaultArcsec, bySurveyArcsec } = config.associationRadii;
  const store = await openRedisStore({
    url: config.redisUrl,
    associationRadiusArcsec: defaultArcsec,
    radiusArcsecBySurvey: bySurveyArcsec,
    commandTimeoutMs: config.requestTimeoutMs,
    log,
  });
  if (config.tile38Url === '') return store;
  try {
    const { withLiveSky } = await import('./liveSky.ts');
    return withLiveSky(store, await openTile38(config, { log }));
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openTile38(config: StoreConfig, { log }: StoreHooks): Promise<DetectionStore> {
  const { openTile38Store } = await import('./tile38/tile38Store.ts');
  const { defaultArcsec, bySurveyArcsec } = config.associationRadii;
  return openTile38Store({
    url: config.tile38Url,
    windowNights: config.liveNights,
    associationRadiusArcsec: defaultArcsec,
    radiusArcsecBySurvey: bySurveyArcsec,
    commandTimeoutMs: config.requestTimeoutMs,
    log,
  });
}
