// The hot index, writer's side. A root's slot holds 0 (empty), a page, or a node (bit 0 set) of four slots. A leaf is a
// newest-first chain of pages; when its last page is full and it holds 64 rows it splits in four by the next bit of u
// and v, down to boxes of 1.6 arcsec; below that the chain grows.
//
//   page (272 B): next page | rows, chain length << 8 | earliest t | latest t | 16 x entry
//   entry (16 B): u | v | t | ref      u, v: rootFrames.ts; t = floor(mjdTai * 2^15), 2.6 s
//
// u, v and t only sort out what is surely inside or outside; the row itself decides the rest (pageScan.ts).
// Pages of 16 rows against 32 cost 1.2 times the time of a wide cone and save 10 bytes a row.

import type { Limbo } from './epochs.ts';
import type { SharedMemory } from './sharedMemory.ts';
import type { SlabAllocator } from './slabAllocator.ts';

export const PAGE_ROWS = 16;
export const PAGE_BYTES = 16 + 16 * PAGE_ROWS;
const NODE_BYTES = 16;
const SPLIT_PAGES = 4;
export const MAX_DEPTH = 12;
export const T_STEPS_PER_DAY = 32_768;

export function timeStep(mjdTai: number): number {
  return Math.floor(mjdTai * T_STEPS_PER_DAY);
}

export class PageTree {
  readonly #u32: Uint32Array;
  readonly #slabs: SlabAllocator;
  readonly #pages: Limbo;
  readonly #rootWord: number;
  #chain = new Uint32Array(64);

  /** `pages` frees retired pages of this tree. */
  constructor(memory: SharedMemory, slabs: SlabAllocator, pages: Limbo, rootsAt: number) {
    this.#u32 = memory.u32;
    this.#slabs = slabs;
    this.#pages = pages;
    this.#rootWord = rootsAt / 4;
  }

  insert(root: number, u: number, v: number, t: number, ref: number): void {
    const u32 = this.#u32;
    let slot = this.#rootWord + root;
    let entry = u32[slot];
    let depth = 0;
    for (;;) {
      while ((entry & 1) !== 0) {
        slot = (entry - 1) * 2 + childOf(u, v, depth);
        entry = u32[slot];
        depth++;
      }
      if (entry === 0) break;
      const state = u32[entry * 2 + 1];
      if ((state & 255) < PAGE_ROWS) {
        this.#append(entry * 2, state, u, v, t, ref);
        return;
      }
      if (state >>> 8 < SPLIT_PAGES || depth >= MAX_DEPTH) break;
      this.#split(slot, depth);
      entry = u32[slot];
    }
    Atomics.store(u32, slot, this.#newPage(entry, u, v, t, ref));
  }

  // the row first, then the count that shows it
  #append(page: number, state: number, u: number, v: number, t: number, ref: number): void {
    const u32 = this.#u32;
    const at = page + 4 + (state & 255) * 4;
    u32[at] = u;
    u32[at + 1] = v;
    u32[at + 2] = t;
    u32[at + 3] = ref;
    if (t < u32[page + 2]) u32[page + 2] = t;
    if (t > u32[page + 3]) u32[page + 3] = t;
    Atomics.store(u32, page + 1, state + 1);
  }

