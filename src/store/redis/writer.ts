// put(): rows go in by chunks of up to 1,000, from one or more waiting batches, in two stages. While one
// chunk is written the next one claims its ids.
//
//   1 claim   the id index takes each id for the place (pixel, night) of its row; the first claim holds
//   2 write   rounds until no row is left: look at the stored rows of ids that were claimed before (equal:
//             duplicate, other: rejected); associate the others; names of objects and the night index;
//             then one atomic script a shard and at most 100 rows (lua/putShard.lua)
//
// A crash between any two steps leaves only claims and index entries that lead to no row, which no reader
// shows. The same batch again finds its own claims, sees no row there, and writes it. Another content for such
// an id waits a moment for the row, then takes the claim over (examine.ts).
//
// Association is decided here, from a copy of the shard's object log, and holds only if the script finds the
// log's token unchanged; else the copy is read anew and the row is associated again. So within a shard any
// number of processes associate as one would. At a border a row also looks at the neighbour's log, read just
// before, and joins only what is confirmed there. What remains: two processes that at the same moment found
// two objects less than a radius apart on both sides of a border make two objects out of one. Each row still
// stands once, with one object, and every reader sees the same.

import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { AppError } from '../../errors.ts';
import type { DetectionColumns } from '../../model/columns.ts';
import { eastLongitudeDegOf } from '../../model/stations.ts';
import { RAD_PER_ARCSEC } from '../../sky/angle.ts';
import { floatColumnsOf } from '../packedRow.ts';
import type { PutSummary } from '../store.ts';
import { claimIds } from './claims.ts';
import { Chunk, PENDING, type PutJob } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { examineKnown } from './examine.ts';
import { indexNights, indexObjectNames } from './indexes.ts';
import { runScript } from './scripts.ts';
import { CALL_ROWS, grouped, shardCallOf, type ShardCall } from './shardCall.ts';

/** Rounds that a chunk may take before its rows are given back as not written. */
const MAX_ROUNDS = 200;
/** Pause before looking again for a row that another process is about to write. */
const LOOK_AGAIN_MS = 20;
const MAX_WAITING_ROWS = 1_000_000;

export interface AssociationRadii {
  readonly defaultArcsec: number;
  readonly bySurvey: Readonly<Record<string, number>>;
}

