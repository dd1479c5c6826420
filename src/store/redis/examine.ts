// Rows whose ids were claimed before: repeated, in conflict, or left unwritten by a crash.

import { DetectionColumns } from '../../model/columns.ts';
import { FIELDS } from '../../model/fields.ts';
import { aliasAt, floatColumnsOf, idTextAt, isSameContent, packedOf, unpackRow, type Packed } from '../packedRow.ts';
import { readBlocks, rowsOf } from './blocks.ts';
import { PENDING, PLACE_BYTES, type Chunk } from './chunk.ts';
import { claimIds } from './claims.ts';
import type { RedisContext } from './context.ts';
import { freshNames } from './rowsOut.ts';
import { runScript } from './scripts.ts';

/** How long a row is waited for that another process has claimed the id for. */
const TAKE_OVER_MS = 1000;
/** Fences outlive every put() that was begun before them. */
const FENCE_S = 3600;

/**
 * Settles the rows that stand in Redis: a duplicate where the content is the same, else rejected. Returns the
 * rows that must wait because an earlier row of the chunk has the same id. The others are free to be written:
 * known[i] is null again.
 */
export async function examineKnown(context: RedisContext, chunk: Chunk): Promise<Set<number>> {
  const waiting = new Set<number>();
  const doubted: number[] = [];
  for (let i = 0; i < chunk.rows; i++) if (chunk.state[i] === PENDING && chunk.inDoubt[i] === 1) doubted.push(i);
  if (doubted.length > 0) await claimIds(context, chunk, doubted);
  const rows: number[] = [];
  for (let i = 0; i < chunk.rows; i++) if (chunk.state[i] === PENDING && chunk.known[i] !== null) rows.push(i);
  if (rows.length === 0) return waiting;

  const first = new Map<string, number>();
  for (let i = 0; i < chunk.rows; i++) {
    if (chunk.state[i] !== PENDING) continue;
    const id = chunk.idKey(i).toString('latin1');
    if (!first.has(id)) first.set(id, i);
    else waiting.add(i);
  }
  const ready = rows.filter((i) => !waiting.has(i));
  const pixelOf = (i: number): number => chunk.known[i]?.readUInt32BE(0) ?? 0;
  const pixels = [...new Set(ready.map(pixelOf))];
  const blocks = await readBlocks(context, pixels);
  await freshNames(context, blocks);
  const content = packedOf(chunk.content.bytes);
  const found = new Map(pixels.map((pixel, p) => [pixel, { block: blocks[p], rows: blocks[p] === null ? null : rowsById(blocks[p]) }]));
  const absent: number[] = [];
  ready.forEach((i) => {
    const { block, rows: rowsThere } = found.get(pixelOf(i)) ?? { block: null, rows: null };
    const at = rowsThere?.get(idTextAt(content, chunk.contentAt[i]));
    if (block !== null && at !== undefined) {
      if (isSameContent(block, at, content, chunk.contentAt[i])) chunk.duplicate(i);
      else chunk.reject(i, 'already_exists', conflictMessage(context, chunk, i, block, at));
      return;
    }
    absent.push(i);
  });
  await Promise.all(
    absent.map(async (i) => {
      const isFree = await freePlace(context, chunk, i);
      if (isFree) chunk.known[i] = null;
      else waiting.add(i);
      chunk.inDoubt[i] = isFree ? 0 : 1;
    }),
  );
  return waiting;
}

/**
 * Whether a row whose id is claimed, but which stands nowhere, may be written now. Claimed for its own place: yes
 * (a crash left it, or its fence is old: two rows of one place are told apart by the shard itself). Claimed
 * for another place: somebody is about to write there, or died. After TAKE_OVER_MS that place is fenced off, and the
 * claim moved: a writer who only slept is then refused, looks at the claim again and finds it gone.
 */
async function freePlace({ writes, keys, layout }: RedisContext, chunk: Chunk, i: number): Promise<boolean> {
  const place = chunk.known[i];
  if (place === null) return true;
  const member = chunk.member(i, layout.blocksPerShard);
  if (chunk.isAtPlace(i, place)) {
    if (chunk.inDoubt[i] === 1) {
      const fence = Buffer.concat([Buffer.from(`${String(chunk.night[i])}:`), member]);
      await writes.ask((redis) => redis.srem(keys.fences(chunk.shard[i]), fence));
    }
    return true;
  }
  const nowMs = performance.now();
  if (chunk.waitsSinceMs[i] === 0) chunk.waitsSinceMs[i] = nowMs;
  if (nowMs - chunk.waitsSinceMs[i] < TAKE_OVER_MS) return false;
  const pixel = place.readUInt32BE(0);
  const shard = Math.floor(pixel / layout.blocksPerShard);
  member.writeUInt16BE(pixel - shard * layout.blocksPerShard);
  const fenceArgs = [String(place.readUIntBE(4, 3)), member, String(FENCE_S)];
  const isFenced = await writes.ask((redis) => runScript(redis, 'fenceId', [keys.stats(shard)], fenceArgs));
  if (isFenced !== 1) return false;
  const own = Buffer.alloc(PLACE_BYTES);
  chunk.writePlace(i, own, 0);
  const tag = Math.floor(chunk.bucket[i] / layout.idBuckets);
  const moveArgs = [String(chunk.bucket[i] % layout.idBuckets), chunk.idKey(i), place, own];
  return (await writes.ask((redis) => runScript(redis, 'moveClaim', [keys.ids(tag)], moveArgs))) === 1;
}

function rowsById(block: Packed): Map<string, number> {
  const rows = new Map<string, number>();
  for (const at of rowsOf(block)) rows.set(idTextAt(block, at), at);
  return rows;
}

/** Says which field differs. */
function conflictMessage({ names }: RedisContext, chunk: Chunk, i: number, block: Packed, at: number): string {
  const { columns } = chunk.job[i];
  const row = chunk.jobRow[i];
  const stored = new DetectionColumns(1, names);
  unpackRow(block, at, stored, floatColumnsOf(stored));
  stored.objectId[0] = aliasAt(block, at);
  const field = FIELDS.find(({ value }) => !Object.is(value(stored, 0), value(columns, row)));
  return `${columns.surveyOf(row)}:${columns.sourceIdOf(row)} is stored with another ${field?.name ?? 'content'}`;
}
