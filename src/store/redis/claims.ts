// Stage 1 of put(): the ids of a chunk are claimed for the places of its rows.

import { AppError } from '../../errors.ts';
import { PLACE_BYTES, type Chunk } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { MsgpackSink } from './msgpack.ts';
import { runScript } from './scripts.ts';
import { CALL_ROWS, grouped } from './shardCall.ts';

const OUT = new MsgpackSink(8192);
const PLACE = Buffer.alloc(PLACE_BYTES);

/**
 * Claims the id of every row, or of these. Where an id was claimed before, chunk.known says for which place. Rows of one id
 * are claimed in their order: they share a tag, and its calls go one after the other.
 */
export async function claimIds({ writes, keys, layout }: RedisContext, chunk: Chunk, which?: readonly number[]): Promise<void> {
  const all = which ?? Array.from({ length: chunk.rows }, (_, i) => i);
  const calls: { tag: number; rows: number[]; message: Buffer }[] = [];
  for (const [tag, members] of grouped(all, (i) => Math.floor(chunk.bucket[i] / layout.idBuckets))) {
    for (let from = 0; from < members.length; from += CALL_ROWS) {
      const byBucket = grouped(members.slice(from, from + CALL_ROWS), (i) => chunk.bucket[i] % layout.idBuckets);
      OUT.length = 0;
      OUT.list(3 * byBucket.size);
      for (const [bucket, rows] of byBucket) {
        OUT.integer(bucket);
        OUT.list(rows.length);
        for (const i of rows) OUT.binary(chunk.ids.bytes, chunk.idAt[i], chunk.idAt[i + 1]);
        OUT.list(rows.length);
        for (const i of rows) {
          chunk.writePlace(i, PLACE, 0);
          OUT.binary(PLACE);
        }
      }
      calls.push({ tag, rows: [...byBucket.values()].flat(), message: OUT.copyOut() });
    }
  }
  await Promise.all(
    calls.map(async ({ tag, rows, message }) => {
      try {
        const known = await writes.ask((redis) => runScript(redis, 'claimIds', [keys.ids(tag)], [message]));
        if (!Array.isArray(known)) throw new AppError('internal', 'claimIds.lua returned no list');
        for (let k = 0; k < known.length; k += 2) chunk.known[rows[Number(known[k])]] = known[k + 1] as Buffer;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'resource_exhausted') throw error;
        for (const i of rows) chunk.reject(i, 'resource_exhausted', error.message);
      }
    }),
  );
}
