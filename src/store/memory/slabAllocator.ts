// Many small pieces of few sizes (pages, tree nodes, objects, texts): multiples of 16 bytes, cut from 16 KiB slabs. A
// slab whose last piece is freed goes back to the blocks, so that what an eviction frees can become anything. Only the
// writer uses it. Slabs are aligned, so a piece's ref says its slab.

import type { BlockAllocator } from './blockAllocator.ts';
import type { SharedMemory } from './sharedMemory.ts';

export const SLAB_BYTES = 16 * 1024;
const GRAIN_BYTES = 16;
const MAX_PIECE_BYTES = 2048;
const SIZES = MAX_PIECE_BYTES / GRAIN_BYTES + 1;

export class SlabAllocator {
  readonly #memory: SharedMemory;
  readonly #blocks: BlockAllocator;
  /** By size: first slab that has a free piece, 0 for none. */
  readonly #open = new Uint32Array(SIZES);
  // by slab (slab 0 is of the fixed parts): its neighbours in the list of open ones, pieces in use, pieces ever used,
  // first free piece + 1 (a free piece's first word holds the next)
  readonly #next: Uint32Array;
  readonly #previous: Uint32Array;
  readonly #inUse: Uint16Array;
  readonly #cut: Uint16Array;
  readonly #free: Uint16Array;

  constructor(memory: SharedMemory, blocks: BlockAllocator) {
    this.#memory = memory;
    this.#blocks = blocks;
    const slabs = Math.ceil(memory.buffer.byteLength / SLAB_BYTES);
    this.#next = new Uint32Array(slabs);
    this.#previous = new Uint32Array(slabs);
    this.#inUse = new Uint16Array(slabs);
    this.#cut = new Uint16Array(slabs);
    this.#free = new Uint16Array(slabs);
  }

  /** Ref of a piece of at least `bytes`, with whatever lay there. The caller has asked BlockAllocator.hasRoom(). */
  alloc(bytes: number): number {
    const size = Math.ceil(bytes / GRAIN_BYTES);
    let slab = this.#open[size];
    if (slab === 0) slab = this.#newSlab(size);
    const words = size * (GRAIN_BYTES / 4);
    const start = slab * (SLAB_BYTES / 4);
    let piece = this.#free[slab] - 1;
    if (piece >= 0) this.#free[slab] = this.#memory.u32[start + piece * words];
    else piece = this.#cut[slab]++;
    this.#inUse[slab]++;
    if (this.#free[slab] === 0 && this.#cut[slab] === piecesOf(size)) this.#close(size, slab);
    return (start + piece * words) / 2;
  }

  free(ref: number, bytes: number): void {
    const size = Math.ceil(bytes / GRAIN_BYTES);
    const words = size * (GRAIN_BYTES / 4);
    const slab = Math.floor(ref / (SLAB_BYTES / 8));
    const wasFull = this.#free[slab] === 0 && this.#cut[slab] === piecesOf(size);
    this.#memory.u32[ref * 2] = this.#free[slab];
    this.#free[slab] = (ref * 2 - slab * (SLAB_BYTES / 4)) / words + 1;
    this.#inUse[slab]--;
    if (wasFull) this.#reopen(size, slab);
    if (this.#inUse[slab] > 0) return;
    this.#close(size, slab);
    this.#blocks.free(slab * SLAB_BYTES, SLAB_BYTES);
  }

  #newSlab(size: number): number {
    const at = this.#blocks.alloc(SLAB_BYTES);
    if (at === 0) throw new Error('no block for a slab, though there was room for a row');
    const slab = at / SLAB_BYTES;
    this.#inUse[slab] = 0;
    this.#cut[slab] = 0;
    this.#free[slab] = 0;
    this.#reopen(size, slab);
    return slab;
  }

  #reopen(size: number, slab: number): void {
    const first = this.#open[size];
    this.#next[slab] = first;
    this.#previous[slab] = 0;
    if (first !== 0) this.#previous[first] = slab;
    this.#open[size] = slab;
  }

  #close(size: number, slab: number): void {
    const next = this.#next[slab];
    const previous = this.#previous[slab];
    if (previous === 0) this.#open[size] = next;
    else this.#next[previous] = next;
    if (next !== 0) this.#previous[next] = previous;
  }
}

function piecesOf(size: number): number {
  return Math.floor(SLAB_BYTES / (size * GRAIN_BYTES));
}
