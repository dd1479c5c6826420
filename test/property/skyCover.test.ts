// Covers against brute force: whatever is in the region is in a pixel of the cover, and whatever is in a pixel with the flag is in the region.

import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { RAD_PER_DEG } from '../../src/sky/angle.ts';
import { coneOf, isInside } from '../../src/sky/cone.ts';
import { coverCone, coverPolygon, smallConeCover, type Cover } from '../../src/sky/healpix/cover.ts';
import { centreOf, cornersOf, ipixOf, ipixOfVector, pixelCount } from '../../src/sky/healpix/nested.ts';
import { isInPolygon, polygonOf } from '../../src/sky/polygon.ts';
import type { Cone, UnitVector } from '../../src/sky/regions.ts';
import { unitVector, vectorToRaDec } from '../../src/sky/vector.ts';
import { moved, order, position, radiusRad, type Position } from './skyPositions.ts';

const unitInterval = fc.double({ min: 0, max: 1, noNaN: true });
/** Where to look: (distance from the centre in radii, direction). The rim and just inside it are where a miss would be. */
const looks = fc.array(fc.tuple(fc.oneof(fc.constantFrom(0, 1, 1 - 1e-9, 0.999), unitInterval.map(Math.sqrt)), unitInterval), {
  minLength: 12,
  maxLength: 24,
});

function pointsOf(cone: Cone, at: readonly (readonly [number, number])[]): Position[] {
  return at.map(([distance, turn]) => vectorToRaDec(moved(cone, distance * Math.min(Math.PI, cone.radiusRad), turn * 2 * Math.PI)));
}

// booleans first and one expect at the end: an expect a point would take longer than all the rest
function expectNoMiss(cover: Cover, points: readonly Position[], isIn: (v: UnitVector) => boolean): void {
  const wrong: unknown[] = [];
  for (const point of points) {
    const v = unitVector(point.raDeg, point.decDeg);
    const isInside = isIn(v);
    for (const ipix of [ipixOf(cover.order, point.raDeg, point.decDeg), ipixOfVector(cover.order, v.x, v.y, v.z)]) {
      const at = cover.ipix.indexOf(ipix);
      if (isInside ? at < 0 : at >= 0 && cover.fullyInside[at] === 1) wrong.push({ ...point, ipix, isInside });
    }
  }
  expect(wrong).toEqual([]);
}

function expectFlagsTrue(cover: Cover, isIn: (v: UnitVector) => boolean): void {
  const wrong = [...cover.ipix].filter(
    (ipix, i) => cover.fullyInside[i] === 1 && ![centreOf(cover.order, ipix), ...cornersOf(cover.order, ipix)].every(isIn),
  );
  expect(wrong).toEqual([]);
}

function expectAscending(ipix: Float64Array): void {
  expect(ipix.every((p, i) => i === 0 || p > ipix[i - 1])).toBe(true);
}

describe('cover of a cone', () => {
  it('never misses a position of the cone and flags only pixels that are wholly inside', () => {
    fc.assert(
      fc.property(position, radiusRad, order, looks, fc.constantFrom(12, 40, 300), ({ raDeg, decDeg }, radius, o, at, maxCells) => {
        const cone = coneOf(raDeg, decDeg, radius);
        const cover = coverCone(cone, o, maxCells);
        const isIn = (v: UnitVector): boolean => isInside(cone, v.x, v.y, v.z);
        expectNoMiss(cover, [{ raDeg, decDeg }, ...pointsOf(cone, at)], isIn);
        expectFlagsTrue(cover, isIn);
        expect(cover.ipix.length).toBeLessThanOrEqual(Math.max(12, maxCells));
        expect(cover.fullyInside).toHaveLength(cover.ipix.length);
        expectAscending(cover.ipix);
      }),
      { numRuns: 500 },
    );
  });

  it('holds the pixels of a dense brute-force sky, for cones of every size', () => {
    // every pixel of order 5 by its centre and corners
    const sky: { ipix: number; points: UnitVector[] }[] = Array.from({ length: pixelCount(5) }, (_, ipix) => ({
      ipix,
      points: [centreOf(5, ipix), ...cornersOf(5, ipix)],
    }));
    for (const [raDeg, decDeg] of [
      [0, 90],
      [77, -90],
      [0, 0],
      [359.9, 41.8],
      [45, 41.81],
      [200, -80],
    ]) {
      for (const radiusDeg of [0, 0.5, 3, 20, 45, 90, 135, 177, 179.9, 180]) {
        const cone = coneOf(raDeg, decDeg, radiusDeg * RAD_PER_DEG);
        const cover = coverCone(cone, 5, 20_000);
        expect(cover.order).toBe(5);
        const flags = new Map(Array.from(cover.ipix, (ipix, i) => [ipix, cover.fullyInside[i]]));
        const wrong = sky.filter(({ ipix, points }) => {
          const inside = points.filter((v) => isInside(cone, v.x, v.y, v.z)).length;
          return (inside > 0 && !flags.has(ipix)) || (inside < points.length && flags.get(ipix) === 1);
        });
        expect(wrong).toEqual([]);
      }
    }
  });

  it('is near to the area of a wide cone and flags its inner pixels', () => {
    const cone = coneOf(123, 45, 10 * RAD_PER_DEG);
    const cover = coverCone(cone, 7, 10_000);
    const area = (pixelCount(7) * (1 - Math.cos(10 * RAD_PER_DEG))) / 2;
    expect(cover.ipix.length).toBeLessThan(area * 1.1);
    expect(cover.fullyInside.filter((f) => f === 1).length).toBeGreaterThan(area * 0.88);
  });

  it('flags all pixels of the whole sky', () => {
    const cover = coverCone(coneOf(5, 5, Math.PI), 3);
    expect(cover.ipix).toHaveLength(768);
    expect(cover.fullyInside.every((f) => f === 1)).toBe(true);
  });

  it('goes no deeper than maxCells allows, and never above order 0', () => {
    expect(coverCone(coneOf(5, 5, 1), 20, 1000).ipix.length).toBeLessThanOrEqual(1000);
    expect(coverCone(coneOf(5, 5, 3), 20, 1)).toMatchObject({ order: 0 });
    expect(() => coverCone(coneOf(5, 5, 1), 25)).toThrow('order is 25');
  });
});

