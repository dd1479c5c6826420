// The shards' object logs that this process keeps, read from Redis when needed and bounded in bytes; and the
// association of rows with their objects.

import { LocalFrame } from './localFrame.ts';
import { smallConeCover } from '../../sky/healpix/cover.ts';
import { DEG_PER_RAD, RAD_PER_DEG } from '../../sky/angle.ts';
import { chordSqOf } from '../../sky/cone.ts';
import { compareSourceIds } from '../../model/ids.ts';
import type { RedisKeys } from '../keys.ts';
import type { ObjectRef } from '../packedRow.ts';
import type { RedisClient } from '../redisClient.ts';
import type { Chunk } from './chunk.ts';
import type { Layout } from './layout.ts';
import type { Names } from './names.ts';
import { NearestObject, ObjectLog } from './objectLog.ts';
import { runScript } from './scripts.ts';

export interface ShardState {
  /** Empty before the first object. */
  readonly token: string;
  readonly generation: number;
  readonly rows: number;
  readonly objects: number;
  readonly mjdTaiFirst: number;
  readonly mjdTaiLast: number;
}

const ALL_BYTES = 48;
const ZERO_TOKEN = '\0'.repeat(8);

/** Reads the field `all` of a shard's statistics (lua/putShard.lua). */
export function shardStateOf(all: Buffer | null): ShardState {
  if (all?.length !== ALL_BYTES) return { token: '', generation: 0, rows: 0, objects: 0, mjdTaiFirst: Infinity, mjdTaiLast: -Infinity };
  const token = all.toString('latin1', 0, 8);
  return {
    token: token === ZERO_TOKEN ? '' : token,
    generation: all.readDoubleLE(8),
    rows: all.readDoubleLE(16),
    objects: all.readDoubleLE(24),
    mjdTaiFirst: all.readDoubleLE(32),
    mjdTaiLast: all.readDoubleLE(40),
  };
}

/** What became of a row in association. */
export type Association = 'joined' | 'founded' | 'found again' | 'wait';

const CELLS = new Float64Array(12);

export class ObjectLogs {
  readonly #client: RedisClient;
  readonly #keys: RedisKeys;
  readonly #layout: Layout;
  readonly #maxBytes: number;
  /** Told when a log was rewritten by an eviction: what was known of its nights and names is void. */
  readonly #onRewritten: () => void;
  readonly #logs = new Map<number, ObjectLog>();
  readonly #best: NearestObject;
  #bytes = 0;
  #clock = 0;

  constructor(client: RedisClient, keys: RedisKeys, layout: Layout, names: Names, maxBytes: number, onRewritten: () => void) {
    this.#client = client;
    this.#keys = keys;
    this.#layout = layout;
    this.#maxBytes = maxBytes;
    this.#onRewritten = onRewritten;
    this.#best = new NearestObject((a, b) => isRefBefore(a, b, names));
  }

