// A durable store that is closed and opened again after every write, before whatever comes next: all that a
// test sees of it has been through the disk.

import type { DetectionColumns } from '../../src/model/columns.ts';
import type { DetectionQuery } from '../../src/model/window.ts';
import type { Cone } from '../../src/sky/regions.ts';
import type { DetectionReader, DetectionStore, ObjectRecord, PutSummary, Region, StoreSummary } from '../../src/store/store.ts';

export async function openReopenedStore(open: () => Promise<DetectionStore>): Promise<DetectionStore> {
  return new ReopenedStore(open, await open());
}

class ReopenedStore implements DetectionStore {
  readonly #open: () => Promise<DetectionStore>;
  #store: Promise<DetectionStore>;

  constructor(open: () => Promise<DetectionStore>, store: DetectionStore) {
    this.#open = open;
    this.#store = Promise.resolve(store);
  }

  put(batch: DetectionColumns): Promise<PutSummary> {
    return this.#write((store) => store.put(batch));
  }

  evictBefore(mjdTai: number): Promise<number> {
    return this.#write((store) => store.evictBefore(mjdTai));
  }

  cone(cone: Cone, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#read((store) => store.cone(cone, query));
  }

  region(region: Region, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#read((store) => store.region(region, query));
  }

  lightCurve(objectId: string, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#read((store) => store.lightCurve(objectId, query));
  }

  night(night: number, query: DetectionQuery): AsyncIterable<DetectionColumns> {
    return this.#read((store) => store.night(night, query));
  }

  async nearest(at: Cone, k: number, query: DetectionQuery): Promise<DetectionColumns> {
    return (await this.#store).nearest(at, k, query);
  }

  async detection(survey: string, sourceId: string): Promise<DetectionColumns> {
    return (await this.#store).detection(survey, sourceId);
  }

  async objects(objectId: string): Promise<readonly ObjectRecord[]> {
    return (await this.#store).objects(objectId);
  }

  async summary(): Promise<StoreSummary> {
    return (await this.#store).summary();
  }

  async close(): Promise<void> {
    await (await this.#store).close();
  }

  /** Writes queue up, each with a store of its own. */
  async #write<T>(write: (store: DetectionStore) => Promise<T>): Promise<T> {
    const written = this.#store.then(async (store) => ({ store, outcome: await write(store) }));
    this.#store = written.then(async ({ store }) => {
      await store.close();
      return this.#open();
    });
    return (await written).outcome;
  }

  async *#read(read: (store: DetectionReader) => AsyncIterable<DetectionColumns>): AsyncGenerator<DetectionColumns> {
    yield* read(await this.#store);
  }
}