describe('small cover of a cone', () => {
  const cells = new Float64Array(12);

  it('never misses a position of the cone and has at most 9 pixels, ascending', () => {
    fc.assert(
      fc.property(
        position,
        fc.double({ min: 0, max: 24, noNaN: true }),
        fc.constantFrom(1, 0.999, 0.6, 0.1, 0),
        order,
        looks,
        ({ raDeg, decDeg }, scale, part, maxOrder, at) => {
          // right below the radius where the next order is taken is where the reach is longest
          const cone = coneOf(raDeg, decDeg, part * 0.688 * 2 ** -Math.floor(scale));
          const { order: o, n } = smallConeCover(raDeg * RAD_PER_DEG, decDeg * RAD_PER_DEG, cone.radiusRad, maxOrder, cells);
          expect(o).toBeLessThanOrEqual(maxOrder);
          expect(n).toBeLessThanOrEqual(9);
          const cover = { order: o, ipix: cells.slice(0, n), fullyInside: new Uint8Array(n) };
          expectNoMiss(cover, [{ raDeg, decDeg }, ...pointsOf(cone, at)], (v) => isInside(cone, v.x, v.y, v.z));
          expectAscending(cover.ipix);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes the finest order at which the cone reaches no farther than the neighbours', () => {
    expect(smallConeCover(1, 0.5, 1e-5, 24, cells).order).toBe(16);
    expect(smallConeCover(1, 0.5, 1e-5, 10, cells).order).toBe(10);
    expect(smallConeCover(1, 0.5, 0, 24, cells)).toEqual({ order: 24, n: 1 });
  });

  it('gives the 12 base pixels for a cone too wide for neighbours', () => {
    expect(smallConeCover(1, 0.5, 0.7, 24, cells)).toEqual({ order: 0, n: 12 });
    expect([...cells]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe('cover of a polygon', () => {
  const triangle = fc.tuple(
    position,
    fc.double({ min: -6, max: 0.1, noNaN: true }).map((e) => 10 ** e),
    fc.tuple(unitInterval, unitInterval, unitInterval),
  );

  it('never misses a position of the polygon and flags only pixels that are wholly inside', () => {
    fc.assert(
      fc.property(triangle, order, looks, ([{ raDeg, decDeg }, size, turns], o, at) => {
        const centre = coneOf(raDeg, decDeg, size);
        const corners = turns.map((t, i) => vectorToRaDec(moved(centre, size, (2 * Math.PI * (i + 0.6 * t)) / 3)));
        const polygon = polygonOf(corners);
        const cover = coverPolygon(polygon, o, 200);
        const isIn = (v: UnitVector): boolean => isInPolygon(polygon, v.x, v.y, v.z);
        expectNoMiss(cover, pointsOf(centre, at), isIn);
        expectFlagsTrue(cover, isIn);
        expect(cover.ipix.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 500 },
    );
  });
});
