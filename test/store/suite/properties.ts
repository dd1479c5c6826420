// Every engine against the reference store, on random skies. A failure prints its seed and the smallest sky
// that shows it; NIGHTJAR_TEST_SEED and NIGHTJAR_TEST_RUNS look elsewhere and longer.

import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { DetectionColumns } from '../../../src/model/columns.ts';
import { compareKeys, rowKey } from '../../../src/model/order.ts';
import type { DetectionQuery } from '../../../src/model/window.ts';
import { coneOf, separationRad } from '../../../src/sky/cone.ts';
import { mocOfCone } from '../../../src/sky/moc.ts';
import { polygonOf } from '../../../src/sky/polygon.ts';
import { unitVector } from '../../../src/sky/vector.ts';
import type { DetectionStore, Region } from '../../../src/store/store.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { collect, keysOf, queryOf, recordOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, checked, coneRows, type Harness, type OpenStore } from './harness.ts';
import { placeAt, type Place } from './places.ts';
import { anyBatches, anyQuery, anyRow, coneOfQuery, keyOf, rowsInTwoOrders, windowOfQuery, type AnyQuery } from './randomSky.ts';

const seed = Number(process.env['NIGHTJAR_TEST_SEED'] ?? 20_261_124);
const MANY_RUNS = 25;

// A slow engine ends its search for the smallest sky in time to report it.
const SEARCH = { seed, interruptAfterTimeLimit: 30_000 };

const QUERIES = fc.array(anyQuery, { minLength: 10, maxLength: 10 });

