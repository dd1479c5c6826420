// Blocks of packed rows: read, and walked row by row.

import type { RedisContext } from './context.ts';
import { grouped } from './shardCall.ts';
import { packedOf, rowLengthAt, type Packed } from '../packedRow.ts';

/** Blocks asked for in one MGET: it holds the server for about 100 us. */
export const MGET_BLOCKS = 128;

/** The blocks of these pixels in the order given, null where there is none. One MGET a shard and 128 blocks. */
export async function readBlocks({ reads, keys, layout }: RedisContext, pixels: readonly number[]): Promise<(Packed | null)[]> {
  const blocks = new Array<Packed | null>(pixels.length).fill(null);
  const shardOf = (p: number): number => Math.floor(pixels[p] / layout.blocksPerShard);
  const asks: Promise<void>[] = [];
  for (const [shard, members] of grouped([...pixels.keys()], shardOf)) {
    for (let from = 0; from < members.length; from += MGET_BLOCKS) {
      const part = members.slice(from, from + MGET_BLOCKS);
      const names = part.map((p) => keys.block(shard, pixels[p] - shard * layout.blocksPerShard));
      asks.push(
        reads
          .ask((redis) => redis.mgetBuffer(names))
          .then((found) => {
            found.forEach((bytes, k) => {
              blocks[part[k]] = bytes === null ? null : packedOf(bytes);
            });
          }),
      );
    }
  }
  await Promise.all(asks);
  return blocks;
}

/** Where each row of a block starts. */
export function* rowsOf({ view }: Packed): Generator<number> {
  for (let at = 0; at < view.byteLength; at += rowLengthAt(view, at)) yield at;
}
