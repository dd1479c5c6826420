// Covers: the pixels that may meet a region, each with a flag "fully inside". Never a miss; only pixels without
// the flag need the exact test. A pixel is judged by the distance of its centre and the largest pixel radius of its order, so
// a cover has a few pixels too many at the rim, never one too few.

import type { Cone, Polygon } from '../regions.ts';
import { RAD_PER_DEG } from '../angle.ts';
import { chordSqOf } from '../cone.ts';
import { boundaryDistanceRad, isInPolygon, polygonBound } from '../polygon.ts';
import { FACE, FX, FY, MAX_ORDER, X, Y, centreInto, checkOrder, locate, placeOf, vectorOfFaceInto } from './nested.ts';
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
export type Verdict = typeof OUTSIDE | typeof PARTLY | typeof INSIDE;

/** How a pixel lies to a region, from its order and its centre. PARTLY is always a safe answer. */
export type PixelTest = (order: number, x: number, y: number, z: number) => Verdict;

// [2 * order]: pixels wholly within |z| <= 2/3, which are compact; [2 * order + 1]: all pixels
const RADIUS_RAD = new Float64Array(2 * MAX_ORDER + 2);
/** Centres up to this |z| belong to pixels wholly within |z| <= 2/3 (half way to the next ring of centres). */
const EQUATORIAL_Z = new Float64Array(MAX_ORDER + 1);
for (let order = 0; order <= MAX_ORDER; order++) {
  const nside = 2 ** order;
  RADIUS_RAD[2 * order] = equatorialRadiusRad(nside);
  RADIUS_RAD[2 * order + 1] = polarRadiusRad(nside);
  EQUATORIAL_Z[order] = 2 / 3 - 1 / (3 * nside);
}

/** Largest distance of a pixel's centre to its farthest corner at this order, rad (1.07 / nside at high orders). */
export function maxPixelRadiusRad(order: number): number {
  return RADIUS_RAD[2 * order + 1];
}

/** The pixel at the edge of a quadrant whose centre is at z = 2/3: its northern corner is half a pixel aside. */
function polarRadiusRad(nside: number): number {
  const z = 2 / 3;
  const sin = Math.sqrt(5) / 3;
  // the corner has z = 1 - (1 - 1 / nside)^2 / 3; differences are written out, they vanish at high orders
  const dz = (2 / nside - 1 / (nside * nside)) / 3;
  const side = 1 - 1 / nside;
  const sinCorner = side * Math.sqrt((2 - (side * side) / 3) / 3);
  const dSin = (dz * (2 * z + dz)) / (sin + sinCorner);
  const half = Math.sin(Math.PI / (8 * nside));
  const dx = dSin - 2 * sin * half * half;
  const dy = sin * Math.sin(Math.PI / (4 * nside));
  return 2 * Math.asin(Math.sqrt(dx * dx + dy * dy + dz * dz) / 2);
}

/** The pixel whose northern corner touches z = 2/3 is the longest; at order 0 those on the equator are wider than long. */
function equatorialRadiusRad(nside: number): number {
  const dz = 2 / (3 * nside);
  const z = 2 / 3 - dz;
  const sinCorner = Math.sqrt(5) / 3;
  const dSin = (dz * (2 * z + dz)) / (Math.sqrt((1 - z) * (1 + z)) + sinCorner);
  return Math.max(Math.PI / (4 * nside), 2 * Math.asin(Math.sqrt(dSin * dSin + dz * dz) / 2));
}

/**
 * Pixels of a cone of any radius from 0 to pi, at `order` or, where that takes more than maxCells, at the lowest order below that does not
 * (order 0, 12 pixels, at worst).
 */
export function coverCone(cone: Cone, order: number, maxCells = DEFAULT_MAX_CELLS): Cover {
  return coverOf(coneTest(cone), cone, order, maxCells);
}

/** The same for a polygon. */
export function coverPolygon(polygon: Polygon, order: number, maxCells = DEFAULT_MAX_CELLS): Cover {
  return coverOf(polygonTest(polygon), polygonBound(polygon), order, maxCells);
}

export function coneTest(cone: Cone): PixelTest {
  const { radiusRad, x: cx, y: cy, z: cz } = cone;
  const isAllSky = radiusRad >= Math.PI;
  // a chord near 2 tells little of its angle, so the rounding of a wide cone is larger
  const roundingRad = ROUNDING_RAD / Math.max(Math.cos(Math.min(radiusRad, Math.PI) / 2), 1e-8);
  // per order and kind of pixel, made when first asked for
  const reachSq = new Float64Array(RADIUS_RAD.length).fill(-1);
  const roomSq = new Float64Array(RADIUS_RAD.length);
  return (order, x, y, z) => {
    const kind = 2 * order + ((z < 0 ? -z : z) <= EQUATORIAL_Z[order] ? 0 : 1);
    if (reachSq[kind] < 0) {
      const room = radiusRad - RADIUS_RAD[kind] - roundingRad;
      reachSq[kind] = chordSqOf(radiusRad + RADIUS_RAD[kind] + roundingRad);
      roomSq[kind] = isAllSky ? chordSqOf(Math.PI) : room > 0 ? chordSqOf(room) : -1;
    }
    const dx = x - cx;
    const dy = y - cy;
    const dz = z - cz;
    const chordSq = dx * dx + dy * dy + dz * dz;
    return chordSq > reachSq[kind] ? OUTSIDE : chordSq <= roomSq[kind] ? INSIDE : PARTLY;
  };
}