  #newPage(next: number, u: number, v: number, t: number, ref: number): number {
    const u32 = this.#u32;
    const entry = this.#slabs.alloc(PAGE_BYTES);
    const page = entry * 2;
    const length = next === 0 ? 1 : Math.min((u32[next * 2 + 1] >>> 8) + 1, 0xff_ffff);
    u32[page] = next;
    u32[page + 1] = 1 + length * 256;
    u32[page + 2] = t;
    u32[page + 3] = t;
    u32[page + 4] = u;
    u32[page + 5] = v;
    u32[page + 6] = t;
    u32[page + 7] = ref;
    return entry;
  }

  #split(slot: number, depth: number): void {
    const u32 = this.#u32;
    const pages = this.#collectChain(u32[slot]);
    const chain = this.#chain;
    const node = this.#slabs.alloc(NODE_BYTES);
    const first = node * 2;
    u32.fill(0, first, first + 4);
    // oldest page first, so that the new chains are newest first too
    for (let i = pages - 1; i >= 0; i--) {
      const page = chain[i] * 2;
      const end = page + 4 + (u32[page + 1] & 255) * 4;
      for (let at = page + 4; at < end; at += 4) {
        this.#addUnseen(first + childOf(u32[at], u32[at + 1], depth), at);
      }
    }
    Atomics.store(u32, slot, node + 1);
    for (let i = 0; i < pages; i++) this.#pages.retire(chain[i], PAGE_BYTES);
  }

  /** Adds a copied entry to a chain that no reader can reach yet. */
  #addUnseen(slot: number, from: number): void {
    const u32 = this.#u32;
    const entry = u32[slot];
    const state = entry === 0 ? PAGE_ROWS : u32[entry * 2 + 1];
    if ((state & 255) < PAGE_ROWS) this.#append(entry * 2, state, u32[from], u32[from + 1], u32[from + 2], u32[from + 3]);
    else u32[slot] = this.#newPage(entry, u32[from], u32[from + 1], u32[from + 2], u32[from + 3]);
  }

  #collectChain(entry: number): number {
    let pages = 0;
    for (; entry !== 0; entry = this.#u32[entry * 2]) {
      if (pages === this.#chain.length) {
        const longer = new Uint32Array(2 * pages);
        longer.set(this.#chain);
        this.#chain = longer;
      }
      this.#chain[pages++] = entry;
    }
    return pages;
  }

  /**
   * Takes out the entries that `isGone` names, leaf by leaf, and stops after about `budget` entries. True when the
   * whole tree was swept; else call again. Rows may come in between two calls.
   */
  sweep(state: SweepState, budget: number, isGone: (ref: number, t: number) => boolean): boolean {
    const u32 = this.#u32;
    const { stack } = state;
    while (budget > 0) {
      let slot = stack.pop();
      if (slot === undefined) {
        if (state.root >= state.rootCount) return true;
        slot = this.#rootWord + state.root++;
      }
      const entry = u32[slot];
      budget--;
      if (entry === 0) continue;
      // a leaf that was split since it was pushed is a node now: nodes are never freed, so the slot is still good
      if ((entry & 1) !== 0) {
        const first = (entry - 1) * 2;
        stack.push(first, first + 1, first + 2, first + 3);
      } else budget -= this.#sweepLeaf(slot, entry, isGone);
    }
    return false;
  }

  #sweepLeaf(slot: number, entry: number, isGone: (ref: number, t: number) => boolean): number {
    const u32 = this.#u32;
    const pages = this.#collectChain(entry);
    const chain = this.#chain;
    let rows = 0;
    let gone = 0;
    for (let i = 0; i < pages; i++) {
      const page = chain[i] * 2;
      const end = page + 4 + (u32[page + 1] & 255) * 4;
      for (let at = page + 4; at < end; at += 4, rows++) if (isGone(u32[at + 3], u32[at + 2])) gone++;
    }
    if (gone === 0) return rows;
    // the kept entries in a new chain, built under a word that nobody reads
    const scratch = this.#slabs.alloc(NODE_BYTES);
    const head = scratch * 2;
    u32[head] = 0;
    for (let i = pages - 1; i >= 0 && gone < rows; i--) {
      const page = chain[i] * 2;
      const end = page + 4 + (u32[page + 1] & 255) * 4;
      for (let at = page + 4; at < end; at += 4) if (!isGone(u32[at + 3], u32[at + 2])) this.#addUnseen(head, at);
    }
    Atomics.store(u32, slot, u32[head]);
    this.#slabs.free(scratch, NODE_BYTES);
    for (let i = 0; i < pages; i++) this.#pages.retire(chain[i], PAGE_BYTES);
    return 2 * rows;
  }
}

/** How far a sweep has come. */
export interface SweepState {
  root: number;
  readonly rootCount: number;
  readonly stack: number[];
}

/** Which quarter of a box of this depth: bit 0 from u, bit 1 from v. */
export function childOf(u: number, v: number, depth: number): number {
  const shift = 31 - depth;
  return ((u >>> shift) & 1) | (((v >>> shift) & 1) << 1);
}
