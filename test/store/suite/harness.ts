// What the parts of the suite share: a fresh store for every test, and short ways to put and to ask.

import { it } from 'vitest';
import { checkBatch } from '../../../src/model/checkBatch.ts';
import type { DetectionColumns } from '../../../src/model/columns.ts';
import type { DetectionQuery } from '../../../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../../../src/sky/angle.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import type { Cone } from '../../../src/sky/regions.ts';
import type { DetectionStore, ImmediateReader, PutSummary } from '../../../src/store/store.ts';
import { collect, columnsOf, queryOf, type DetectionRow } from '../../support/detections.ts';

export interface StoreSuiteOptions {
  /** The nights that the store keeps. The suite's rows are from the night before the first to the third after it. Without it: all time. */
  readonly liveWindow?: { readonly firstNight: number; readonly nights: number };
  /** Why this engine cannot be tested here; every test is skipped with it. */
  readonly skipReason?: string;
}

/** How many nights most tests need. */
const SUITE_NIGHTS = 5;

/** An empty store with an association radius of 1 arcsec but for these surveys, or null where the engine is absent. */
export type OpenStore = (radiusArcsecBySurvey: Readonly<Record<string, number>>) => Promise<DetectionStore | null>;

export interface Needs {
  /** How many nights the rows of the test span; 5 when not said. */
  readonly nights?: number;
  readonly radiusArcsecBySurvey?: Readonly<Record<string, number>>;
}

type Skip = (reason: string) => never;
type Body = (store: DetectionStore) => Promise<void>;

interface StoreTest {
  (name: string, body: Body): void;
  (name: string, needs: Needs, body: Body): void;
}

export interface Harness {
  /** Rows are from the night before this one to the third after it. */
  readonly night0: number;
  /** TAI of Greenwich midnight in that night, an integer: times beside it are exact. */
  readonly t0: number;
  readonly test: StoreTest;
  /** Skips where the store has no answers at once. */
  readonly immediateTest: (name: string, body: (store: DetectionStore, reader: ImmediateReader) => Promise<void>) => void;
}

export function harnessOf(suite: string, open: OpenStore, options: StoreSuiteOptions): Harness {
  const { firstNight, nights } = options.liveWindow ?? { firstNight: 60_000, nights: Infinity };
  const said = new Set<string>();

  function storeTest(
    name: string,
    { nights: span = SUITE_NIGHTS, radiusArcsecBySurvey = {} }: Needs,
    body: (store: DetectionStore, skip: Skip) => Promise<void>,
  ): void {
    it(name, async ({ skip }) => {
      const skipAloud = (reason: string): never => {
        if (!said.has(reason)) console.log(`skipped: ${name}, and whatever else of ${suite} ${reason}`);
        said.add(reason);
        return skip(reason);
      };
      if (options.skipReason !== undefined) return skipAloud(options.skipReason);
      if (span > nights) return skipAloud(`needs more than the ${String(nights)} nights that it keeps`);
      const store = await open(radiusArcsecBySurvey);
      if (store === null) return skipAloud('needs its engine, which is not on this machine');
      try {
        await body(store, skipAloud);
      } finally {
        await store.close();
      }
    });
  }

  return {
    night0: firstNight,
    t0: firstNight + 1,
    test(name, ...rest: [Body] | [Needs, Body]) {
      if (rest.length === 1) storeTest(name, {}, rest[0]);
      else storeTest(name, ...rest);
    },
    immediateTest(name, body) {
      storeTest(name, {}, async (store, skip) => {
        if (store.immediate === undefined) return skip('needs answers at once, which it does not have');
        await body(store, store.immediate);
      });
    },
  };
}

/** Puts rows as ingest does: through the batch check, which none of these may fail. */
export async function put(store: DetectionStore, rows: readonly DetectionRow[]): Promise<PutSummary> {
  return store.put(checked(rows));
}

export function checked(rows: readonly DetectionRow[]): DetectionColumns {
  const { good, rejected } = checkBatch(columnsOf(rows));
  if (rejected.length > 0) throw new Error(`a row of the test is out of range: ${rejected[0].message}`);
  return good;
}

export function coneAt(raDeg: number, decDeg: number, radiusArcsec: number): Cone {
  return coneOf(raDeg, decDeg, radiusArcsec * RAD_PER_ARCSEC);
}

export const ALL_SKY: Cone = coneOf(0, 90, Math.PI);

export function coneRows(store: DetectionStore, cone: Cone, query: Partial<DetectionQuery> = {}): Promise<DetectionColumns> {
  return collect(store.cone(cone, queryOf(query)));
}

export function lightCurveRows(store: DetectionStore, objectId: string, query: Partial<DetectionQuery> = {}): Promise<DetectionColumns> {
  return collect(store.lightCurve(objectId, queryOf(query)));
}

export function nightRows(store: DetectionStore, night: number, query: Partial<DetectionQuery> = {}): Promise<DetectionColumns> {
  return collect(store.night(night, queryOf(query)));
}
