// The few names that many rows share (surveys, stations, bands), for every thread: a row keeps a 16-bit index, the
// writer appends names, a reader learns them when it meets an index it does not know yet.

import { AppError } from '../../errors.ts';
import { MAX_NAMES, type SharedMemory } from './sharedMemory.ts';
import type { SlabAllocator } from './slabAllocator.ts';
import { readText, textBytes, textLength, writeText } from './texts.ts';

export class SharedNames {
  readonly #memory: SharedMemory;
  readonly #countWord: number;
  readonly #refsWord: number;
  readonly #what: string;
  /** As far as this thread has learnt them. Index 0 is always ''. */
  readonly #names: string[] = [''];
  readonly #index = new Map<string, number>([['', 0]]);

  constructor(memory: SharedMemory, countWord: number, refsAt: number, what: string) {
    this.#memory = memory;
    this.#countWord = countWord;
    this.#refsWord = refsAt / 4;
    this.#what = what;
  }

  name(index: number): string {
    if (index >= this.#names.length) this.#learn();
    return this.#names[index];
  }

  /** -1 when no row ever had this name. */
  find(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    this.#learn();
    return this.#index.get(name) ?? -1;
  }

  /** Writer only. */
  intern(name: string, slabs: SlabAllocator): number {
    const known = this.find(name);
    if (known >= 0) return known;
    const index = this.#names.length;
    if (index >= MAX_NAMES) throw new AppError('resource_exhausted', `more than ${String(MAX_NAMES - 1)} different ${this.#what}`);
    const { u32 } = this.#memory;
    const length = textLength(name);
    const ref = slabs.alloc(4 + textBytes(length));
    u32[ref * 2] = length;
    writeText(this.#memory, ref * 8 + 4, name, length);
    u32[this.#refsWord + index] = ref;
    this.#add(name);
    Atomics.store(u32, this.#countWord, index);
    return index;
  }

  #learn(): void {
    const { u32 } = this.#memory;
    const last = Atomics.load(u32, this.#countWord);
    while (this.#names.length <= last) {
      const ref = u32[this.#refsWord + this.#names.length];
      this.#add(readText(this.#memory, ref * 8 + 4, u32[ref * 2]));
    }
  }

  #add(name: string): void {
    this.#index.set(name, this.#names.length);
    this.#names.push(name);
  }
}
