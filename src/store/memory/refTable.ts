// From a hash to refs: open addressing in 4,096 segments that grow one by one, so that no insertion waits long. A
// segment is buckets of a cache line, a bucket 10 slots, a slot a tag (0 never used, 1 removed, else the upper 16 bits
// of the hash) and a ref; a full bucket overflows into the next. The tag says in which bucket its slot is, whatever the
// size: so a segment grows without a look at the rows, which would each be a cache miss. A lookup of what is not there
// costs one line, and only a slot that matches costs a look at the row. The key itself is in the record behind the ref;
// equal hashes are all found, one after another.
//
//   directory word: block's byte offset / 256 << 5 | size code (bytesOf)      bucket: 10 x tag | 10 x ref | unused word

import type { BlockAllocator } from './blockAllocator.ts';
import type { Limbo } from './epochs.ts';
import { TABLE_SEGMENTS, type SharedMemory } from './sharedMemory.ts';

const MAX_LOAD = 0.85;
const BUCKET_BYTES = 64;
const BUCKET_SLOTS = 10;
/** Length of a bucket in tags; its first ref as a word. */
const TAGS = BUCKET_BYTES / 2;
const FIRST_REF = 5;
const REMOVED = 1;

/** A reader's side. The search keeps its place: first(hash), then next() until 0. */
export class RefTableReader {
  protected readonly u16: Uint16Array;
  protected readonly u32: Uint32Array;
  protected readonly directory: number;
  /** Start of the block, as an index into u16. */
  #start = 0;
  #buckets = 0;
  #bucket = 0;
  #slot = 0;
  #left = 0;
  #tag = 0;

  constructor(memory: SharedMemory, directoryAt: number) {
    this.u16 = memory.u16;
    this.u32 = memory.u32;
    this.directory = directoryAt / 4;
  }

  /** First ref with this hash, 0 for none. */
  first(hash: number): number {
    const place = Atomics.load(this.u32, this.directory + segmentOf(hash));
    if (place === 0) return 0;
    this.#tag = tagOf(hash);
    this.#start = blockOf(place) / 2;
    this.#buckets = bucketsOf(place);
    this.#bucket = bucketOf(this.#tag, this.#buckets);
    this.#slot = 0;
    this.#left = this.#buckets;
    return this.next();
  }

  next(): number {
    const u16 = this.u16;
    const tag = this.#tag;
    let slot = this.#slot;
    while (this.#left > 0) {
      const at = this.#start + this.#bucket * TAGS;
      for (; slot < BUCKET_SLOTS; slot++) {
        const found = u16[at + slot];
        if (found === tag) {
          this.#slot = slot + 1;
          return Atomics.load(this.u32, at / 2 + FIRST_REF + slot);
        }
        if (found === 0) {
          this.#left = 0;
          return 0;
        }
      }
      this.#bucket = this.#bucket + 1 === this.#buckets ? 0 : this.#bucket + 1;
      this.#left--;
      slot = 0;
    }
    return 0;
  }
}

/** The writer's side. */
export class RefTable extends RefTableReader {
  readonly #blocks: BlockAllocator;
  readonly #retired: Limbo;
  /** Slots that are not 0, by segment: in use or removed. */
  readonly #touched = new Uint32Array(TABLE_SEGMENTS);
  readonly #used = new Uint32Array(TABLE_SEGMENTS);

  /** `retired` frees blocks. */
  constructor(memory: SharedMemory, directoryAt: number, blocks: BlockAllocator, retired: Limbo) {
    super(memory, directoryAt);
    this.#blocks = blocks;
    this.#retired = retired;
  }

  insert(hash: number, ref: number): void {
    const segment = segmentOf(hash);
    let place = this.u32[this.directory + segment];
    if (place === 0 || this.#touched[segment] + 1 > bucketsOf(place) * BUCKET_SLOTS * MAX_LOAD) {
      this.#rebuild(segment, place);
      place = this.u32[this.directory + segment];
    }
    this.#touched[segment] += this.#put(place, tagOf(hash), ref);
    this.#used[segment]++;
  }