export function propertyTests({ test, immediateTest, t0, night0 }: Harness, open: OpenStore, runs = MANY_RUNS): void {
  const search = { ...SEARCH, numRuns: Number(process.env['NIGHTJAR_TEST_RUNS'] ?? runs) };
  const radiusArcsecBySurvey = { ATLAS: 2 };

  /** Both stores with the same batches put, and every summary of put compared. */
  async function withBoth(
    batches: readonly DetectionRow[][],
    body: (store: DetectionStore, brute: DetectionStore, rows: DetectionRow[]) => Promise<void>,
  ): Promise<void> {
    const store = await open(radiusArcsecBySurvey);
    if (store === null) throw new Error('the engine went away');
    try {
      const brute = await openBruteStore({ radiusArcsecBySurvey });
      for (const rows of batches) {
        const batch = checked(rows);
        expect(plainSummary(await store.put(batch))).toEqual(plainSummary(await brute.put(batch)));
      }
      await body(store, brute, batches.flat());
    } finally {
      await store.close();
    }
  }

  /** One property: random batches, and random questions about them. */
  function property(name: string, ask: (store: DetectionStore, query: AnyQuery, rows: readonly DetectionRow[]) => Promise<unknown>): void {
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(anyBatches(t0), QUERIES, async (batches, queries) => {
          await withBoth(batches, async (store, brute, rows) => {
            for (const query of queries) expect(await ask(store, query, rows)).toEqual(await ask(brute, query, rows));
          });
        }),
        search,
      );
    });
  }

  describe('as the reference store', () => {
    property('any cone has the same rows, separations and object ids', async (store, query, rows) =>
      answerOf(await collect(store.cone(coneOfQuery(query, rows, placesRad), detectionQuery(query, rows)))),
    );

    property('any polygon has the same rows', async (store, query, rows) =>
      answerOf(await collect(store.region(polygonOfQuery(query, rows), detectionQuery(query, rows)))),
    );

    property('any MOC has the same rows', async (store, query, rows) =>
      answerOf(await collect(store.region(mocOfQuery(query, rows), detectionQuery(query, rows)))),
    );

    property('any light curve has the same rows', async (store, query, rows) => {
      const row = rows[query.pick % rows.length];
      const name = query.atRow ? (row.objectId ?? '8467') : `${row.survey ?? 'ZTF'}:${String(row.sourceId)}`;
      return answerOf(await collect(store.lightCurve(name, detectionQuery(query, rows))));
    });

    property('any night has the same rows', async (store, query, rows) =>
      answerOf(await collect(store.night(night0 + (query.pick % 4), detectionQuery(query, rows)))),
    );

    property('any row found by id has the same columns', async (store, query, rows) => {
      const row = rows[query.pick % rows.length];
      const answer = await store.detection(row.survey ?? 'ZTF', String(row.sourceId));
      return Array.from({ length: answer.length }, (_, i) => recordOf(answer, i));
    });

    property('any object has the same record', async (store, query, rows) => {
      const row = rows[query.pick % rows.length];
      return store.objects(query.atRow ? (row.objectId ?? '8467') : `${row.survey ?? 'ZTF'}:${String(row.sourceId)}`);
    });

    test('the nearest of any place are the same', async () => {
      await fc.assert(
        fc.asyncProperty(anyBatches(t0), QUERIES, async (batches, queries) => {
          await withBoth(batches, async (store, brute, rows) => {
            for (const query of queries) {
              const cone = coneOfQuery(query, rows, placesRad);
              const { window, filter } = detectionQuery(query, rows);
              const answer = await store.nearest(cone, query.k, queryOf({ window, filter }));
              const all = await collect(brute.cone(cone, queryOf({ window, filter })));
              expectNearest(answer, all, query.k);
            }
          });
        }),
        search,
      );
    });

    immediateTest('any answer at once is the same, or refused', async () => {
      await fc.assert(
        fc.asyncProperty(anyBatches(t0), QUERIES, async (batches, queries) => {
          await withBoth(batches, async ({ immediate }, brute, rows) => {
            const out = new DetectionColumns(1);
            for (const query of queries) {
              const cone = coneOfQuery(query, rows, placesRad);
              const asked = detectionQuery(query, rows);
              if (immediate?.coneNow(cone, asked, out) === true)
                expect(answerOf(out)).toEqual(answerOf(await collect(brute.cone(cone, asked))));
              if (immediate?.nearestNow(cone, query.k, queryOf(), out) === true)
                expectNearest(out, await collect(brute.cone(cone, queryOf())), query.k);
              if (immediate?.lightCurveNow('8467', asked, out) === true) {
                expect(answerOf(out)).toEqual(answerOf(await collect(brute.lightCurve('8467', asked))));
              }
            }
          });
        }),
        search,
      );
    });

    test('after any eviction the same rows are left and forgotten', async () => {
      await fc.assert(
        fc.asyncProperty(anyBatches(t0), fc.double({ min: -1, max: 4, noNaN: true }), anyBatches(t0), async (batches, days, later) => {
          await withBoth(batches, async (store, brute) => {
            expect(await store.evictBefore(t0 + days)).toBe(await brute.evictBefore(t0 + days));
            for (const rows of later) {
              const batch = checked(rows);
              expect(plainSummary(await store.put(batch))).toEqual(plainSummary(await brute.put(batch)));
            }
            expect(answerOf(await coneRows(store, ALL_SKY))).toEqual(answerOf(await coneRows(brute, ALL_SKY)));
            expect(countsOf(await store.summary())).toEqual(countsOf(await brute.summary()));
          });
        }),
        search,
      );
    });
  });

  describe('order of arrival', () => {
    test('rows that arrive in any order, in any batches, give the same rows', async () => {
      await fc.assert(
        fc.asyncProperty(rowsInTwoOrders(t0), async ([one, other]) => {
          const answers: unknown[] = [];
          for (const batches of [one, other]) {
            await withBoth(batches, async (store) => {
              const all = await coneRows(store, ALL_SKY);
              // Which detection starts an object is a matter of order between visits; all else is not.
              answers.push(Array.from({ length: all.length }, (_, i) => ({ ...recordOf(all, i), object_id: null })));
            });
          }
          expect(answers[1]).toEqual(answers[0]);
        }),
        search,
      );
    });

    test('rows of one visit that arrive in any order, in any batches, join the same objects', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(anyRow(t0), { selector: keyOf, maxLength: 60, size: 'max' }),
          rowsInTwoOrders(t0),
          async (known, [one, other]) => {
            const taken = new Set(known.map(keyOf));
            const visit = (batches: readonly DetectionRow[][]): DetectionRow[][] =>
              batches.map((rows) =>
                rows
                  .filter((row) => !taken.has(keyOf({ ...row, survey: 'ZTF' })))
                  .map((row) => ({ ...row, survey: 'ZTF', mjdTai: t0 + 2.5 })),
              );
            const answers: unknown[] = [];
            for (const batches of [one, other]) {
              await withBoth([known, ...visit(unlikeIds(batches))], async (store) => {
                answers.push(answerOf(await coneRows(store, ALL_SKY)));
              });
            }
            expect(answers[1]).toEqual(answers[0]);
          },
        ),
        search,
      );
    });
  });
}

