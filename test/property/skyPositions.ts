// Positions for property tests: anywhere, and where arithmetic on the sky goes wrong - poles, RA 0 / 360, quadrants, edges and corners of
// pixels, the latitude where HEALPix changes its formula.

import fc from 'fast-check';
import { centreOf, cornersOf, pixelCount } from '../../src/sky/healpix/nested.ts';
import type { UnitVector } from '../../src/sky/regions.ts';
import { vectorToRaDec } from '../../src/sky/vector.ts';

export interface Position {
  readonly raDeg: number;
  readonly decDeg: number;
}

const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });
const anywhere: fc.Arbitrary<Position> = fc.tuple(unitInterval, fc.double({ min: -1, max: 1, noNaN: true })).map(([a, z]) => ({
  raDeg: a * 360,
  decDeg: (Math.asin(z) * 180) / Math.PI,
}));
const nearPole = fc
  .tuple(unitInterval, fc.constantFrom(0, 1e-12, 1e-9, 1e-6, 1e-3, 0.1, 2), fc.constantFrom(-1, 1))
  .map(([a, away, sign]) => ({ raDeg: a * 360, decDeg: sign * (90 - away) }));
const nearQuadrant = fc
  .tuple(
    fc.constantFrom(0, 90, 180, 270, 360),
    fc.constantFrom(0, 1e-13, -1e-13, 1e-9, -1e-9, 1e-4, -1e-4),
    fc.double({ min: -90, max: 90, noNaN: true }),
  )
  .map(([ra, away, decDeg]) => ({ raDeg: Math.min(360, Math.max(0, ra + away)), decDeg }));
const MEET_DEG = (Math.asin(2 / 3) * 180) / Math.PI;
const nearMeetingLatitude = fc
  .tuple(unitInterval, fc.constantFrom(0, 1e-14, 1e-10, -1e-10, 1e-5), fc.constantFrom(-1, 1))
  .map(([a, away, sign]) => ({ raDeg: a * 360, decDeg: sign * (MEET_DEG + away) }));

export const order: fc.Arbitrary<number> = fc.integer({ min: 0, max: 24 });

/** A pixel of any order, the special ones often: first, last, the corners of faces. */
export const pixel: fc.Arbitrary<{ order: number; ipix: number }> = order.chain((o) => {
  const face = pixelCount(o) / 12;
  const corners = [0, (face - 1) / 3, (2 * (face - 1)) / 3, face - 1];
  const cornerOfFace = fc.tuple(fc.integer({ min: 0, max: 11 }), fc.constantFrom(...corners)).map(([f, p]) => f * face + p);
  return fc.oneof(fc.integer({ min: 0, max: 12 * face - 1 }), cornerOfFace).map((ipix) => ({ order: o, ipix }));
});

const onPixel = fc
  .tuple(pixel, fc.integer({ min: 0, max: 4 }))
  .map(([{ order: o, ipix }, at]) => vectorToRaDec(at === 4 ? centreOf(o, ipix) : cornersOf(o, ipix)[at]));

export const position: fc.Arbitrary<Position> = fc.oneof(anywhere, nearPole, nearQuadrant, nearMeetingLatitude, onPixel);

/** The direction at this separation and position angle from `from`. */
export function moved(from: UnitVector, sepRad: number, angleRad: number): UnitVector {
  const aside = Math.abs(from.z) < 0.7 ? { x: 0, y: 0, z: 1 } : { x: 1, y: 0, z: 0 };
  let p = { x: from.y * aside.z - from.z * aside.y, y: from.z * aside.x - from.x * aside.z, z: from.x * aside.y - from.y * aside.x };
  const length = Math.hypot(p.x, p.y, p.z);
  p = { x: p.x / length, y: p.y / length, z: p.z / length };
  const q = { x: from.y * p.z - from.z * p.y, y: from.z * p.x - from.x * p.z, z: from.x * p.y - from.y * p.x };
  const c = Math.cos(sepRad);
  const a = Math.sin(sepRad) * Math.cos(angleRad);
  const b = Math.sin(sepRad) * Math.sin(angleRad);
  return { x: c * from.x + a * p.x + b * q.x, y: c * from.y + a * p.y + b * q.y, z: c * from.z + a * p.z + b * q.z };
}

/** A radius from 0 to 180 deg on a logarithmic scale, the ends often, rad. */
export const radiusRad: fc.Arbitrary<number> = fc.oneof(
  { arbitrary: fc.double({ min: -8, max: Math.log10(Math.PI), noNaN: true }).map((e) => 10 ** e), weight: 4 },
  { arbitrary: fc.double({ min: 0.3, max: Math.PI, noNaN: true }), weight: 2 },
  { arbitrary: fc.constantFrom(0, Math.PI / 2, Math.PI - 1e-9, Math.PI - 1e-6, Math.PI, 4), weight: 1 },
);
