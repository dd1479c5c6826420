// A flat local frame for each HEALPix pixel of order 6 (a root, about 0.9 degrees): the plane that touches the sky at
// the pixel's centre, axes east and north. A direction p of that pixel is (u, v) = (east.p, north.p), and its third
// coordinate w = sqrt(1 - u^2 - v^2) is determined, so chords are exact in the frame, also to far directions.
//
// u and v are kept as uint32: 2^-37 rad a step (1.5 uas), 2^31 at the centre. Every pixel reaches less than 2^-6 rad
// from its centre along either axis (0.0140 at most, tested), so they fit. Below a root all is plain integer geometry:
// box of depth d = the top d bits of u and v. That replaced HEALPix below order 6: no trigonometry to descend, split
// or prune, and the exact rule still decides (pageScan.ts).

import { FACE, FX, FY, X, Y, centreOf, ipixOfFace, locate } from '../../sky/healpix/nested.ts';
import { pixelAround } from '../../sky/healpix/neighbours.ts';
import { chordSqOf } from '../../sky/cone.ts';
import { oneTurn, unitVectorInto } from '../../sky/vector.ts';
import type { Cone } from '../../sky/regions.ts';
import { FRAMES_AT, ROOT_COUNT, ROOT_ORDER, type SharedMemory } from './sharedMemory.ts';

/** Steps of u and v in a radian. */
export const STEPS_PER_RAD = 2 ** 37;
/** u and v of the centre of a root. */
export const FRAME_CENTRE = 2 ** 31;
const NSIDE = 2 ** ROOT_ORDER;

/** No corner of an order-6 pixel is farther from its centre, rad (0.01682 at most, tested). */
export const ROOT_RADIUS_RAD = 0.017;
/** No point of an order-6 pixel is farther from its centre along east or north, rad (0.0140 at most, tested). */
export const MAX_ROOT_REACH_RAD = 0.0156;
/** A cone of this radius reaches at most one pixel over, at order 6, rad. Pixels are 0.6887 / nside across at least (sky/healpix/cover.ts). */
export const ONE_PIXEL_RAD = 0.688 / NSIDE;

/** Parents for a quick look at large cones: order 2, 256 roots each. */
const COARSE_ORDER = 2;
const COARSE_COUNT = 192;
const ROOTS_PER_COARSE = ROOT_COUNT / COARSE_COUNT;
/** No corner of an order-2 pixel is farther from its centre, rad. */
const COARSE_RADIUS_RAD = 0.34;

/** Writes the frames; the store does it once. x, y, z of the centre, and its distance from the axis. */
export function writeFrames(memory: SharedMemory): void {
  const { f64 } = memory;
  for (let root = 0, at = FRAMES_AT / 8; root < ROOT_COUNT; root++, at += 4) {
    const { x, y, z } = centreOf(ROOT_ORDER, root);
    f64[at] = x;
    f64[at + 1] = y;
    f64[at + 2] = z;
    f64[at + 3] = Math.sqrt(x * x + y * y);
  }
}

/** Slots of RowPlace.at: direction; u and v; w in steps. */
export const PLACE = { x: 0, y: 1, z: 2, u: 3, v: 4, w: 5 } as const;

/** A row's place; locateRow sets it. Numbers in an array: as fields they would be an object each. */
export class RowPlace {
  root = 0;
  readonly at = new Float64Array(6);
  readonly #f64: Float64Array;
  readonly #here = new Float64Array(5);

  constructor(memory: SharedMemory) {
    this.#f64 = memory.f64;
  }

  /** Row `i` of two columns: numbers as arguments would be an object each too. */
  locateRow(raDegs: Float64Array, decDegs: Float64Array, i: number): void {
    const raDeg = raDegs[i];
    const decDeg = decDegs[i];
    const at = this.at;
    unitVectorInto(raDeg, decDeg, at, 0);
    const x = at[0];
    const y = at[1];
    const z = at[2];
    const here = this.#here;
    locate(NSIDE, oneTurn(raDeg) / 90, z, Math.sqrt(x * x + y * y), here);
    const root = ipixOfFace(NSIDE, here[FACE], here[X], here[Y]);
    this.root = root;
    const frame = FRAMES_AT / 8 + root * 4;
    const ex = this.#f64[frame];
    const ey = this.#f64[frame + 1];
    const ez = this.#f64[frame + 2];
    const axis = this.#f64[frame + 3];
    const along = x * ex + y * ey + z * ez;
    at[PLACE.u] = Math.round(((ex * y - ey * x) / axis) * STEPS_PER_RAD) + FRAME_CENTRE;
    at[PLACE.v] = Math.round(((z - ez * along) / axis) * STEPS_PER_RAD) + FRAME_CENTRE;
    at[PLACE.w] = along * STEPS_PER_RAD;
  }

