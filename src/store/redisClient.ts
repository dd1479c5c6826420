// A connection to Redis, Valkey or Tile38 with deadlines, a bounded number of commands in flight and the
// project's errors. It never queues for a server that is away: a command then fails at once with
// `unavailable`, and the connection comes back by itself.

import { Redis } from 'ioredis';
import { AppError } from '../errors.ts';

export interface RedisClientOptions {
  /** `redis://host:port/db`, `rediss://…`, `unix:///path` or `/path`. */
  readonly url: string;
  /** What error messages call the server. */
  readonly server: string;
  readonly commandTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Asks that may wait for an answer at a time; more than eight times as many waiting is refused. */
  readonly maxInFlight?: number;
  /** Runs whenever the connection is (again) ready: what was known about the server may be wrong now. */
  readonly onReady?: () => void;
  readonly onLost?: (error: Error) => void;
}

const DEFAULT_TIMEOUT_MS = 5000;
const DEFAULT_MAX_IN_FLIGHT = 256;
const MAX_RECONNECT_DELAY_MS = 1000;

export class RedisClient {
  readonly redis: Redis;
  readonly #options: RedisClientOptions;
  readonly #maxInFlight: number;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #lastError: Error | null = null;
  #isClosed = false;
  #isGathering = false;

  /** Connects; throws `unavailable` when no server answers within the time. */
  static async connect(options: RedisClientOptions): Promise<RedisClient> {
    const client = new RedisClient(options);
    try {
      await client.redis.connect();
    } catch (error) {
      client.redis.disconnect();
      throw client.#translated(error);
    }
    return client;
  }

  private constructor(options: RedisClientOptions) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT;
    const common = {
      lazyConnect: true,
      // Tile38 refuses HELLO 3, and the adapters want plain arrays.
      protocol: 2 as const,
      disableClientInfo: true,
      connectTimeout: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      commandTimeout: options.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      enableOfflineQueue: false,
      enableReadyCheck: options.server !== 'tile38',
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), MAX_RECONNECT_DELAY_MS),
    };
    const path = socketPathOf(options.url);
    this.redis = path === null ? new Redis(options.url, common) : new Redis({ ...common, path });
    this.redis.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.redis.on('close', () => {
      if (!this.#isClosed) options.onLost?.(this.#lastError ?? new Error('connection closed'));
    });
    this.redis.on('ready', () => options.onReady?.());
  }

  get isReady(): boolean {
    return this.redis.status === 'ready';
  }

  /** Runs commands within the bound on those in flight; throws AppErrors only. */
  async ask<T>(send: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#inFlight >= this.#maxInFlight) {
      if (this.#waiting.length >= 8 * this.#maxInFlight) {
        throw new AppError('resource_exhausted', `${String(this.#waiting.length)} requests already wait for ${this.#options.server}`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#inFlight++;
    }
    this.#gatherWrites();
    try {
      return await send(this.redis);
    } catch (error) {
      throw this.#translated(error);
    } finally {
      // The place goes straight to the next who waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#inFlight--;
      else next();
    }
  }

  /** All commands of one turn of the event loop leave in one system call; ioredis makes one of each. */
  #gatherWrites(): void {
    if (this.#isGathering || !this.isReady) return;
    this.#isGathering = true;
    const { stream } = this.redis;
    stream.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      stream.uncork();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.redis.disconnect();
  }

  #translated(error: unknown): AppError {
    if (error instanceof AppError) return error;
    const message = error instanceof Error ? error.message : String(error);
    const { server, url } = this.#options;
    const at = `${server} at ${shownUrl(url)}`;
    if (message.includes('Command timed out')) {
      const ms = String(this.#options.commandTimeoutMs ?? DEFAULT_TIMEOUT_MS);
      return new AppError('deadline_exceeded', `${at} did not answer within ${ms} ms`, { cause: error });
    }
    // A script that hits the limit wraps Redis' own OOM message.
    if (/\bOOM\b/.test(message)) return new AppError('resource_exhausted', `${at} is full: ${message}`, { cause: error });
    if (isAway(message) || !this.isReady) {
      const reason = this.#lastError === null || this.isReady ? message : this.#lastError.message;
      return new AppError('unavailable', `${at} is not reachable: ${reason}`, { cause: error });
    }
    return new AppError('internal', `${at}: ${message}`, { cause: error });
  }
}

function isAway(message: string): boolean {
  return /Connection is closed|isn't writeable|ECONN|ENOENT|EPIPE|ETIMEDOUT|LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|TRYAGAIN|NOAUTH|WRONGPASS|max number of clients/.test(
    message,
  );
}

/** The path of a unix socket URL, or null where the URL names a host. */
export function socketPathOf(url: string): string | null {
  if (url.startsWith('/')) return url;
  return url.startsWith('unix://') ? url.slice('unix://'.length) : null;
}

/** The URL without user and password. */
export function shownUrl(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//');
}
