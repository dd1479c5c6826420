// From a hash to refs: open addressing in 4,096 segments that grow one by one, so that no insertion waits long (at 10
// million rows a segment takes about 0.3 ms). A slot is a fingerprint byte (0 never used, 1 removed, else bit 7 set)
// and a ref, together 5 bytes: the fingerprints of a probe lie in one cache line, and only a slot that matches costs a
// look at the row. The key itself is in the record behind the ref; equal hashes are all found, one after another.
//
//   directory word: block's byte offset / 256 << 5 | log2(bytes)      block: fingerprints | refs

import type { BlockAllocator } from './blockAllocator.ts';
import type { Limbo } from './epochs.ts';
import { TABLE_SEGMENTS, type SharedMemory } from './sharedMemory.ts';

const FIRST_LOG_BYTES = 8;
const MAX_LOAD = 0.85;
const SLOT_BYTES = 5;
const REMOVED = 1;

/** A reader's side. The search keeps its place: first(hash), then next() until 0. */
export class RefTableReader {
  protected readonly u8: Uint8Array;
  protected readonly u32: Uint32Array;
  protected readonly directory: number;
  #fingerprints = 0;
  #refs = 0;
  #slots = 0;
  #slot = 0;
  #left = 0;
  #fingerprint = 0;

  constructor(memory: SharedMemory, directoryAt: number) {
    this.u8 = memory.u8;
    this.u32 = memory.u32;
    this.directory = directoryAt / 4;
  }

  /** First ref with this hash, 0 for none. */
  first(hash: number): number {
    const place = Atomics.load(this.u32, this.directory + segmentOf(hash));
    if (place === 0) return 0;
    this.#fingerprints = blockOf(place);
    this.#slots = slotsOf(place);
    this.#refs = (this.#fingerprints + this.#slots) / 4;
    this.#slot = slotOf(hash, this.#slots);
    this.#left = this.#slots;
    this.#fingerprint = fingerprintOf(hash);
    return this.next();
  }

  next(): number {
    const u8 = this.u8;
    const start = this.#fingerprints;
    let slot = this.#slot;
    while (this.#left-- > 0) {
      const found = u8[start + slot];
      if (found === 0) break;
      const at = slot;
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
      if (found === this.#fingerprint) {
        this.#slot = slot;
        return Atomics.load(this.u32, this.#refs + at);
      }
    }
    this.#left = 0;
    return 0;
  }
}

/** The writer's side. */
export class RefTable extends RefTableReader {
  readonly #blocks: BlockAllocator;
  readonly #retired: Limbo;
  readonly #hashOf: (ref: number) => number;
  /** Slots that are not 0, by segment: in use or removed. */
  readonly #touched = new Uint32Array(TABLE_SEGMENTS);
  readonly #used = new Uint32Array(TABLE_SEGMENTS);

  /** `retired` frees blocks. `hashOf` is asked for every ref of a segment that grows. */
  constructor(memory: SharedMemory, directoryAt: number, blocks: BlockAllocator, retired: Limbo, hashOf: (ref: number) => number) {
    super(memory, directoryAt);
    this.#blocks = blocks;
    this.#retired = retired;
    this.#hashOf = hashOf;
  }

  insert(hash: number, ref: number): void {
    const segment = segmentOf(hash);
    let place = this.u32[this.directory + segment];
    if (place === 0 || this.#touched[segment] + 1 > slotsOf(place) * MAX_LOAD) {
      this.#rebuild(segment, place);
      place = this.u32[this.directory + segment];
    }
    this.#touched[segment] += this.#put(place, hash, ref);
    this.#used[segment]++;
  }

  remove(hash: number, ref: number): void {
    const segment = segmentOf(hash);
    const place = this.u32[this.directory + segment];
    if (place === 0) return;
    const slots = slotsOf(place);
    const start = blockOf(place);
    const refs = (start + slots) / 4;
    for (let slot = slotOf(hash, slots), left = slots; left > 0; left--, slot = slot + 1 === slots ? 0 : slot + 1) {
      if (this.u8[start + slot] === 0) return;
      if (this.u8[start + slot] > REMOVED && this.u32[refs + slot] === ref) {
        Atomics.store(this.u8, start + slot, REMOVED);
        this.#used[segment]--;
        return;
      }
    }
  }

  /** 1 when a slot was used that never was before. */
  #put(place: number, hash: number, ref: number): number {
    const slots = slotsOf(place);
    const start = blockOf(place);
    let slot = slotOf(hash, slots);
    while (this.u8[start + slot] > REMOVED) slot = slot + 1 === slots ? 0 : slot + 1;
    const fresh = this.u8[start + slot] === 0 ? 1 : 0;
    Atomics.store(this.u32, (start + slots) / 4 + slot, ref);
    Atomics.store(this.u8, start + slot, fingerprintOf(hash));
    return fresh;
  }

  // twice as large, or as large as it is when removals filled it
  #rebuild(segment: number, old: number): void {
    const needed = Math.ceil(((this.#used[segment] + 1) * SLOT_BYTES) / (MAX_LOAD - 0.1));
    const log = Math.max(FIRST_LOG_BYTES, 32 - Math.clz32(needed - 1));
    const bytes = 2 ** log;
    const block = this.#blocks.alloc(bytes);
    if (block === 0) throw new Error('no block for a table segment, though there was room for a row');
    const place = (block / 256) * 32 + log;
    this.u8.fill(0, block, block + slotsOf(place));
    if (old !== 0) {
      const slots = slotsOf(old);
      const start = blockOf(old);
      for (let slot = 0; slot < slots; slot++) {
        if (this.u8[start + slot] <= REMOVED) continue;
        const ref = this.u32[(start + slots) / 4 + slot];
        this.#put(place, this.#hashOf(ref), ref);
      }
      this.#retired.retire(start / 8, 2 ** (old & 31));
    }
    this.#touched[segment] = this.#used[segment];
    Atomics.store(this.u32, this.directory + segment, place);
  }
}

function segmentOf(hash: number): number {
  return hash & (TABLE_SEGMENTS - 1);
}

// the upper 20 bits of the hash say where in the segment, their lower 7 tell neighbours apart
function slotOf(hash: number, slots: number): number {
  return Math.floor((hash >>> 12) * (slots / 2 ** 20));
}

function fingerprintOf(hash: number): number {
  return ((hash >>> 12) & 127) | 128;
}

function blockOf(place: number): number {
  return (place >>> 5) * 256;
}

function slotsOf(place: number): number {
  return Math.floor(2 ** (place & 31) / (4 * SLOT_BYTES)) * 4;
}
