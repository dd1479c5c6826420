import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import { withLiveSky } from '../../../src/store/liveSky.ts';
import type { DetectionStore, PutSummary } from '../../../src/store/store.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { collect, columnsOf, idsOf, queryOf } from '../../support/detections.ts';
import { coneOf } from '../../../src/sky/cone.ts';

const ALL_SKY = coneOf(0, 0, Math.PI);
const rowsAt = (ids: readonly number[], mjdTai = 60_000): DetectionColumns =>
  columnsOf(ids.map((id) => ({ sourceId: id, raDeg: id, decDeg: 10, mjdTai })));

/** A live store that can be away. */
async function liveStore(): Promise<{ store: DetectionStore; ids: () => Promise<string[]>; away: (isAway: boolean) => void }> {
  const inner = await openBruteStore();
  let isAway = false;
  const put = (batch: DetectionColumns): Promise<PutSummary> =>
    isAway ? Promise.reject(new AppError('unavailable', 'tile38 is away')) : inner.put(batch);
  const store = new Proxy(inner, {
    get: (target, name) => {
      if (name === 'put') return put;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return {
    store,
    ids: async () => idsOf(await collect(inner.cone(ALL_SKY, queryOf()))),
    away: (now) => {
      isAway = now;
    },
  };
}

describe('a store with a live sky', () => {
  it('sends the detections that start an object, and only those', async () => {
    const live = await liveStore();
    const store = withLiveSky(await openBruteStore(), live.store);
    await store.put(rowsAt([1, 2]));
    await store.put(columnsOf([{ sourceId: 3, raDeg: 1, decDeg: 10, mjdTai: 60_001 }]));
    await store.put(rowsAt([1, 2]));
    await store.drained();
    expect(await live.ids()).toEqual(['1', '2']);
    expect(store.liveSky).toEqual({ waiting: 0, sent: 2, refused: 0, dropped: 0, failure: null });
    await store.close();
  });

  it('answers put while the live server is away, shows what waits, and brings it out when the server is back', async () => {
    const live = await liveStore();
    const store = withLiveSky(await openBruteStore(), live.store, { retryMs: 1 });
    live.away(true);
    expect((await store.put(rowsAt([1, 2, 3]))).accepted).toBe(3);
    await new Promise((resolve) => setImmediate(resolve));
    expect([store.liveSky.waiting, store.liveSky.failure]).toEqual([3, 'tile38 is away']);
    expect((await store.summary()).durability).toContain('live sky');
    live.away(false);
    await store.drained();
    expect(await live.ids()).toEqual(['1', '2', '3']);
    expect(store.liveSky.failure).toBeNull();
    await store.close();
  });

  it('keeps the newest rows within the bound and counts those it drops, all of them in the archive', async () => {
    const live = await liveStore();
    const store = withLiveSky(await openBruteStore(), live.store, { retryMs: 1, bufferRows: 4 });
    live.away(true);
    for (let first = 1; first <= 9; first += 2) await store.put(rowsAt([first, first + 1]));
    expect(store.liveSky.waiting + store.liveSky.dropped).toBe(10);
    expect(store.liveSky.waiting).toBeLessThanOrEqual(4);
    live.away(false);
    await store.drained();
    expect((await live.ids()).slice(-2)).toEqual(['9', '10']);
    expect((await store.summary()).detections).toBe(10);
    await store.close();
  });

  it('closes in time while the live server is away', async () => {
    const live = await liveStore();
    const store = withLiveSky(await openBruteStore(), live.store, { retryMs: 60_000, closeMs: 60_000 });
    live.away(true);
    await store.put(rowsAt([1]));
    await store.close();
    expect(store.liveSky.waiting).toBe(1);
  });
});
