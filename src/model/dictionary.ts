// A few names that many rows share (surveys, stations, bands): rows keep a 16-bit index.

import { AppError } from '../errors.ts';

export const MAX_DICTIONARY_NAMES = 65_535;

/** Append-only. Index 0 is always '' (none). */
export class Dictionary {
  readonly names: string[] = [''];
  readonly #index = new Map<string, number>([['', 0]]);

  /** The index of the name, added if new. Throws resource_exhausted beyond 65,535 names. */
  intern(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    if (this.names.length >= MAX_DICTIONARY_NAMES) {
      throw new AppError('resource_exhausted', `more than ${String(MAX_DICTIONARY_NAMES)} different names in one dictionary`);
    }
    this.names.push(name);
    this.#index.set(name, this.names.length - 1);
    return this.names.length - 1;
  }

  find(name: string): number | undefined {
    return this.#index.get(name);
  }
}
