// Places where spherical indexes go wrong: poles, the RA wrap, pixel edges and corners of all orders.

import { RAD_PER_ARCSEC } from '../../../src/sky/angle.ts';
import { cornersOf, pixelCount } from '../../../src/sky/healpix/nested.ts';
import type { UnitVector } from '../../../src/sky/regions.ts';
import { unitVector, vectorToRaDec } from '../../../src/sky/vector.ts';

export interface Place {
  readonly raDeg: number;
  readonly decDeg: number;
}

/** The place at this distance in the direction of the position angle (north through east). */
export function placeAt(from: Place, distanceArcsec: number, paDeg: number): Place {
  const ra = (from.raDeg * Math.PI) / 180;
  const dec = (from.decDeg * Math.PI) / 180;
  const pa = (paDeg * Math.PI) / 180;
  const r = distanceArcsec * RAD_PER_ARCSEC;
  const { x, y, z } = unitVector(from.raDeg, from.decDeg);
  const north = { x: -Math.sin(dec) * Math.cos(ra), y: -Math.sin(dec) * Math.sin(ra), z: Math.cos(dec) };
  const east = { x: -Math.sin(ra), y: Math.cos(ra), z: 0 };
  const n = Math.sin(r) * Math.cos(pa);
  const e = Math.sin(r) * Math.sin(pa);
  const c = Math.cos(r);
  return vectorToRaDec({ x: c * x + n * north.x + e * east.x, y: c * y + n * north.y + e * east.y, z: c * z + n * north.z });
}

export const POLES: readonly Place[] = [
  { raDeg: 0, decDeg: 90 },
  { raDeg: 0, decDeg: -90 },
  { raDeg: 217, decDeg: 90 },
  { raDeg: 217, decDeg: -90 },
];

export const NEAR_WRAP: readonly Place[] = [
  { raDeg: 0, decDeg: 0 },
  { raDeg: 0, decDeg: 60 },
  { raDeg: 359.99999999, decDeg: 0 },
  { raDeg: 359.99999999, decDeg: -41.8 },
  { raDeg: 1e-9, decDeg: 12 },
  { raDeg: 180, decDeg: 0 },
];

/** Corners of the twelve base pixels: where four, at the poles four and at |dec| 41.8 deg three, of them meet. */
export const BASE_CORNERS: readonly Place[] = unique(
  Array.from({ length: 12 }, (_, ipix) => cornersOf(0, ipix).map((corner) => vectorToRaDec(corner))).flat(),
);

/** Corners and middles of edges of some pixels of each order from 6 to 14, base-pixel borders among them. */
export const PIXEL_EDGES: readonly Place[] = unique(
  Array.from({ length: 9 }, (_, o) => o + 6).flatMap((order) => {
    const count = pixelCount(order);
    const face = count / 12;
    const pixels = [0, face - 1, 4 * face + 1, Math.floor(5.37 * face), count - 1 - Math.floor(0.21 * face)];
    return pixels.flatMap((ipix) => {
      const corners = cornersOf(order, ipix);
      const middles = corners.map((corner, i) => middleOf(corner, corners[(i + 1) % 4]));
      return [...corners, ...middles].map((v) => vectorToRaDec(v));
    });
  }),
);

export const HARD_PLACES: readonly Place[] = [...POLES, ...NEAR_WRAP, ...BASE_CORNERS, ...PIXEL_EDGES];

function middleOf(a: UnitVector, b: UnitVector): UnitVector {
  return { x: a.x + b.x, y: a.y + b.y, z: a.z + b.z };
}

function unique(places: readonly Place[]): Place[] {
  return [...new Map(places.map((place) => [`${String(place.raDeg)} ${String(place.decDeg)}`, place])).values()];
}