export class Writer {
  readonly #context: RedisContext;
  readonly #radii: AssociationRadii;
  readonly #queue: PutJob[] = [];
  readonly #tokenHead = randomBytes(4).toString('latin1');
  #tokens = 0;
  #waitingRows = 0;
  #isPumping = false;
  #pumping: Promise<void> = Promise.resolve();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(context: RedisContext, radii: AssociationRadii) {
    this.#context = context;
    this.#radii = radii;
  }

  async put(batch: DetectionColumns): Promise<PutSummary> {
    if (batch.length === 0) return { accepted: 0, duplicates: 0, rejected: [], unassociated: [] };
    if (this.#waitingRows > 0 && this.#waitingRows + batch.length > MAX_WAITING_ROWS) {
      throw new AppError('resource_exhausted', `${String(this.#waitingRows)} rows already wait to be written to Redis`);
    }
    this.#waitingRows += batch.length;
    try {
      const job = await this.#jobOf(batch);
      await new Promise<void>((resolve, reject) => {
        job.resolve = resolve;
        job.reject = reject;
        this.#queue.push(job);
        if (!this.#isPumping) this.#pumping = this.#pump();
      });
      job.rejected.sort((a, b) => a.row - b.row);
      job.unassociated.sort((a, b) => a - b);
      return { accepted: job.accepted, duplicates: job.duplicates, rejected: job.rejected, unassociated: job.unassociated };
    } finally {
      this.#waitingRows -= batch.length;
    }
  }

  /** Resolves when nothing is being written. */
  async idle(): Promise<void> {
    await this.#pumping;
  }

  async #jobOf(batch: DetectionColumns): Promise<PutJob> {
    const names = await this.#context.names.numbersOf(batch);
    const { defaultArcsec, bySurvey } = this.#radii;
    return {
      columns: batch,
      names,
      floats: floatColumnsOf(batch),
      longitudes: Float64Array.from(batch.stations.names, (name) => eastLongitudeDegOf(name) ?? 0),
      radii: Float64Array.from(
        batch.surveys.names,
        (name) => (Object.hasOwn(bySurvey, name) ? bySurvey[name] : defaultArcsec) * RAD_PER_ARCSEC,
      ),
      nextRow: 0,
      rowsLeft: batch.length,
      accepted: 0,
      duplicates: 0,
      rejected: [],
      unassociated: [],
      isFailed: false,
      resolve: () => undefined,
      reject: () => undefined,
    };
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#queue.length > 0) {
        const chunk = new Chunk(this.#queue, this.#context.layout);
        if (chunk.rows === 0) continue;
        const claimed = claimIds(this.#context, chunk).then(
          () => null,
          (error: unknown) => asError(error),
        );
        await this.#lastWrite;
        this.#lastWrite = claimed
          .then(async (failure) => {
            if (failure !== null) throw failure;
            await this.#write(chunk);
          })
          .catch((error: unknown) => {
            chunk.fail(error);
          });
        // The reader of the same process gets its turn between chunks.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      this.#isPumping = false;
    }
    await this.#lastWrite;
  }

  async #write(chunk: Chunk): Promise<void> {
    const { logs } = this.#context;
    logs.trim();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const waiting = await examineKnown(this.#context, chunk);
      const rows: number[] = [];
      for (let i = 0; i < chunk.rows; i++) if (chunk.state[i] === PENDING && !waiting.has(i)) rows.push(i);
      if (rows.length === 0) {
        if (waiting.size === 0) return;
        await setTimeout(LOOK_AGAIN_MS);
        continue;
      }
      await logs.know(chunk, rows);
      const calls = this.#callsOf(chunk, rows);
      await Promise.all([indexObjectNames(this.#context, chunk, calls), indexNights(this.#context, chunk, calls)]);
      await this.#send(chunk, calls);
    }
    throw new AppError(
      'unavailable',
      `rows of one chunk were refused ${String(MAX_ROUNDS)} times, other processes write to the same places`,
    );
  }

  /** Associates the rows in order and packs them into calls. No await in here: the logs must not move. */
  #callsOf(chunk: Chunk, rows: readonly number[]): ShardCall[] {
    const { logs, layout } = this.#context;
    const founding = new Set<number>();
    const ready: number[] = [];
    for (const i of rows) {
      const outcome = logs.associate(chunk, i);
      if (outcome === 'wait') continue;
      if (outcome === 'founded') founding.add(i);
      ready.push(i);
    }
    const calls: ShardCall[] = [];
    for (const [shard, members] of grouped(ready, (i) => chunk.shard[i])) {
      const log = logs.of(shard);
      let token = log.token;
      for (let from = 0; from < members.length; from += CALL_ROWS) {
        const part = members.slice(from, from + CALL_ROWS);
        const founders = part.filter((i) => founding.has(i));
        const call = shardCallOf(chunk, log, shard, part, founders, token, this.#newToken(), layout.blocksPerShard);
        token = call.tokenAfter;
        calls.push(call);
      }
    }
    return calls;
  }

  async #send(chunk: Chunk, calls: readonly ShardCall[]): Promise<void> {
    const { writes, keys } = this.#context;
    const replies = await Promise.allSettled(
      calls.map((call) => writes.ask((redis) => runScript(redis, 'putShard', [keys.stats(call.shard)], [call.message]))),
    );
    const failures: Error[] = [];
    replies.forEach((reply, c) => {
      const call = calls[c];
      if (reply.status === 'fulfilled') {
        this.#settle(chunk, call, reply.value);
        return;
      }
      this.#context.logs.distrust(call.shard);
      const error = asError(reply.reason);
      if (error instanceof AppError && error.code === 'resource_exhausted') {
        for (const i of call.rows) chunk.reject(i, 'resource_exhausted', error.message);
      } else {
        failures.push(error);
      }
    });
    if (failures.length > 0) throw failures[0];
  }

  #settle(chunk: Chunk, call: ShardCall, reply: unknown): void {
    const { logs } = this.#context;
    const log = logs.of(call.shard);
    if (reply === 0) {
      const founding = new Set(call.founding);
      // A row that found its own outlived object again also has no other: null, and it joined nobody.
      for (const i of call.rows) chunk.accept(i, founding.has(i) || chunk.object[i] === null);
      if (call.founding.length > 0 && log.isKnown) {
        log.confirmed += call.founding.length;
        log.bytes += call.logBytes;
        log.token = call.tokenAfter;
      }
      return;
    }
    logs.distrust(call.shard);
    if (!Array.isArray(reply)) return;
    for (const index of reply) chunk.inDoubt[call.rows[Number(index)]] = 1;
  }

  #newToken(): string {
    this.#tokens = (this.#tokens + 1) % 2 ** 32;
    const count = Buffer.alloc(4);
    count.writeUInt32LE(this.#tokens);
    return this.#tokenHead + count.toString('latin1');
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
