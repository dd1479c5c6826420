// When may memory be reused that readers in other threads could still be looking at? Each reader announces the epoch
// in which it began (0: it looks at nothing). The writer stamps what it retires with the current epoch, then advances
// it, and frees what is older than every announced epoch. A reader that announces after the unlinking can't reach the
// retired memory: it comes in through the directories. Measured without this: 135 wrong rows in 54 million.

import { AppError } from '../../errors.ts';
import { CONTROL, MAX_READERS, READER_STRIDE, READER_WORD, type SharedMemory } from './sharedMemory.ts';

/** The writer's side: a queue of retired memory. */
export class Limbo {
  readonly #memory: SharedMemory;
  readonly #free: (ref: number, bytes: number) => void;
  #refs: number[] = [];
  #bytes: number[] = [];
  #epochs: number[] = [];
  #head = 0;

  constructor(memory: SharedMemory, free: (ref: number, bytes: number) => void) {
    this.#memory = memory;
    this.#free = free;
  }

  get length(): number {
    return this.#refs.length - this.#head;
  }

  retire(ref: number, bytes: number): void {
    this.#refs.push(ref);
    this.#bytes.push(bytes);
    this.#epochs.push(this.#memory.u32[CONTROL.epoch]);
  }

  /** Frees what no reader can see any more, at most `most` pieces. */
  reclaim(most = 4096): void {
    if (this.length === 0) return;
    const { u32 } = this.#memory;
    const epoch = u32[CONTROL.epoch];
    // epochs wrap after 2^32 reclaims: at 10,000 a second that is five days, so skip 0 and compare by difference
    Atomics.store(u32, CONTROL.epoch, epoch === 0xffff_ffff ? 1 : epoch + 1);
    let oldestAge = 0;
    for (let reader = 0, word = READER_WORD; reader < MAX_READERS; reader++, word += READER_STRIDE) {
      const announced = Atomics.load(u32, word);
      if (announced !== 0) oldestAge = Math.max(oldestAge, (epoch + 1 - announced) >>> 0);
    }
    while (most-- > 0 && this.#head < this.#refs.length && (epoch + 1 - this.#epochs[this.#head]) >>> 0 > oldestAge) {
      this.#free(this.#refs[this.#head], this.#bytes[this.#head]);
      this.#head++;
    }
    if (this.#head === this.#refs.length || this.#head > 65_536) this.#shrink();
  }

  #shrink(): void {
    this.#refs = this.#refs.slice(this.#head);
    this.#bytes = this.#bytes.slice(this.#head);
    this.#epochs = this.#epochs.slice(this.#head);
    this.#head = 0;
  }
}

/** A reader's side: its place among the announced epochs. Several answers of one reader may overlap. */
export class ReaderEpoch {
  readonly #u32: Uint32Array;
  readonly #word: number;
  readonly #claimWord: number;
  readonly #active: number[] = [];

  constructor(memory: SharedMemory) {
    this.#u32 = memory.u32;
    for (let reader = 0, word = READER_WORD; reader < MAX_READERS; reader++, word += READER_STRIDE) {
      if (Atomics.compareExchange(this.#u32, word + 1, 0, 1) === 0) {
        this.#word = word;
        this.#claimWord = word + 1;
        return;
      }
    }
    throw new AppError('resource_exhausted', `more than ${String(MAX_READERS)} readers of one embedded store`);
  }

  /** Nothing that is reachable now is reused until end(). Returns what end() wants. */
  begin(): number {
    const epoch = Atomics.load(this.#u32, CONTROL.epoch);
    if (this.#active.length === 0) Atomics.store(this.#u32, this.#word, epoch);
    this.#active.push(epoch);
    return epoch;
  }

  end(epoch: number): void {
    const active = this.#active;
    if (active.length === 1) active.pop();
    else active.splice(active.indexOf(epoch), 1);
    // begun in order, so the first is the oldest
    Atomics.store(this.#u32, this.#word, active.length === 0 ? 0 : active[0]);
  }

  /** Gives the place back. */
  close(): void {
    this.#active.length = 0;
    Atomics.store(this.#u32, this.#word, 0);
    Atomics.store(this.#u32, this.#claimWord, 0);
  }
}
