// Cones and separations. Inside means chord^2 <= 4 sin^2(radius / 2): acos(a.b) loses half its digits below 1 arcsec,
// the chord does not. This test is the membership rule of every store.

import { invalidArgument } from '../errors.ts';
import type { Cone, UnitVector } from './regions.ts';
import { unitVector } from './vector.ts';

/** Above the largest squared chord that rounding can make (4 and a few ulp). */
const ALL_SKY_CHORD_SQ = 5;

/** Ranges are guaranteed at the edge; a radius of 180 degrees or more holds every direction. */
export function coneOf(raDeg: number, decDeg: number, radiusRad: number): Cone {
  if (!(radiusRad >= 0)) throw invalidArgument('radius', radiusRad, 'at least 0');
  const { x, y, z } = unitVector(raDeg, decDeg);
  return { x, y, z, raDeg, decDeg, radiusRad, chordSq: chordSqOf(radiusRad) };
}

/** Squared chord of an angle, rad; a value above 4 from half a turn on. */
export function chordSqOf(angleRad: number): number {
  if (angleRad >= Math.PI) return ALL_SKY_CHORD_SQ;
  const half = Math.sin(angleRad / 2);
  return 4 * half * half;
}

/** Closed: a point on the rim is inside. (x, y, z) is a unit vector. */
export function isInside(cone: Cone, x: number, y: number, z: number): boolean {
  const dx = x - cone.x;
  const dy = y - cone.y;
  const dz = z - cone.z;
  return dx * dx + dy * dy + dz * dz <= cone.chordSq;
}

/** Angle between two unit vectors, rad: 2 atan2(|a-b|, |a+b|), right to 1 uas from 0 to pi (Kahan). */
export function separationRad(a: UnitVector, b: UnitVector): number {
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  const dz = a.z - b.z;
  const sx = a.x + b.x;
  const sy = a.y + b.y;
  const sz = a.z + b.z;
  return 2 * Math.atan2(Math.sqrt(dx * dx + dy * dy + dz * dz), Math.sqrt(sx * sx + sy * sy + sz * sz));
}