export function polygonTest(polygon: Polygon): PixelTest {
  const boundTest = coneTest(polygonBound(polygon));
  return (order, x, y, z) => {
    if (boundTest(order, x, y, z) === OUTSIDE) return OUTSIDE;
    const kind = 2 * order + (Math.abs(z) <= EQUATORIAL_Z[order] ? 0 : 1);
    if (boundaryDistanceRad(polygon, x, y, z) <= RADIUS_RAD[kind] + ROUNDING_RAD) return PARTLY;
    return isInPolygon(polygon, x, y, z) ? INSIDE : OUTSIDE;
  };
}

const CENTRE = new Float64Array(3);

export function testPixel(test: PixelTest, order: number, ipix: number): Verdict {
  centreInto(order, ipix, CENTRE, 0);
  return test(order, CENTRE[0], CENTRE[1], CENTRE[2]);
}

/** Pixels of one order, on the way down. Grows; the two are used again by every cover. */
class Level {
  n = 0;
  ipix = new Float64Array(256);
  flags = new Uint8Array(256);
  // the same pixels as places on their faces: taking a number apart costs as much as the test
  face = new Uint8Array(256);
  x = new Int32Array(256);
  y = new Int32Array(256);

  /** Empties the level and makes room. */
  reset(room: number): void {
    this.n = 0;
    if (room <= this.ipix.length) return;
    this.ipix = new Float64Array(2 * room);
    this.flags = new Uint8Array(2 * room);
    this.face = new Uint8Array(2 * room);
    this.x = new Int32Array(2 * room);
    this.y = new Int32Array(2 * room);
  }

  /** Adds a pixel unless the test says it is outside. `isInside`: known to be inside, no test needed. */
  add(test: PixelTest, order: number, ipix: number, face: number, x: number, y: number, isInside: boolean): void {
    let verdict: Verdict = INSIDE;
    if (!isInside) {
      vectorOfFaceInto(1 << order, face, x + 0.5, y + 0.5, CENTRE, 0);
      verdict = test(order, CENTRE[0], CENTRE[1], CENTRE[2]);
      if (verdict === OUTSIDE) return;
    }
    const at = this.n++;
    this.ipix[at] = ipix;
    this.flags[at] = verdict === INSIDE ? 1 : 0;
    this.face[at] = face;
    this.x[at] = x;
    this.y[at] = y;
  }

  cover(order: number): Cover {
    return { order, ipix: this.ipix.slice(0, this.n), fullyInside: this.flags.slice(0, this.n) };
  }
}

let upper = new Level();
let lower = new Level();

/** From the few pixels that surely hold the bound, level by level down to `order` or until there are too many. */
function coverOf(test: PixelTest, bound: Cone, order: number, maxCells: number): Cover {
  checkOrder(order);
  const start = smallConeCover(bound.raDeg * RAD_PER_DEG, bound.decDeg * RAD_PER_DEG, bound.radiusRad, order, FIRST);
  let level = start.order;
  upper.reset(start.n);
  for (let i = 0; i < start.n; i++) {
    placeOf(level, FIRST[i], AT);
    upper.add(test, level, FIRST[i], AT[FACE], AT[X], AT[Y], false);
  }
  while (level < order) {
    const { n, ipix, flags, face, x, y } = upper;
    lower.reset(4 * n);
    for (let i = 0; i < n; i++) {
      const isInside = flags[i] === 1;
      for (let child = 0; child < 4; child++) {
        lower.add(test, level + 1, 4 * ipix[i] + child, face[i], 2 * x[i] + (child & 1), 2 * y[i] + (child >> 1), isInside);
      }
    }
    if (lower.n > maxCells) break;
    [upper, lower] = [lower, upper];
    level++;
  }
  return upper.cover(level);
}

/** What smallConeCover found; the object is used again by the next call. */
export interface SmallCover {
  order: number;
  n: number;
}

/** A pixel is at least this far across, in units of 1 / nside rad: 1 / (sqrt(1.5 + (sqrt(6) / pi)^2)) = 0.6887 at the poles. */
const PIXEL_WIDTH = 0.688;
const AT = new Float64Array(5);
const FIRST = new Float64Array(12);
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
