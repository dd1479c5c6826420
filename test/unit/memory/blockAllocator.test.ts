import { describe, expect, it } from 'vitest';
import { BlockAllocator } from '../../../src/store/memory/blockAllocator.ts';
import { SharedMemory } from '../../../src/store/memory/sharedMemory.ts';
import { randomInts } from './randomInts.ts';

const LIMIT = 16 * 2 ** 20;

describe('blocks', () => {
  it('never overlap and all come back', () => {
    const blocks = new BlockAllocator(SharedMemory.reserve(LIMIT));
    const before = blocks.usedBytes;
    const next = randomInts(1);
    const held: { at: number; bytes: number }[] = [];
    for (let step = 0; step < 4000; step++) {
      if (held.length > 0 && next(3) === 0) {
        const [{ at, bytes }] = held.splice(next(held.length), 1);
        blocks.free(at, bytes);
      } else {
        const bytes = 1 + next(20_000);
        const at = blocks.alloc(bytes);
        if (at > 0) held.push({ at, bytes });
      }
    }
    held.sort((a, b) => a.at - b.at);
    const overlaps = held.filter(({ at }, i) => i > 0 && held[i - 1].at + held[i - 1].bytes > at);
    expect(overlaps).toEqual([]);
    for (const { at, bytes } of held) blocks.free(at, bytes);
    expect(blocks.usedBytes).toBe(before);
  });

  it('are whole megabytes again when all parts are freed', () => {
    const blocks = new BlockAllocator(SharedMemory.reserve(LIMIT));
    const small: number[] = [];
    for (let at = blocks.alloc(256); at > 0; at = blocks.alloc(256)) small.push(at);
    expect(blocks.hasRoom()).toBe(false);
    for (const at of small) blocks.free(at, 256);
    const large: number[] = [];
    for (let at = blocks.alloc(2 ** 20); at > 0; at = blocks.alloc(2 ** 20)) large.push(at);
    expect(large.length).toBe((small.length * 256) / 2 ** 20);
  });

  it('are refused above the largest size, not given too small', () => {
    const blocks = new BlockAllocator(SharedMemory.reserve(LIMIT));
    expect(blocks.alloc(2 ** 20)).toBeGreaterThan(0);
    expect(blocks.alloc(1.5 * 2 ** 20)).toBe(0);
  });
});
