// The two ways of a cross-match, at once and later, must give the same; and what fails late must be heard.

import { describe, expect, it } from 'vitest';
import { crossMatch } from '../../../query/crossMatch.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import type { DetectionQuery } from '../../../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../../../src/sky/angle.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import type { Cone } from '../../../src/sky/regions.ts';
import type { DetectionStore } from '../../../src/store/store.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { columnsOf, type DetectionRow } from '../../support/detections.ts';
import { withImmediateCone } from '../../faces/restApp.ts';

const ROWS: readonly DetectionRow[] = Array.from({ length: 90 }, (_, i) => ({
  sourceId: i, raDeg: 10 + (i % 30) / 10, decDeg: 5 + ((i * 7) % 11) / 20_000, mjdTai: 60_000 + ((i * 13) % 90),
})); // prettier-ignore
const positions = Array.from({ length: 40 }, (_, i) => ({ id: String(i), raDeg: 10 + i / 10, decDeg: 5 }));

describe('crossMatch', () => {
  it.each([1, 2, 3] as const)('finds the same with find=%s whether the store answers at once, later or partly', async (find) => {
    const later = await filledStore();
    const request = { positions, radiusArcsec: 1.5, find };
    const expected = linesOf(await crossMatch(later, request));
    expect(expected.length).toBeGreaterThan(20);
    for (const everyNth of [1, 3]) {
      const sometimes = await withImmediate(later, everyNth);
      expect(linesOf(await crossMatch(sometimes, request))).toEqual(expected);
    }
  });

  it('an error of one position ends the call with that error and leaves none unheard', async () => {
    const store = await filledStore();
    let asked = 0;
    const failing: DetectionStore = {
      ...withImmediateCone(store, columnsOf([])),
      nearest: async (at, k, query) => {
        if (++asked >= 3) throw new Error(`position ${asked}`);
        return store.nearest(at, k, query);
      },
    };
    await expect(crossMatch(failing, { positions, radiusArcsec: 1, find: 2 })).rejects.toThrow('position 3');
  });

  it('ends when its signal does', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const many = Array.from({ length: 10_000 }, () => positions[0]);
    const call = crossMatch(await filledStore(), { positions: many, radiusArcsec: 1, find: 1 }, { signal: controller.signal });
    await expect(call).rejects.toThrow(/enough|cancelled/);
  });
});

async function filledStore(): Promise<DetectionStore> {
  const store = await openBruteStore();
  await store.put(columnsOf(ROWS));
  return store;
}

function linesOf({ columns, positionOf, rowOf }: Awaited<ReturnType<typeof crossMatch>>): string[] {
  return rowOf.map((row, line) => `${positionOf[line]} ${row < 0 ? 'none' : `${columns.sourceIdOf(row)} ${columns.sepArcsec[row]}`}`);
}

/** Answers at once, but for every nth place, which it leaves to later. */
async function withImmediate(store: DetectionStore, everyNth: number): Promise<DetectionStore> {
  const answers = new Map<string, DetectionColumns>();
  for (const position of positions) {
    // what the two questions of a cross-match give, asked beforehand since a test store has no way to do so at once
    const at = coneAt(position);
    answers.set(`n${position.raDeg}`, await store.nearest(at, 1, query(1)));
    for await (const batch of store.cone(at, query(1e6))) answers.set(`c${position.raDeg}`, batch);
  }
  let asked = 0;
  const now = (kind: string, at: Cone, out: DetectionColumns): boolean => {
    out.length = 0;
    if (everyNth > 1 && ++asked % everyNth === 0) return false;
    const rows = answers.get(kind + String(at.raDeg));
    for (let row = 0; row < (rows?.length ?? 0); row++) out.copyRow(rows!, row);
    return true;
  };
  const base = withImmediateCone(store, columnsOf([]));
  return {
    ...base,
    immediate: {
      ...base.immediate!,
      coneNow: (at, _query, out) => now('c', at, out),
      nearestNow: (at, _k, _query, out) => now('n', at, out),
    },
  };
}

const query = (limit: number): DetectionQuery => ({ window: { mjdMinTai: -Infinity, mjdMaxTai: Infinity }, filter: {}, limit });

const coneAt = ({ raDeg, decDeg }: { raDeg: number; decDeg: number }): Cone => coneOf(raDeg, decDeg, 1.5 * RAD_PER_ARCSEC);