  /** The log of a shard; read it (`know`) before use. */
  of(shard: number): ObjectLog {
    let log = this.#logs.get(shard);
    if (log === undefined) {
      log = new ObjectLog(new LocalFrame(this.#layout.shardOrder, shard), this.#layout.reachArcsec / 3600);
      this.#logs.set(shard, log);
      this.#bytes += log.memoryBytes;
    }
    log.lastUse = ++this.#clock;
    return log;
  }

  /**
   * Makes sure that the logs which these rows need are known. Logs of neighbouring shards are read up to
   * their present end: nothing will tell when those have grown.
   */
  async know(chunk: Chunk, rows: readonly number[]): Promise<void> {
    const own = new Set<number>();
    const neighbours = new Set<number>();
    for (const i of rows) {
      own.add(chunk.shard[i]);
      const n = this.#shardsRound(chunk, i);
      for (let k = 0; k < n; k++) if (CELLS[k] !== chunk.shard[i]) neighbours.add(CELLS[k]);
    }
    const toRead = [...neighbours, ...[...own].filter((shard) => !neighbours.has(shard) && !this.of(shard).isKnown)];
    await Promise.all(toRead.map((shard) => this.#read(shard)));
  }

  /** Reads a log, or what it has grown by. Takes off what is not confirmed. */
  async #read(shard: number): Promise<void> {
    const log = this.of(shard);
    log.rollBack();
    const keys = [this.#keys.stats(shard), this.#keys.objectLog(shard)];
    const before = log.memoryBytes;
    for (;;) {
      const from = log.isKnown ? log.bytes : 0;
      const reply = (await this.#client.ask((redis) => runScript(redis, 'readObjects', keys, [String(from)]))) as [Buffer | null, Buffer];
      const state = shardStateOf(reply[0]);
      const wasRewritten = log.wasRead && state.generation !== log.generation;
      if (wasRewritten) this.#onRewritten();
      log.generation = state.generation;
      log.wasRead = true;
      if (wasRewritten && log.isKnown) {
        log.clear();
        continue;
      }
      if (!log.isKnown) log.clear();
      log.append(reply[1]);
      log.token = state.token;
      log.isKnown = true;
      break;
    }
    this.#bytes += log.memoryBytes - before;
  }

  /** After a refused or lost write. */
  distrust(shard: number): void {
    this.of(shard).clear();
  }

  /** Forgets everything. */
  reset(): void {
    this.#logs.clear();
    this.#bytes = 0;
  }

  /** Drops the logs used longest ago beyond the bound. Only between chunks: no row may refer to them. */
  trim(): void {
    if (this.#bytes <= this.#maxBytes) return;
    let bytes = 0;
    for (const log of this.#logs.values()) bytes += log.memoryBytes;
    const byUse = [...this.#logs].sort((a, b) => a[1].lastUse - b[1].lastUse);
    for (const [shard, log] of byUse) {
      if (bytes <= this.#maxBytes / 2) break;
      bytes -= log.memoryBytes;
      this.#logs.delete(shard);
    }
    this.#bytes = bytes;
    // With a log goes the knowledge of its generation.
    this.#onRewritten();
  }

  /**
   * Associates one row by the rules of the model: the nearest object within the radius, ties to the smaller
   * id; else the row founds one, which later rows of this process see at once. `wait`: it would join an
   * object of another shard that Redis has not taken yet.
   */
  associate(chunk: Chunk, i: number): Association {
    const best = this.#best;
    best.reset();
    const self = chunk.ownRef(i);
    const at = chunk.xyz.subarray(3 * i, 3 * i + 3);
    const mjdTai = chunk.mjdTai(i);
    const chordSq = chordSqOf(chunk.radiusRad(i));
    const own = this.of(chunk.shard[i]);
    const n = this.#shardsRound(chunk, i);
    const promised = chunk.promised[i];
    if (promised !== null) {
      chunk.promised[i] = null;
      for (let k = 0; k < n; k++) {
        const log = this.of(CELLS[k]);
        const index = log.find(at, promised);
        if (index < 0 || index >= log.confirmed) continue;
        chunk.object[i] = log.objectAt(index);
        return 'joined';
      }
    }
    for (let k = 0; k < n; k++) this.of(CELLS[k]).nearest(at, chordSq, self, mjdTai, best);
    if (best.log !== null) {
      const object = best.log.objectAt(best.index);
      if (best.log !== own && best.index >= best.log.confirmed) {
        chunk.promised[i] = object;
        return 'wait';
      }
      chunk.object[i] = object;
      return 'joined';
    }
    chunk.object[i] = null;
    if (best.own) return 'found again';
    own.add(chunk.founded(i));
    return 'founded';
  }

  /** Writes the shards within the row's radius to CELLS; returns how many. */
  #shardsRound(chunk: Chunk, i: number): number {
    const { shardOrder } = this.#layout;
    const cover = smallConeCover(chunk.raDeg(i) * RAD_PER_DEG, chunk.decDeg(i) * RAD_PER_DEG, chunk.radiusRad(i), shardOrder, CELLS);
    // Radii stay far below the size of a shard.
    if (cover.order !== shardOrder)
      throw new RangeError(`association radius of ${String(chunk.radiusRad(i) * DEG_PER_RAD)} deg is too large`);
    return cover.n;
  }
}

/** Order of objects: by survey, then by source id. */
function isRefBefore(a: ObjectRef, b: ObjectRef, names: Names): boolean {
  const surveyA = names.surveys.names[a.survey];
  const surveyB = names.surveys.names[b.survey];
  if (surveyA !== surveyB) return surveyA < surveyB;
  return compareSourceIds(a.idText ?? a.id.toString(), b.idText ?? b.id.toString()) < 0;
}
