// Arcs of great circles, the shorter way between two unit vectors. Built from differences of vectors, because a x b and a . b of near
// vectors lose the digits that tell a small shape.

import type { UnitVector } from './regions.ts';

/** a x b as ((a + b) x (b - a)) / 2: its direction stays right however near a and b are. Left of the arc is positive. */
export function normalOf(a: UnitVector, b: UnitVector): UnitVector {
  const sx = a.x + b.x;
  const sy = a.y + b.y;
  const sz = a.z + b.z;
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const dz = b.z - a.z;
  return { x: (sy * dz - sz * dy) / 2, y: (sz * dx - sx * dz) / 2, z: (sx * dy - sy * dx) / 2 };
}

export function dot(a: UnitVector, b: UnitVector): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

export function cross(a: UnitVector, b: UnitVector): UnitVector {
  return { x: a.y * b.z - a.z * b.y, y: a.z * b.x - a.x * b.z, z: a.x * b.y - a.y * b.x };
}

export function unit(v: UnitVector): UnitVector {
  const length = Math.hypot(v.x, v.y, v.z);
  return { x: v.x / length, y: v.y / length, z: v.z / length };
}

export function negative(v: UnitVector): UnitVector {
  return { x: -v.x, y: -v.y, z: -v.z };
}

export function chordSqBetween(a: UnitVector, b: UnitVector): number {
  const dx = a.x - b.x;
  const dy = a.y - b.y;
  const dz = a.z - b.z;
  return dx * dx + dy * dy + dz * dz;
}

/** Which side of the arc a -> b (normal n) the point is on: positive on the left. */
export function sideOf(a: UnitVector, n: UnitVector, p: UnitVector): number {
  return (p.x - a.x) * n.x + (p.y - a.y) * n.y + (p.z - a.z) * n.z;
}

/** Smallest angle from p to the arc a -> b, rad. */
export function arcDistanceRad(a: UnitVector, b: UnitVector, p: UnitVector): number {
  const n = unit(normalOf(a, b));
  const isBeside = dot(cross(n, a), p) >= 0 && dot(cross(n, b), p) <= 0;
  if (isBeside) return Math.asin(Math.min(1, Math.abs(sideOf(a, n, p))));
  return 2 * Math.asin(Math.min(1, Math.sqrt(Math.min(chordSqBetween(a, p), chordSqBetween(b, p))) / 2));
}

/** Whether two arcs share a point, or come nearer than `toleranceRad` at an end. */
export function arcsMeet(a: UnitVector, b: UnitVector, c: UnitVector, d: UnitVector, toleranceRad: number): boolean {
  const ab = normalOf(a, b);
  const cd = normalOf(c, d);
  const sideC = sideOf(a, ab, c);
  const sideD = sideOf(a, ab, d);
  const sideA = sideOf(c, cd, a);
  const sideB = sideOf(c, cd, b);
  // the four orientations agree when the arcs cross, and not when one crosses the other's antipode
  if (-sideC > 0 && sideD > 0 && sideA > 0 && -sideB > 0) return true;
  if (-sideC < 0 && sideD < 0 && sideA < 0 && -sideB < 0) return true;
  return (
    arcDistanceRad(a, b, c) <= toleranceRad ||
    arcDistanceRad(a, b, d) <= toleranceRad ||
    arcDistanceRad(c, d, a) <= toleranceRad ||
    arcDistanceRad(c, d, b) <= toleranceRad
  );
}
