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

/** The arc from a to b, its unit normal (to the left), its middle, and the chord from the middle to an end. */
export interface Arc {
  readonly a: UnitVector;
  readonly b: UnitVector;
  readonly normal: UnitVector;
  readonly middle: UnitVector;
  readonly halfChord: number;
}

export function arcOf(a: UnitVector, b: UnitVector): Arc {
  const middle = unit({ x: a.x + b.x, y: a.y + b.y, z: a.z + b.z });
  return { a, b, normal: unit(normalOf(a, b)), middle, halfChord: Math.sqrt(chordSqBetween(middle, a)) };
}

/** Smallest angle from p to an arc, rad. */
export function arcDistanceRad({ a, b, normal }: Arc, p: UnitVector): number {
  const isBeside = dot(cross(normal, a), p) >= 0 && dot(cross(normal, b), p) <= 0;
  if (isBeside) return Math.asin(Math.min(1, Math.abs(sideOf(a, normal, p))));
  return 2 * Math.asin(Math.min(1, Math.sqrt(Math.min(chordSqBetween(a, p), chordSqBetween(b, p))) / 2));
}

/** Whether two arcs share a point, or an end of one comes nearer to the other than `tolerance`, rad. */
export function arcsMeet(one: Arc, two: Arc, tolerance: number): boolean {
  const reach = one.halfChord + two.halfChord + tolerance;
  if (chordSqBetween(one.middle, two.middle) > reach * reach) return false;
  const sideC = sideOf(one.a, one.normal, two.a);
  const sideD = sideOf(one.a, one.normal, two.b);
  // both ends on one side, and so is all between them: the usual case
  if (Math.min(sideC, sideD) > tolerance || Math.max(sideC, sideD) < -tolerance) return false;
  const sideA = sideOf(two.a, two.normal, one.a);
  const sideB = sideOf(two.a, two.normal, one.b);
  if (Math.min(sideA, sideB) > tolerance || Math.max(sideA, sideB) < -tolerance) return false;
  // The four orientations agree when the arcs cross, and not when one crosses the other's antipode. A side within the tolerance
  // has no sure sign; then, if the arcs meet, an end lies on the other arc.
  if (sideC < -tolerance && sideD > tolerance && sideA > tolerance && sideB < -tolerance) return true;
  if (sideC > tolerance && sideD < -tolerance && sideA < -tolerance && sideB > tolerance) return true;
  return (
    arcDistanceRad(one, two.a) <= tolerance ||
    arcDistanceRad(one, two.b) <= tolerance ||
    arcDistanceRad(two, one.a) <= tolerance ||
    arcDistanceRad(two, one.b) <= tolerance
  );
}
