// Random skies and questions for fast-check: points at poles, at RA 0 and 360, on pixel edges, equal and
// nearly equal points; times, names and ids from few values, so that everything meets everything.

import fc from 'fast-check';
import type { Kind } from '../../../src/model/kind.ts';
import type { DetectionFilter, TimeWindow } from '../../../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../../../src/sky/angle.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import type { Cone } from '../../../src/sky/regions.ts';
import type { DetectionRow } from '../../support/detections.ts';
import { HARD_PLACES, placeAt, type Place } from './places.ts';

/** Log-uniform from 0.1 mas to 180 deg, arcsec. */
const anyDistanceArcsec = fc
  .double({ min: -4, max: Math.log10(648_000), noNaN: true })
  .map((exponent) => Math.min(648_000, 10 ** exponent));

const uniformPlace = fc
  .tuple(fc.double({ min: 0, max: 360, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([raDeg, z]): Place => ({ raDeg, decDeg: (Math.asin(z) * 180) / Math.PI }));

const hardPlace = fc.constantFrom(...HARD_PLACES, { raDeg: 360, decDeg: 0 }, { raDeg: 360, decDeg: -90 });

const placeNear = (places: fc.Arbitrary<Place>): fc.Arbitrary<Place> =>
  fc.tuple(places, anyDistanceArcsec, fc.integer({ min: 0, max: 359 })).map(([place, distance, paDeg]) => placeAt(place, distance, paDeg));

export const anyPlace = fc.oneof(uniformPlace, hardPlace, placeNear(hardPlace));

/** A crowd: few places, and points up to 2.5 arcsec around them, where associations are hard to decide. */
const crowdedPlace = fc
  .tuple(
    fc.constantFrom(...HARD_PLACES.filter((_, i) => i % 37 === 0)),
    fc.integer({ min: 0, max: 25 }),
    fc.constantFrom(0, 10, 75, 180, 310),
  )
  .map(([place, step, paDeg]) => placeAt(place, 0.1 * step + 0.003, paDeg));

const id = fc.oneof(
  fc.integer({ min: 0, max: 60 }).map(String),
  fc.integer({ min: 0, max: 60 }).map((n) => (9_007_199_254_740_992n + BigInt(n)).toString()),
  fc.integer({ min: 0, max: 30 }).map((n) => `433.txt:${String(n)}`),
  fc.constantFrom('-9223372036854775808', '9223372036854775807', '__proto__', 'constructor', '00', '-1', 'é'),
);

const oneIn = (n: number): fc.Arbitrary<boolean> => fc.nat({ max: n - 1 }).map((x) => x === n - 1);

const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(values, { nil: undefined });

const SURVEYS = ['ZTF', 'LSST', 'ATLAS'] as const;
const BANDS = ['', 'g', 'r', 'i'] as const;
const KINDS: readonly Kind[] = ['detection', 'forced', 'upper_limit'];

/** Offsets from the first night's midnight, days: four nights of six exposures each. */
const exposureOffset = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 5 })).map(([night, i]) => night + (i - 2) / 16);

export function anyRow(t0: number): fc.Arbitrary<DetectionRow> {
  return fc
    .record({
      place: fc.oneof(anyPlace, crowdedPlace, crowdedPlace),
      sourceId: id,
      offset: exposureOffset,
      survey: fc.constantFrom(...SURVEYS),
      band: fc.constantFrom(...BANDS),
      kind: fc.constantFrom(...KINDS),
      station: fc.constantFrom('', 'I41', '413'),
      objectId: orNull(fc.constantFrom('ZTF18aaaaaaa', '8467', 'ZTF:1')),
      magAb: orNull(fc.constantFrom(17.5, 18, 18.3, 20)),
      reliability: orNull(fc.constantFrom(0, 0.3, 0.9, 1)),
      flags: orNull(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
      exposureId: orNull(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n })),
    })
    .map(({ place, offset, ...rest }) => {
      const given = Object.entries(rest).filter(([, value]) => value !== undefined);
      return { ...place, mjdTai: t0 + offset, sourceId: rest.sourceId, ...Object.fromEntries(given) };
    });
}