  remove(hash: number, ref: number): void {
    const segment = segmentOf(hash);
    const place = this.u32[this.directory + segment];
    if (place === 0) return;
    const buckets = bucketsOf(place);
    const start = blockOf(place) / 2;
    let bucket = bucketOf(tagOf(hash), buckets);
    for (let left = buckets; left > 0; left--, bucket = bucket + 1 === buckets ? 0 : bucket + 1) {
      const at = start + bucket * TAGS;
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        if (this.u16[at + slot] === 0) return;
        if (this.u16[at + slot] === REMOVED || this.u32[at / 2 + FIRST_REF + slot] !== ref) continue;
        Atomics.store(this.u16, at + slot, REMOVED);
        this.#used[segment]--;
        return;
      }
    }
  }

  /** 1 when a slot was used that never was before. */
  #put(place: number, tag: number, ref: number): number {
    const buckets = bucketsOf(place);
    const start = blockOf(place) / 2;
    let bucket = bucketOf(tag, buckets);
    for (;;) {
      const at = start + bucket * TAGS;
      for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
        const found = this.u16[at + slot];
        if (found > REMOVED) continue;
        Atomics.store(this.u32, at / 2 + FIRST_REF + slot, ref);
        Atomics.store(this.u16, at + slot, tag);
        return found === 0 ? 1 : 0;
      }
      bucket = bucket + 1 === buckets ? 0 : bucket + 1;
    }
  }

  // a half or a third larger, or as large as it is when removals filled it
  #rebuild(segment: number, old: number): void {
    const needed = ((this.#used[segment] + 1) * BUCKET_BYTES) / BUCKET_SLOTS / (MAX_LOAD - 0.1);
    let code = 0;
    while (bytesOf(code) < needed) code++;
    const block = this.#allocSegment(bytesOf(code));
    if (block === 0) throw new Error('no block for a table segment, though there was room for a row');
    const place = (block / 256) * 32 + code;
    this.u16.fill(0, block / 2, (block + bytesOf(code)) / 2);
    if (old !== 0) {
      const start = blockOf(old) / 2;
      for (let at = start, end = start + bytesOf(old & 31) / 2; at < end; at += TAGS) {
        for (let slot = 0; slot < BUCKET_SLOTS; slot++) {
          const tag = this.u16[at + slot];
          if (tag > REMOVED) this.#put(place, tag, this.u32[at / 2 + FIRST_REF + slot]);
        }
      }
      this.#retire(start * 2, bytesOf(old & 31));
    }
    this.#touched[segment] = this.#used[segment];
    Atomics.store(this.u32, this.directory + segment, place);
  }

  // blocks are powers of two; of a block of 4 quarters the last goes back where 3 do
  #allocSegment(bytes: number): number {
    const block = this.#blocks.alloc(bytes);
    if (block !== 0 && !isPowerOfTwo(bytes)) this.#blocks.free(block + bytes, bytes / 3);
    return block;
  }

  #retire(block: number, bytes: number): void {
    if (isPowerOfTwo(bytes)) this.#retired.retire(block / 8, bytes);
    else {
      this.#retired.retire(block / 8, (bytes / 3) * 2);
      this.#retired.retire((block + (bytes / 3) * 2) / 8, bytes / 3);
    }
  }
}

function segmentOf(hash: number): number {
  return hash & (TABLE_SEGMENTS - 1);
}

/** The upper 16 bits, other ones than the segment's. 0 and 1 mean something else. */
function tagOf(hash: number): number {
  const tag = hash >>> 16;
  return tag > REMOVED ? tag : tag + 2;
}

function bucketOf(tag: number, buckets: number): number {
  return Math.floor((tag * buckets) / 65_536);
}

function blockOf(place: number): number {
  return (place >>> 5) * 256;
}

/** Sizes of segments: 512, 768, 1024, 1536, 2048 ... bytes. */
function bytesOf(code: number): number {
  return (2 + (code & 1)) << ((code >> 1) + 8);
}

function isPowerOfTwo(value: number): boolean {
  return (value & (value - 1)) === 0;
}

function bucketsOf(place: number): number {
  return bytesOf(place & 31) / BUCKET_BYTES;
}
