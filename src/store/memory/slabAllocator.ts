// Many small pieces of few sizes (pages, tree nodes, objects, texts): multiples of 16 bytes, cut from 16 KiB slabs,
// a free list for each size. Only the writer uses it. A slab stays with its size for good.

import type { BlockAllocator } from './blockAllocator.ts';
import type { SharedMemory } from './sharedMemory.ts';

const SLAB_BYTES = 16 * 1024;
const GRAIN_BYTES = 16;
const MAX_PIECE_BYTES = 2048;

export class SlabAllocator {
  readonly #memory: SharedMemory;
  readonly #blocks: BlockAllocator;
  /** By size: first free piece, next never used byte and end of the current slab. */
  readonly #free = new Float64Array(MAX_PIECE_BYTES / GRAIN_BYTES + 1);
  readonly #next = new Float64Array(MAX_PIECE_BYTES / GRAIN_BYTES + 1);
  readonly #end = new Float64Array(MAX_PIECE_BYTES / GRAIN_BYTES + 1);

  constructor(memory: SharedMemory, blocks: BlockAllocator) {
    this.#memory = memory;
    this.#blocks = blocks;
  }

  /** Ref of a piece of at least `bytes`, with whatever lay there. The caller has asked BlockAllocator.hasRoom(). */
  alloc(bytes: number): number {
    const size = Math.ceil(bytes / GRAIN_BYTES);
    const free = this.#free[size];
    if (free !== 0) {
      this.#free[size] = this.#memory.u32[free * 2];
      return free;
    }
    let at = this.#next[size];
    if (at === this.#end[size]) {
      at = this.#blocks.alloc(SLAB_BYTES);
      if (at === 0) throw new Error('no block for a slab, though there was room for a row');
      const pieces = Math.floor(SLAB_BYTES / (size * GRAIN_BYTES));
      this.#end[size] = at + pieces * size * GRAIN_BYTES;
    }
    this.#next[size] = at + size * GRAIN_BYTES;
    return at / 8;
  }

  free(ref: number, bytes: number): void {
    const size = Math.ceil(bytes / GRAIN_BYTES);
    this.#memory.u32[ref * 2] = this.#free[size];
    this.#free[size] = ref;
  }
}