/** Ids that stay different when all rows become one survey's. */
function unlikeIds(batches: readonly DetectionRow[][]): DetectionRow[][] {
  return batches.map((rows) => rows.map((row) => ({ ...row, sourceId: `${keyOf(row)} of the visit` })));
}

function detectionQuery(query: AnyQuery, rows: readonly DetectionRow[]): DetectionQuery {
  const { filter, limit } = query;
  const window = query.windowed ? { window: windowOfQuery(query, rows) } : {};
  const { mjdTai, survey = 'ZTF', sourceId } = rows[query.other % rows.length];
  const after = query.paged ? { after: { mjdTai, survey, sourceId: String(sourceId) } } : {};
  return queryOf({ filter, limit, ...window, ...after });
}

function placesRad(a: Place, b: Place): number {
  return separationRad(unitVector(a.raDeg, a.decDeg), unitVector(b.raDeg, b.decDeg));
}

/** A triangle around a place, from a milliarcsecond to 60 deg wide. */
function polygonOfQuery(query: AnyQuery, rows: readonly DetectionRow[]): Region {
  const centre = query.atRow ? rows[query.pick % rows.length] : query.place;
  const widthArcsec = Math.min(Math.max(query.radiusArcsec ?? 60, 0.001), 60 * 3600);
  const vertices = [10, 130, 250].map((paDeg) => placeAt(centre, widthArcsec, paDeg + (query.other % 90)));
  return { kind: 'polygon', polygon: polygonOf(vertices) };
}

/** The pixels of an order from 2 to 13 around a place, up to some 10 pixels wide. */
function mocOfQuery(query: AnyQuery, rows: readonly DetectionRow[]): Region {
  const centre = query.atRow ? rows[query.pick % rows.length] : query.place;
  const order = 2 + (query.other % 12);
  const radiusRad = (query.pick % 5) / 2 ** order;
  return { kind: 'moc', moc: mocOfCone(coneOf(centre.raDeg, centre.decDeg, radiusRad), order) };
}

function answerOf(columns: DetectionColumns): unknown[] {
  return keysOf(columns).map((key, row) => ({
    key,
    objectId: columns.objectId[row],
    // To 0.01 uas: an engine may compute a separation in another way than the reference.
    sepArcsec: Number.isNaN(columns.sepArcsec[row]) ? null : Number(columns.sepArcsec[row].toFixed(8)) + 0,
  }));
}

function plainSummary(summary: Awaited<ReturnType<DetectionStore['put']>>): unknown {
  const { accepted, duplicates, rejected, unassociated } = summary;
  return {
    accepted,
    duplicates,
    rejected: rejected.map(({ row, code }) => ({ row, code })).sort((a, b) => a.row - b.row),
    unassociated: unassociated.toSorted((a, b) => a - b),
  };
}

function countsOf(summary: Awaited<ReturnType<DetectionStore['summary']>>): unknown {
  const { detections, objects, mjdTaiFirst, mjdTaiLast } = summary;
  return { detections, objects, mjdTaiFirst, mjdTaiLast };
}

/**
 * The answer is k of all, by separation, ties in row order. Two separations that differ by less than
 * rounding (1e-9 arcsec) may come in either order.
 */
function expectNearest(answer: DetectionColumns, all: DetectionColumns, k: number): void {
  const rowOf = new Map(keysOf(all).map((key, row) => [key, row]));
  const expected = Array.from(all.sepArcsec.slice(0, all.length))
    .sort((a, b) => a - b)
    .slice(0, k);
  expect(answer.length).toBe(expected.length);
  const keys = keysOf(answer);
  expect(new Set(keys).size).toBe(keys.length);
  keys.forEach((key, i) => {
    const row = rowOf.get(key);
    expect(row, `${key} is no row of the cone`).toBeDefined();
    expect(answer.sepArcsec[i]).toBeCloseTo(all.sepArcsec[row ?? 0], 9);
    expect(answer.sepArcsec[i]).toBeCloseTo(expected[i], 9);
    const isTie = i > 0 && answer.raDeg[i] === answer.raDeg[i - 1] && answer.decDeg[i] === answer.decDeg[i - 1];
    if (isTie) expect(compareKeys(rowKey(answer, i - 1), rowKey(answer, i))).toBeLessThan(0);
  });
}
