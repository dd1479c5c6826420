// Covers: the pixels that may meet a region, each with a flag "fully inside". Never a miss; only pixels without
// the flag need the exact test. A pixel is judged by the distance of its centre and the largest pixel radius of its order, so
// a cover has a few pixels too many at the rim, never one too few.

import type { Cone, Polygon } from '../regions.ts';
import { boundaryDistanceRad, isInPolygon, polygonBound } from '../polygon.ts';
import { FACE, FX, FY, MAX_ORDER, X, Y, centreInto, checkOrder, locate } from './nested.ts';
import { pixelAround } from './neighbours.ts';

export interface Cover {
  /** Order of the pixels; lower than asked for where that would have made too many. */
  readonly order: number;
  /** Ascending. */
  readonly ipix: Float64Array;
  /** 1 where every position of the pixel is in the region. */
  readonly fullyInside: Uint8Array;
}

/** Pixels in a cover unless the caller says otherwise. */
export const DEFAULT_MAX_CELLS = 4096;

/** Rounding of a position and of a pixel's centre, rad; a hundred times what they have. */
const ROUNDING_RAD = 2e-14;

export const OUTSIDE = 0;
export const PARTLY = 1;
export const INSIDE = 2;
/** How a disc round (x, y, z) of radius radiusRad lies to a region. */
export type DiscTest = (x: number, y: number, z: number, radiusRad: number) => typeof OUTSIDE | typeof PARTLY | typeof INSIDE;

const MAX_RADIUS = Array.from({ length: MAX_ORDER + 1 }, (_, order) => largestRadius(2 ** order));

/** Largest distance of a pixel's centre to its farthest corner at this order, rad (0.84 / nside at high orders). */
export function maxPixelRadiusRad(order: number): number {
  return MAX_RADIUS[order];
}

/** The largest is the pixel that hangs from the corner of a polar face at (45 deg, z = 2/3) towards the pole. */
function largestRadius(nside: number): number {
  const side = 1 - 1 / nside;
  const zPole = 1 - (side * side) / 3;
  const sinPole = side * Math.sqrt((2 - (side * side) / 3) / 3);
  const sin = Math.sqrt(5) / 3;
  const half = Math.PI / (4 * nside);
  const dx = sin * Math.cos(half) - sinPole;
  const dy = sin * Math.sin(half);
  const dz = 2 / 3 - zPole;
  return 2 * Math.asin(Math.sqrt(dx * dx + dy * dy + dz * dz) / 2);
}

/**
 * Pixels of a cone of any radius from 0 to pi, at `order` or, where that takes more than maxCells, at the lowest order below that does not
 * (order 0, 12 pixels, at worst).
 */
export function coverCone(cone: Cone, order: number, maxCells = DEFAULT_MAX_CELLS): Cover {
  return coverOf(coneTest(cone), order, maxCells);
}

/** The same for a polygon. */
export function coverPolygon(polygon: Polygon, order: number, maxCells = DEFAULT_MAX_CELLS): Cover {
  return coverOf(polygonTest(polygon), order, maxCells);
}

export function coneTest(cone: Cone): DiscTest {
  const { radiusRad } = cone;
  const roundingRad = ROUNDING_RAD / Math.max(Math.cos(Math.min(radiusRad, Math.PI) / 2), 1e-8);
  // the squared chords depend on the order only; a walk asks with the same radius many times
  let discRad = NaN;
  let nearSq = 0;
  let insideSq = -1;
  return (x, y, z, radius) => {
    if (radius !== discRad) {
      discRad = radius;
      const reach = radiusRad + radius + roundingRad;
      const room = radiusRad - radius - roundingRad;
      nearSq = squaredChord(reach);
      insideSq = radiusRad >= Math.PI ? 5 : room > 0 ? squaredChord(room) : -1;
    }
    const dx = x - cone.x;
    const dy = y - cone.y;
    const dz = z - cone.z;
    const chordSq = dx * dx + dy * dy + dz * dz;
    return chordSq > nearSq ? OUTSIDE : chordSq <= insideSq ? INSIDE : PARTLY;
  };
}

export function polygonTest(polygon: Polygon): DiscTest {
  const boundTest = coneTest(polygonBound(polygon));
  return (x, y, z, radius) => {
    if (boundTest(x, y, z, radius) === OUTSIDE) return OUTSIDE;
    if (boundaryDistanceRad(polygon, x, y, z) <= radius + ROUNDING_RAD) return PARTLY;
    return isInPolygon(polygon, x, y, z) ? INSIDE : OUTSIDE;
  };
}

function squaredChord(angleRad: number): number {
  if (angleRad >= Math.PI) return 5;
  const half = Math.sin(angleRad / 2);
  return 4 * half * half;
}

