// Polygons wider than a hemisphere, where no flat projection helps: rings round the whole sky and bands that hold points and their
// antipodes. Truth: the declination of a great-circle edge at the point's RA.

import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { DEG_PER_RAD, RAD_PER_DEG } from '../../src/sky/angle.ts';
import { isInside } from '../../src/sky/cone.ts';
import { coverPolygon } from '../../src/sky/healpix/cover.ts';
import { ipixOf } from '../../src/sky/healpix/nested.ts';
import { isInPolygon, polygonBound, polygonOf } from '../../src/sky/polygon.ts';
import type { UnitVector } from '../../src/sky/regions.ts';
import { unitVector, vectorToRaDec } from '../../src/sky/vector.ts';
import { position, type Position } from './skyPositions.ts';

/** Rows of a rotation matrix from three angles. */
function rotation(a: number, b: number, c: number): (v: UnitVector) => UnitVector {
  const turn = (x: number, y: number, angle: number): [number, number] => [
    x * Math.cos(angle) - y * Math.sin(angle),
    x * Math.sin(angle) + y * Math.cos(angle),
  ];
  return (v) => {
    let { x, y, z } = v;
    [x, y] = turn(x, y, a);
    [y, z] = turn(y, z, b);
    [x, y] = turn(x, y, c);
    return { x, y, z };
  };
}

/** Declination, deg, of the great circle through two vertices at this RA. */
function edgeDecDeg(one: Position, two: Position, raDeg: number): number {
  const from = Math.tan(one.decDeg * RAD_PER_DEG) * Math.sin((two.raDeg - raDeg) * RAD_PER_DEG);
  const to = Math.tan(two.decDeg * RAD_PER_DEG) * Math.sin((raDeg - one.raDeg) * RAD_PER_DEG);
  return Math.atan((from + to) / Math.sin((two.raDeg - one.raDeg) * RAD_PER_DEG)) * DEG_PER_RAD;
}

/** The line of vertices at this RA; vertices ascend in RA from `vertices[0]` to beyond the point. */
function lineDecDeg(vertices: readonly Position[], raDeg: number): number {
  const next = vertices.findIndex((v) => v.raDeg > raDeg);
  return edgeDecDeg(vertices[next - 1], vertices[next], raDeg);
}

const angle = fc.double({ min: 0, max: 6.28, noNaN: true });
const turned = fc.tuple(angle, angle, angle).map(([a, b, c]) => rotation(a, b, c));
const decs = fc.array(fc.double({ min: -65, max: 65, noNaN: true }), { minLength: 4, maxLength: 20 });
const points = fc.array(position, { minLength: 30, maxLength: 30 });
const NEAR_EDGE_DEG = 1e-9;

function expectSame(
  rotate: (v: UnitVector) => UnitVector,
  vertices: readonly Position[],
  at: readonly (readonly [Position, boolean])[],
): void {
  const rotated = vertices.map((v) => vectorToRaDec(rotate(unitVector(v.raDeg, v.decDeg))));
  const polygon = polygonOf(rotated);
  const cover = coverPolygon(polygon, 8, 150);
  const bound = polygonBound(polygon);
  const wrong = at.filter(([point, expected]) => {
    const p = vectorToRaDec(rotate(unitVector(point.raDeg, point.decDeg)));
    const { x, y, z } = unitVector(p.raDeg, p.decDeg);
    const cell = cover.ipix.indexOf(ipixOf(cover.order, p.raDeg, p.decDeg));
    const isMissed = expected ? cell < 0 || !isInside(bound, x, y, z) : cell >= 0 && cover.fullyInside[cell] === 1;
    return isInPolygon(polygon, x, y, z) !== expected || isMissed;
  });
  expect(wrong).toEqual([]);
}

describe('polygon', () => {
  it('has the smaller side of a ring round the whole sky inside, in any orientation', () => {
    let tested = 0;
    fc.assert(
      fc.property(decs, turned, points, (decDegs, rotate, at) => {
        const ring = decDegs.map((decDeg, i) => ({ raDeg: (360 * (i + 0.4 * Math.sin(7 * i))) / decDegs.length, decDeg }));
        const last = ring[ring.length - 1];
        const line = [{ ...last, raDeg: last.raDeg - 360 }, ...ring, { ...ring[0], raDeg: ring[0].raDeg + 360 }];
        const lineAt = (raDeg: number): number => lineDecDeg(line, raDeg);
        // area north of the line
        let north = 0;
        for (let i = 0; i < 2000; i++) north += (1 - Math.sin(lineAt(i * 0.18 + 0.09) * RAD_PER_DEG)) * 0.18 * RAD_PER_DEG;
        fc.pre(Math.abs(north - 2 * Math.PI) > 0.02);
        const known = at
          .filter(({ raDeg, decDeg }) => raDeg < 360 && Math.abs(decDeg - lineAt(raDeg)) > NEAR_EDGE_DEG)
          .map((p): [Position, boolean] => [p, p.decDeg > lineAt(p.raDeg) === north < 2 * Math.PI]);
        tested += known.length;
        expectSame(rotate, ring, known);
      }),
      { numRuns: 150 },
    );
    expect(tested).toBeGreaterThan(3000);
  });

  it('holds the points of a winding band that goes most of the way round, with their antipodes', () => {
    let inside = 0;
    fc.assert(
      fc.property(decs, fc.double({ min: 0.01, max: 20, noNaN: true }), turned, points, (decDegs, width, rotate, at) => {
        const middle = decDegs.map((decDeg, i) => ({ raDeg: 10 + (340 * i) / (decDegs.length - 1), decDeg }));
        const upper = middle.map((v) => ({ ...v, decDeg: v.decDeg + width }));
        const isWithin = (raDeg: number): boolean => raDeg > 10 + 1e-9 && raDeg < 350 - 1e-9;
        const known = at.flatMap(({ raDeg, decDeg }): [Position, boolean][] => {
          if (!isWithin(raDeg)) return Math.abs(raDeg - 10) < 1e-8 || Math.abs(raDeg - 350) < 1e-8 ? [] : [[{ raDeg, decDeg }, false]];
          const low = lineDecDeg(middle, raDeg);
          const high = lineDecDeg(upper, raDeg);
          // the same point, and one inside the band at its RA
          return [...[decDeg, low + (high - low) * 0.3]]
            .filter((d) => Math.abs(d - low) > NEAR_EDGE_DEG && Math.abs(d - high) > NEAR_EDGE_DEG)
            .map((d): [Position, boolean] => [{ raDeg, decDeg: d }, d > low && d < high]);
        });
        // the lines may not meet: great-circle edges of few vertices bulge towards the poles
        const lines = Array.from({ length: 400 }, (_, i) => 10.5 + i * 0.8475);
        fc.pre(lines.every((ra) => lineDecDeg(upper, ra) > lineDecDeg(middle, ra) + 1e-6));
        let area = 0;
        for (const ra of lines)
          area += (Math.sin(lineDecDeg(upper, ra) * RAD_PER_DEG) - Math.sin(lineDecDeg(middle, ra) * RAD_PER_DEG)) * 0.0148;
        fc.pre(area < 6);
        inside += known.filter(([, isIn]) => isIn).length;
        expectSame(rotate, [...middle, ...upper.reverse()], known);
      }),
      { numRuns: 150 },
    );
    expect(inside).toBeGreaterThan(1000);
  });
});
