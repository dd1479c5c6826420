import { describe, expect, it } from 'vitest';
import { BlockAllocator } from '../../../src/store/memory/blockAllocator.ts';
import { Limbo } from '../../../src/store/memory/epochs.ts';
import { RefTable, RefTableReader } from '../../../src/store/memory/refTable.ts';
import { ID_TABLE_AT, SharedMemory } from '../../../src/store/memory/sharedMemory.ts';
import { hashOfInt64 } from '../../../src/store/memory/texts.ts';
import { randomInts } from './randomInts.ts';

function refsOf(table: RefTableReader, hash: number): number[] {
  const refs: number[] = [];
  for (let ref = table.first(hash); ref !== 0; ref = table.next()) refs.push(ref);
  return refs;
}

describe('the table from hashes to refs', () => {
  it('finds every ref that was put in and not taken out, also of equal hashes, through all growth', () => {
    const memory = SharedMemory.reserve(32 * 2 ** 20);
    const blocks = new BlockAllocator(memory);
    const limbo = new Limbo(memory, (ref, bytes) => {
      blocks.free(ref * 8, bytes);
    });
    const table = new RefTable(memory, ID_TABLE_AT, blocks, limbo);
    const reader = new RefTableReader(memory, ID_TABLE_AT);
    const next = randomInts(7);
    // few segments are used, so that they grow far: the lower 12 bits of a hash say the segment
    const hashOf = (key: number): number => ((hashOfInt64(key, 0) & 0xffff_f000) | (key % 3)) >>> 0;
    const stored = new Map<number, number[]>();
    for (let ref = 1; ref < 60_000; ref++) {
      const key = next(20_000);
      const hash = hashOf(key);
      const refs = stored.get(hash) ?? [];
      stored.set(hash, refs);
      if (refs.length > 0 && next(4) === 0) table.remove(hash, refs.splice(next(refs.length), 1)[0]);
      else {
        table.insert(hash, ref);
        refs.push(ref);
      }
      limbo.reclaim();
    }
    const wrong = [...stored].filter(([hash, refs]) => !refs.every((ref) => refsOf(reader, hash).includes(ref)));
    expect(wrong).toEqual([]);
    // whatever else it names has another key, and is told apart by its record; what was removed is named nowhere
    const alive = new Set([...stored.values()].flat());
    const dead = [...stored.keys()].flatMap((hash) => refsOf(reader, hash)).filter((ref) => !alive.has(ref));
    expect(dead).toEqual([]);
  });
});