const CENTRE = new Float64Array(3);

/** One disc test for a pixel. */
export function testPixel(test: DiscTest, order: number, ipix: number): typeof OUTSIDE | typeof PARTLY | typeof INSIDE {
  centreInto(order, ipix, CENTRE, 0);
  return test(CENTRE[0], CENTRE[1], CENTRE[2], MAX_RADIUS[order]);
}

function coverOf(test: DiscTest, order: number, maxCells: number): Cover {
  checkOrder(order);
  let ipix = Array.from({ length: 12 }, (_, i) => i);
  let flags = ipix.map(() => 0);
  let level = 0;
  for (; ; level++) {
    const kept: number[] = [];
    const keptFlags: number[] = [];
    for (let i = 0; i < ipix.length; i++) {
      const found = flags[i] === 1 ? INSIDE : testPixel(test, level, ipix[i]);
      if (found === OUTSIDE) continue;
      kept.push(ipix[i]);
      keptFlags.push(found === INSIDE ? 1 : 0);
    }
    if (level > 0 && kept.length > maxCells) break;
    ipix = kept;
    flags = keptFlags;
    if (level === order) return coverFrom(level, ipix, flags);
    // four children each, at least a quarter of which stay
    if (ipix.length > maxCells) break;
    ipix = ipix.flatMap((p) => [4 * p, 4 * p + 1, 4 * p + 2, 4 * p + 3]);
    flags = flags.flatMap((f) => [f, f, f, f]);
  }
  // one level too deep: back to the parents
  const parents: number[] = [];
  const parentFlags: number[] = [];
  for (let i = 0; i < ipix.length; i += 4) {
    parents.push(ipix[i] / 4);
    parentFlags.push(flags[i]);
  }
  return coverFrom(level - 1, parents, parentFlags);
}

function coverFrom(order: number, ipix: readonly number[], flags: readonly number[]): Cover {
  return { order, ipix: Float64Array.from(ipix), fullyInside: Uint8Array.from(flags) };
}

/** What smallConeCover found; the object is used again by the next call. */
export interface SmallCover {
  order: number;
  n: number;
}

/** A pixel is at least this far across, in units of 1 / nside rad: 1 / (sqrt(1.5 + (sqrt(6) / pi)^2)) = 0.6887 at the poles. */
const PIXEL_WIDTH = 0.688;
const AT = new Float64Array(5);
const SMALL: SmallCover = { order: 0, n: 0 };

/**
 * The hot cover: the pixel of the centre and those of its neighbours that the cone can reach, at the finest order up to maxOrder where the
 * cone reaches no farther. At most 9 pixels, ascending, written to out (which holds 12: a cone beyond 0.688 rad, 39 deg,
 * gets the 12 base pixels). Never a miss. No allocation: the returned object is used again.
 */
export function smallConeCover(raRad: number, decRad: number, radiusRad: number, maxOrder: number, out: Float64Array): SmallCover {
  if (radiusRad > PIXEL_WIDTH) {
    for (let i = 0; i < 12; i++) out[i] = i;
    SMALL.order = 0;
    SMALL.n = 12;
    return SMALL;
  }
  let order = maxOrder;
  if (radiusRad * (1 << maxOrder) > PIXEL_WIDTH) order = Math.max(0, Math.floor(Math.log2(PIXEL_WIDTH / radiusRad)));
  const nside = 1 << order;
  let quarterTurns = (raRad * (2 / Math.PI)) % 4;
  if (quarterTurns < 0) quarterTurns += 4;
  if (quarterTurns >= 4) quarterTurns = 0;
  locate(nside, quarterTurns, Math.sin(decRad), Math.cos(decRad), AT);
  const face = AT[FACE];
  const x = AT[X];
  const y = AT[Y];
  const fx = AT[FX];
  const fy = AT[FY];
  // reach in pixels; the rest is the rounding of positions, about 1e-15 of a turn
  const reach = (radiusRad / PIXEL_WIDTH + 1e-14) * nside;
  const x0 = fx < reach ? -1 : 0;
  const x1 = 1 - fx < reach ? 1 : 0;
  const y0 = fy < reach ? -1 : 0;
  const y1 = 1 - fy < reach ? 1 : 0;
  let n = 0;
  for (let dx = x0; dx <= x1; dx++) {
    for (let dy = y0; dy <= y1; dy++) {
      const ipix = pixelAround(nside, face, x + dx, y + dy);
      if (ipix < 0) continue;
      let j = n++;
      while (j > 0 && out[j - 1] > ipix) {
        out[j] = out[j - 1];
        j--;
      }
      out[j] = ipix;
    }
  }
  SMALL.order = order;
  SMALL.n = n;
  return SMALL;
}
