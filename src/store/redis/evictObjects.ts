// Objects after an eviction: which have no detection left, and which lost the row that founded them.

import { randomBytes } from 'node:crypto';
import { RAD_PER_ARCSEC, RAD_PER_DEG } from '../../sky/angle.ts';
import { smallConeCover } from '../../sky/healpix/cover.ts';
import { neighboursOf } from '../../sky/healpix/neighbours.ts';
import { ByteSink, foundedObjectAt, objectIdOf, objectRefAt, type ObjectRef } from '../packedRow.ts';
import { readBlocks, rowsOf } from './blocks.ts';
import { idKeyOf } from './chunk.ts';
import type { RedisContext } from './context.ts';
import { addObjectNames, removeObjectNames, type NamedObject } from './indexes.ts';
import { MsgpackSink } from './msgpack.ts';
import { readEntries, writeEntry, type FoundedObject } from './objectLog.ts';
import { shardStateOf } from './objectLogs.ts';
import { runScript } from './scripts.ts';

/** An object of which rows were forgotten, with the aliases they carried. */
export interface ObjectOfRow {
  readonly ref: ObjectRef;
  readonly aliases: Set<string>;
}

/** A shard that is being written to all the time keeps its empty objects until the next eviction. */
const MAX_TRIES = 5;
const OBJECTS_AT_A_TIME = 200;
const CELLS = new Float64Array(12);

const keyOf = (ref: ObjectRef): string => `${String(ref.survey)}:${ref.idText ?? ref.id.toString()}`;

/** Drops those of the objects that have no detection left. They stand in this shard's log, or, at a border, in a neighbour's. */
export async function dropObjects(context: RedisContext, shard: number, objects: readonly ObjectOfRow[]): Promise<void> {
  const candidates = new Map(objects.map((object) => [keyOf(object.ref), object]));
  for (const near of [shard, ...neighboursOf(context.layout.shardOrder, shard)]) {
    for (let attempt = 0; candidates.size > 0 && attempt < MAX_TRIES; attempt++) {
      const found = await dropFromShard(context, near, candidates);
      if (found === null) continue;
      for (const key of found) candidates.delete(key);
      break;
    }
  }
}

/** Keys of the candidates that this shard's log has, null when the shard changed meanwhile. */
async function dropFromShard(context: RedisContext, shard: number, candidates: ReadonlyMap<string, ObjectOfRow>): Promise<string[] | null> {
  const { writes, reads, keys, names } = context;
  const logKeys = [keys.stats(shard), keys.objectLog(shard)];
  const reply = (await reads.ask((redis) => runScript(redis, 'readObjects', logKeys, ['0']))) as [Buffer | null, Buffer];
  const state = shardStateOf(reply[0]);
  const all = [...readEntries(reply[1])];
  const judged = all.filter((object) => candidates.has(keyOf(object)));
  if (judged.length === 0) return [];
  const empty: FoundedObject[] = [];
  const orphans: FoundedObject[] = [];
  for (let from = 0; from < judged.length; from += OBJECTS_AT_A_TIME) {
    await judge(context, judged.slice(from, from + OBJECTS_AT_A_TIME), empty, orphans);
  }
  // Before the founding rows' ids are given free: an object's id leads to it at every moment.
  await addObjectNames(
    context,
    orphans.map((object) => [objectIdOf(object, names.surveys), object]),
  );
  if (empty.length > 0) {
    const gone = new Set(empty.map(keyOf));
    const log = new ByteSink(reply[1].length + 64);
    for (const object of all) if (!gone.has(keyOf(object))) writeEntry(log, object);
    const members = new MsgpackSink(16 * empty.length + 64);
    members.list(empty.length);
    for (const object of empty) members.binary(idKeyOf(object));
    const token = Buffer.from(state.token === '' ? '\0'.repeat(8) : state.token, 'latin1');
    const args = [token, String(state.rows), randomBytes(8), log.copyOut(), members.copyOut()];
    const done = await writes.ask((redis) => runScript(redis, 'dropObjects', [...logKeys, keys.places(shard)], args));
    if (done !== 1) return null;
    await removeObjectNames(
      context,
      empty.flatMap((object) => {
        const aliases = candidates.get(keyOf(object))?.aliases ?? [];
        return [objectIdOf(object, names.surveys), ...aliases].map((name): [string, NamedObject] => [name, object]);
      }),
    );
  }
  return judged.map(keyOf);
}

/** Sorts objects by what is left of them: nothing, or rows without the founding one. */
async function judge(
  context: RedisContext,
  objects: readonly FoundedObject[],
  empty: FoundedObject[],
  orphans: FoundedObject[],
): Promise<void> {
  const { layout } = context;
  const pixels = new Set<number>();
  for (const { raDeg, decDeg } of objects) {
    const reachRad = layout.reachArcsec * RAD_PER_ARCSEC;
    const cover = smallConeCover(raDeg * RAD_PER_DEG, decDeg * RAD_PER_DEG, reachRad, layout.blockOrder, CELLS);
    for (let c = 0; c < cover.n; c++) pixels.add(CELLS[c]);
  }
  const withRows = new Set<string>();
  const withFounder = new Set<string>();
  for (const block of await readBlocks(context, [...pixels])) {
    if (block === null) continue;
    for (const at of rowsOf(block)) {
      const key = keyOf(objectRefAt(block, at));
      withRows.add(key);
      if (foundedObjectAt(block, at)) withFounder.add(key);
    }
  }
  for (const object of objects) {
    const key = keyOf(object);
    if (!withRows.has(key)) empty.push(object);
    else if (!withFounder.has(key)) orphans.push(object);
  }
}