  /** Whether everything within this angle lies in the same root. */
  isInterior(radiusRad: number): boolean {
    const reach = radiusRad / ONE_PIXEL_RAD + 1e-9;
    const here = this.#here;
    return here[FX] > reach && here[FX] < 1 - reach && here[FY] > reach && here[FY] < 1 - reach;
  }
}

/** The roots that a cone meets, and which of them lie inside it as a whole. */
export class RootCover {
  readonly roots = new Uint32Array(ROOT_COUNT);
  readonly isInside = new Uint8Array(ROOT_COUNT);
  count = 0;
  readonly #f64: Float64Array;
  readonly #here = new Float64Array(5);
  readonly #coarse = new Float64Array(COARSE_COUNT * 3);

  constructor(memory: SharedMemory) {
    this.#f64 = memory.f64;
    for (let i = 0; i < COARSE_COUNT; i++) {
      const { x, y, z } = centreOf(COARSE_ORDER, i);
      this.#coarse.set([x, y, z], 3 * i);
    }
  }

  cover(cone: Cone): void {
    this.count = 0;
    if (cone.radiusRad < ONE_PIXEL_RAD) this.#coverSmall(cone);
    else this.#coverLarge(cone);
  }

  coverAll(): void {
    this.count = ROOT_COUNT;
    for (let root = 0; root < ROOT_COUNT; root++) this.roots[root] = root;
    this.isInside.fill(1);
  }

  // at most the pixel of the centre and its eight neighbours, fewer by the place inside the pixel
  #coverSmall(cone: Cone): void {
    const { x: cx, y: cy } = cone;
    const here = this.#here;
    locate(NSIDE, oneTurn(cone.raDeg) / 90, cone.z, Math.sqrt(cx * cx + cy * cy), here);
    // 1e-9 pixels: rounding of a position that lies on an edge
    const reach = cone.radiusRad / ONE_PIXEL_RAD + 1e-9;
    const x = here[X];
    const y = here[Y];
    const x0 = here[FX] < reach ? -1 : 0;
    const x1 = 1 - here[FX] < reach ? 1 : 0;
    const y0 = here[FY] < reach ? -1 : 0;
    const y1 = 1 - here[FY] < reach ? 1 : 0;
    for (let dx = x0; dx <= x1; dx++) {
      for (let dy = y0; dy <= y1; dy++) {
        const root = pixelAround(NSIDE, here[FACE], x + dx, y + dy);
        if (root >= 0) this.#add(root, 0);
      }
    }
  }

  // centres against the cone widened and narrowed by the radius of a pixel: 192 parents, then 256 roots of each that is near
  #coverLarge(cone: Cone): void {
    const { x: cx, y: cy, z: cz, radiusRad } = cone;
    const coarse = this.#coarse;
    const f64 = this.#f64;
    const coarseSq = chordSqOf(radiusRad + COARSE_RADIUS_RAD);
    const outsideSq = chordSqOf(radiusRad + ROOT_RADIUS_RAD);
    const insideSq = radiusRad >= Math.PI ? 5 : radiusRad > ROOT_RADIUS_RAD ? chordSqOf(radiusRad - ROOT_RADIUS_RAD) : -1;
    for (let parent = 0; parent < COARSE_COUNT; parent++) {
      const px = coarse[3 * parent] - cx;
      const py = coarse[3 * parent + 1] - cy;
      const pz = coarse[3 * parent + 2] - cz;
      if (px * px + py * py + pz * pz > coarseSq) continue;
      const end = (parent + 1) * ROOTS_PER_COARSE;
      for (let root = parent * ROOTS_PER_COARSE, at = FRAMES_AT / 8 + root * 4; root < end; root++, at += 4) {
        const dx = f64[at] - cx;
        const dy = f64[at + 1] - cy;
        const dz = f64[at + 2] - cz;
        const chordSq = dx * dx + dy * dy + dz * dz;
        if (chordSq <= outsideSq) this.#add(root, chordSq <= insideSq ? 1 : 0);
      }
    }
  }

  #add(root: number, isInside: number): void {
    this.roots[this.count] = root;
    this.isInside[this.count++] = isInside;
  }
}
