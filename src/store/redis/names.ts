// Surveys, stations and bands: rows carry numbers, the names stand once in Redis. Numbers are given out
// there, in order, so the dictionaries of every process agree.

import { AppError } from '../../errors.ts';
import { Dictionary } from '../../model/dictionary.ts';
import type { DetectionColumns } from '../../model/columns.ts';
import type { RedisKeys } from '../keys.ts';
import { ROW_SURVEY, bandAt, stationAt, type NameNumbers, type Packed } from '../packedRow.ts';
import type { RedisClient } from '../redisClient.ts';
import { runScript } from './scripts.ts';

/** The top bit of a survey's number marks a text id in packed ids. */
const MAX_SURVEYS = 32_767;

type NameKind = 'surveys' | 'stations' | 'bands';
const KINDS: readonly NameKind[] = ['surveys', 'stations', 'bands'];

export class Names {
  /** Index = number in Redis. */
  surveys = new Dictionary();
  stations = new Dictionary();
  bands = new Dictionary();
  readonly #client: RedisClient;
  readonly #keys: RedisKeys;

  constructor(client: RedisClient, keys: RedisKeys) {
    this.#client = client;
    this.#keys = keys;
  }

  /** Reads the names that other processes have added. */
  async refresh(): Promise<void> {
    await Promise.all(
      KINDS.map(async (kind) => {
        const all = await this.#client.ask((redis) => redis.hgetall(this.#keys.names(kind)));
        const byNumber = Object.entries(all).sort((a, b) => Number(a[1]) - Number(b[1]));
        for (const [name, number] of byNumber) this.#learn(kind, name, Number(number));
      }),
    );
  }

  /** Forgets all: Redis may be another one now. */
  reset(): void {
    for (const kind of KINDS) this[kind] = new Dictionary();
  }

  /** Whether the numbers of a packed row are known here; otherwise `refresh` first. */
  knows({ view }: Packed, at: number): boolean {
    return (
      view.getUint16(at + ROW_SURVEY, true) < this.surveys.names.length &&
      stationAt(view, at) < this.stations.names.length &&
      bandAt(view, at) < this.bands.names.length
    );
  }

  /** The numbers of a batch's names; new names are added. */
  async numbersOf(batch: DetectionColumns): Promise<NameNumbers> {
    const [surveys, stations, bands] = await Promise.all(KINDS.map((kind) => this.#numbers(kind, batch[kind].names)));
    return { surveys, stations, bands };
  }

  async #numbers(kind: NameKind, names: readonly string[]): Promise<Uint16Array> {
    const unknown = names.filter((name) => this[kind].find(name) === undefined);
    if (unknown.length > 0) {
      const numbers = await this.#client.ask((redis) => runScript(redis, 'nameNumbers', [this.#keys.names(kind)], unknown));
      if (!Array.isArray(numbers)) throw new AppError('internal', 'nameNumbers.lua returned no list');
      // Other processes may have added names in between.
      if (unknown.some((_, i) => Number(numbers[i]) !== this[kind].names.length + i)) await this.refresh();
      else
        unknown.forEach((name, i) => {
          this.#learn(kind, name, Number(numbers[i]));
        });
    }
    return Uint16Array.from(names, (name) => {
      const number = this[kind].find(name);
      if (number === undefined) throw new AppError('internal', `name ${name} has no number`);
      return number;
    });
  }

  #learn(kind: NameKind, name: string, number: number): void {
    if (this[kind].find(name) !== undefined) return;
    const limit = kind === 'surveys' ? MAX_SURVEYS : 65_535;
    if (number > limit) throw new AppError('resource_exhausted', `more than ${String(limit)} different ${kind}`);
    const index = this[kind].intern(name);
    if (index !== number) throw new AppError('internal', `${kind} ${name} has number ${String(number)}, expected ${String(index)}`);
  }
}
