// Directions as unit vectors, ICRS: x to (0, 0), y to (90, 0), z to the north pole.
// The same position always gives the same bits: RA is reduced to one turn first (exact in floating point), and a pole
// is one point whatever its RA. So a cone of radius 0 finds the row it was made from.

import { DEG_PER_RAD, RAD_PER_DEG } from './angle.ts';
import type { UnitVector } from './regions.ts';

export function unitVector(raDeg: number, decDeg: number): UnitVector {
  if (decDeg === 90 || decDeg === -90) return { x: 0, y: 0, z: decDeg < 0 ? -1 : 1 };
  const ra = oneTurn(raDeg) * RAD_PER_DEG;
  const dec = decDeg * RAD_PER_DEG;
  const cosDec = Math.cos(dec);
  return { x: cosDec * Math.cos(ra), y: cosDec * Math.sin(ra), z: Math.sin(dec) };
}

/** The same without an allocation: writes x, y, z to out[at], out[at + 1], out[at + 2]. */
export function unitVectorInto(raDeg: number, decDeg: number, out: Float64Array, at: number): void {
  if (decDeg === 90 || decDeg === -90) {
    out[at] = 0;
    out[at + 1] = 0;
    out[at + 2] = decDeg < 0 ? -1 : 1;
    return;
  }
  const ra = oneTurn(raDeg) * RAD_PER_DEG;
  const dec = decDeg * RAD_PER_DEG;
  const cosDec = Math.cos(dec);
  out[at] = cosDec * Math.cos(ra);
  out[at + 1] = cosDec * Math.sin(ra);
  out[at + 2] = Math.sin(dec);
}

/** RA in [0, 360), 0 at a pole. The vector need not have length 1. */
export function vectorToRaDec(v: UnitVector): { raDeg: number; decDeg: number } {
  const inPlane = Math.hypot(v.x, v.y);
  const decDeg = Math.atan2(v.z, inPlane) * DEG_PER_RAD;
  if (inPlane === 0) return { raDeg: 0, decDeg };
  return { raDeg: oneTurn(Math.atan2(v.y, v.x) * DEG_PER_RAD), decDeg };
}

/** Degrees reduced to [0, 360). Tiny negative angles that round up to a whole turn become 0. */
export function oneTurn(angleDeg: number): number {
  if (angleDeg >= 0 && angleDeg < 360) return angleDeg;
  const reduced = angleDeg % 360;
  if (reduced >= 0) return reduced + 0;
  const positive = reduced + 360;
  return positive === 360 ? 0 : positive;
}