/** Batches of rows, and now and then one of them again, the same or with another magnitude. No chain: it would shrink badly. */
export function anyBatches(t0: number): fc.Arbitrary<DetectionRow[][]> {
  return fc
    .array(fc.record({ row: anyRow(t0), how: fc.constantFrom('once', 'once', 'once', 'again', 'changed'), endsBatch: oneIn(20) }), {
      minLength: 1,
      maxLength: 90,
      size: 'max',
    })
    .map((entries) =>
      inBatches(
        entries.flatMap(({ row, how, endsBatch }) => {
          if (how === 'once') return [{ row, endsBatch }];
          return [
            { row, endsBatch: false },
            { row: how === 'again' ? row : { ...row, magAb: 19.25 }, endsBatch },
          ];
        }),
      ),
    );
}

/** The same rows, ids all different, in two orders and cut into batches in two ways. */
export function rowsInTwoOrders(t0: number, maxLength = 80): fc.Arbitrary<[DetectionRow[][], DetectionRow[][]]> {
  return fc
    .uniqueArray(fc.record({ row: anyRow(t0), endsBatch: oneIn(15), rank: fc.nat(), endsOther: oneIn(10) }), {
      selector: ({ row }) => keyOf(row),
      minLength: 1,
      maxLength,
      size: 'max',
    })
    .map((entries): [DetectionRow[][], DetectionRow[][]] => [
      inBatches(entries),
      inBatches(entries.toSorted((a, b) => a.rank - b.rank).map(({ row, endsOther }) => ({ row, endsBatch: endsOther }))),
    ]);
}

export const keyOf = (row: DetectionRow): string => `${row.survey ?? 'ZTF'}:${String(row.sourceId)}`;

function inBatches(entries: readonly { readonly row: DetectionRow; readonly endsBatch: boolean }[]): DetectionRow[][] {
  const batches: DetectionRow[][] = [[]];
  for (const { row, endsBatch } of entries) {
    batches.at(-1)?.push(row);
    if (endsBatch) batches.push([]);
  }
  return batches;
}

/** A question in terms of the rows: `pick` chooses among them. */
export interface AnyQuery {
  readonly place: Place;
  readonly atRow: boolean;
  readonly pick: number;
  readonly other: number;
  /** Radius to the other row exactly, or this. */
  readonly radiusArcsec: number | null;
  readonly windowed: boolean;
  readonly filter: DetectionFilter;
  readonly limit: number;
  readonly paged: boolean;
  readonly k: number;
}

export const anyQuery: fc.Arbitrary<AnyQuery> = fc.record({
  place: anyPlace,
  atRow: fc.boolean(),
  pick: fc.nat(),
  other: fc.nat(),
  radiusArcsec: fc.oneof(anyDistanceArcsec, fc.constantFrom(0, 1, 10, 648_000), fc.constant(null)),
  windowed: fc.boolean(),
  filter: fc.oneof(
    fc.constant({}),
    fc.record(
      {
        bands: fc.subarray([...BANDS, 'y']),
        surveys: fc.subarray([...SURVEYS, 'Gaia']),
        kinds: fc.subarray([...KINDS]),
        minReliability: fc.constantFrom(0, 0.3, 0.9),
        magMin: fc.constantFrom(17.5, 18.3),
        magMax: fc.constantFrom(18.3, 19),
      },
      { requiredKeys: [] },
    ),
  ),
  limit: fc.constantFrom(1, 2, 5, 1_000_000, 1_000_000),
  paged: fc.boolean(),
  k: fc.constantFrom(1, 2, 5, 1000),
});

export function coneOfQuery(query: AnyQuery, rows: readonly DetectionRow[], separationRad: (a: Place, b: Place) => number): Cone {
  const row = rows[query.pick % rows.length];
  const { raDeg, decDeg } = query.atRow ? row : query.place;
  const other = rows[query.other % rows.length];
  const radiusRad = query.radiusArcsec === null ? separationRad({ raDeg, decDeg }, other) : query.radiusArcsec * RAD_PER_ARCSEC;
  return coneOf(raDeg, decDeg, Math.min(radiusRad, Math.PI));
}

/** From one row's time to another's, both of which decide at the borders. */
export function windowOfQuery(query: AnyQuery, rows: readonly DetectionRow[]): TimeWindow {
  const a = rows[query.pick % rows.length].mjdTai;
  const b = rows[query.other % rows.length].mjdTai;
  return { mjdMinTai: Math.min(a, b), mjdMaxTai: Math.max(a, b) };
}
