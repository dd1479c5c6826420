// Hands out the memory after the fixed parts: blocks of 256 B to 1 MiB, powers of two (a buddy allocator: a freed
// block joins its free twin, so memory returned by an eviction serves whatever comes next). Only the writer uses it.
// Links of the free lists lie in the free blocks themselves; one state byte per 256 B lies in the heap.

import { BLOCKS_AT, CONTROL_F64, type SharedMemory } from './sharedMemory.ts';

const UNIT_BYTES = 256;
/** 2^12 units: 1 MiB. */
const TOP_ORDER = 12;
const TOP_UNITS = 2 ** TOP_ORDER;
/** 16 KiB: a slab. */
const SLAB_ORDER = 6;
/** 64 KiB: a row segment, the largest thing a row needs besides table segments. */
const LARGE_ORDER = 8;
/** A row needs at most a row segment, a segment of each table and a few slabs: together less than this. */
const ROOM_BYTES = 320 * 1024;

export class BlockAllocator {
  usedBytes = BLOCKS_AT;
  readonly limitBytes: number;
  readonly #memory: SharedMemory;
  /** 0: no free block starts here; else its order + 1. */
  readonly #state: Uint8Array;
  /** First free unit of each order, 0 for none. */
  readonly #free = new Float64Array(TOP_ORDER + 1);
  /** Free bytes in blocks of a slab or more. */
  #freeSlabBytes = 0;
  /** Of the largest block that was asked for, doubled: what a table segment may want next. */
  #largestOrder = LARGE_ORDER;
  /** Set while an eviction sweeps: it may use the last chunk, which rows never get. */
  isSweeping = false;
  /** Units from here on have never been used. */
  #top = BLOCKS_AT / UNIT_BYTES;
  readonly #end: number;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.limitBytes = memory.buffer.byteLength;
    this.#end = this.limitBytes / UNIT_BYTES;
    this.#state = new Uint8Array(this.#end + 1);
    this.#publishUsed();
  }

  /** Whether everything that one more row can need will be found. */
  hasRoom(): boolean {
    if (this.#top < this.#end - TOP_UNITS) return true;
    if (this.#freeSlabBytes < ROOM_BYTES) return false;
    for (let order = this.#largestOrder; order <= TOP_ORDER; order++) if (this.#free[order] !== 0) return true;
    return false;
  }

  /** Byte offset of a block of at least `bytes`, 0 when there is none. */
  alloc(bytes: number): number {
    const order = orderOf(bytes);
    if (order > TOP_ORDER) return 0;
    if (order >= this.#largestOrder) this.#largestOrder = Math.min(TOP_ORDER, order + 1);
    let from = order;
    while (from <= TOP_ORDER && this.#free[from] === 0) from++;
    let unit: number;
    if (from <= TOP_ORDER) {
      unit = this.#free[from];
      this.#unlink(unit, from);
    } else {
      if (this.#top >= (this.isSweeping ? this.#end : this.#end - TOP_UNITS)) return 0;
      unit = this.#top;
      from = TOP_ORDER;
      this.#top += TOP_UNITS;
    }
    // give back the upper halves
    while (from > order) {
      from--;
      this.#link(unit + 2 ** from, from);
    }
    this.usedBytes += UNIT_BYTES * 2 ** order;
    this.#publishUsed();
    return unit * UNIT_BYTES;
  }

  free(offset: number, bytes: number): void {
    let order = orderOf(bytes);
    let unit = offset / UNIT_BYTES;
    this.usedBytes -= UNIT_BYTES * 2 ** order;
    this.#publishUsed();
    while (order < TOP_ORDER) {
      const size = 2 ** order;
      // chunks start at multiples of 1 MiB, so twins differ in one bit
      const twin = (unit / size) % 2 === 0 ? unit + size : unit - size;
      if (this.#state[twin] !== order + 1) break;
      this.#unlink(twin, order);
      unit = Math.min(unit, twin);
      order++;
    }
    this.#link(unit, order);
  }

  #link(unit: number, order: number): void {
    const { u32 } = this.#memory;
    const word = (unit * UNIT_BYTES) / 4;
    const next = this.#free[order];
    u32[word] = next;
    u32[word + 1] = 0;
    if (next !== 0) u32[(next * UNIT_BYTES) / 4 + 1] = unit;
    this.#free[order] = unit;
    this.#state[unit] = order + 1;
    if (order >= SLAB_ORDER) this.#freeSlabBytes += UNIT_BYTES * 2 ** order;
  }

  #unlink(unit: number, order: number): void {
    const { u32 } = this.#memory;
    const word = (unit * UNIT_BYTES) / 4;
    const next = u32[word];
    const previous = u32[word + 1];
    if (previous === 0) this.#free[order] = next;
    else u32[(previous * UNIT_BYTES) / 4] = next;
    if (next !== 0) u32[(next * UNIT_BYTES) / 4 + 1] = previous;
    this.#state[unit] = 0;
    if (order >= SLAB_ORDER) this.#freeSlabBytes -= UNIT_BYTES * 2 ** order;
  }

  #publishUsed(): void {
    this.#memory.f64[CONTROL_F64.bytesUsed] = this.usedBytes;
  }
}

/** Order of the smallest block that holds so many bytes. */
function orderOf(bytes: number): number {
  return bytes <= UNIT_BYTES ? 0 : 24 - Math.clz32(bytes - 1);
}
