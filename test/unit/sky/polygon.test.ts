import { describe, expect, it } from 'vitest';
import { coverPolygon } from '../../../src/sky/healpix/cover.ts';
import { isInPolygon, polygonBound, polygonOf } from '../../../src/sky/polygon.ts';
import type { Polygon } from '../../../src/sky/regions.ts';
import { unitVector } from '../../../src/sky/vector.ts';

type Pair = readonly [number, number];
const polygon = (...vertices: Pair[]): Polygon => polygonOf(vertices.map(([raDeg, decDeg]) => ({ raDeg, decDeg })));
const holds = (p: Polygon, raDeg: number, decDeg: number): boolean => {
  const { x, y, z } = unitVector(raDeg, decDeg);
  return isInPolygon(p, x, y, z);
};

describe('polygon', () => {
  it('has the smaller side inside whichever way its vertices go round', () => {
    const square: Pair[] = [
      [350, -10],
      [10, -10],
      [10, 10],
      [350, 10],
    ];
    for (const p of [polygon(...square), polygon(...square.reverse())]) {
      expect(holds(p, 0, 0)).toBe(true);
      expect(holds(p, 359, 9)).toBe(true);
      expect(holds(p, 180, 0)).toBe(false);
      expect(holds(p, 11, 0)).toBe(false);
      expect(holds(p, 0, -90)).toBe(false);
    }
  });

  it('has great-circle edges, not lines of constant declination', () => {
    const p = polygon([0, 60], [90, 60], [90, 30], [0, 30]);
    // the edge from (0, 60) to (90, 60) rises to 67.8 deg
    expect(holds(p, 45, 67)).toBe(true);
    expect(holds(p, 45, 68)).toBe(false);
    // and the lower one to 39.2
    expect(holds(p, 45, 38)).toBe(false);
    expect(holds(p, 45, 40)).toBe(true);
  });

  it('holds a pole when its vertices go round it', () => {
    for (const sign of [1, -1]) {
      const p = polygon([0, 80 * sign], [120, 80 * sign], [240, 80 * sign]);
      for (const ra of [0, 77, 359]) expect(holds(p, ra, 90 * sign)).toBe(true);
      expect(holds(p, 0, -90 * sign)).toBe(false);
    }
  });

  it('may have a vertex at a pole', () => {
    const p = polygon([0, 90], [10, 0], [80, 0]);
    expect(holds(p, 45, 50)).toBe(true);
    expect(holds(p, 5, 50)).toBe(false);
    expect(holds(p, 225, 89)).toBe(false);
  });

  it('need not be convex', () => {
    // an L
    const p = polygon([0, 0], [4, 0], [4, 1], [1, 1], [1, 4], [0, 4]);
    expect(holds(p, 0.5, 3)).toBe(true);
    expect(holds(p, 3, 0.5)).toBe(true);
    expect(holds(p, 3, 3)).toBe(false);
  });

  it('tells points a microarcsecond from an edge apart, for a polygon of 10 mas as for one of 10 deg', () => {
    const uas = 1 / 3.6e9;
    for (const half of [5 / 3.6e6, 5]) {
      const p = polygon([100 - half, -half], [100 + half, -half], [100 + half, half], [100 - half, half]);
      expect(holds(p, 100 + half - uas, 0)).toBe(true);
      expect(holds(p, 100 + half + uas, 0)).toBe(false);
      expect(holds(p, 100 - half + uas, 0)).toBe(true);
      expect(holds(p, 100 - half - uas, 0)).toBe(false);
    }
  });

  it('works the same after a structured clone, as when it went to another thread', () => {
    const p = structuredClone(polygon([0, 0], [4, 0], [4, 4]));
    expect(holds(p, 3, 1)).toBe(true);
    expect(holds(p, 1, 3)).toBe(false);
  });

  it('is bounded by a cone near to its size', () => {
    expect(polygonBound(polygon([99, -1], [101, -1], [101, 1], [99, 1])).radiusRad).toBeCloseTo(0.02468, 4);
    // vertices all round the equator: no mean direction, so all sky
    expect(polygonBound(polygon([0, 10], [120, -10], [240, -10])).radiusRad).toBeGreaterThan(Math.PI / 2);
  });

  it.each<[string, Pair[], string]>([
    ['no vertex', [], 'polygon has 0 vertices, must have at least 3'],
    [
      'two vertices',
      [
        [0, 0],
        [1, 1],
      ],
      'polygon has 2 vertices, must have at least 3',
    ],
    [
      'a vertex that is not finite',
      [
        [0, 0],
        [NaN, 1],
        [1, 1],
      ],
      'polygon vertex 1 is (NaN, 1), must be finite',
    ],
    [
      'a vertex beyond a pole',
      [
        [0, 0],
        [0, 91],
        [1, 1],
      ],
      'polygon vertex 1 has dec_deg 91, must be within -90 to 90',
    ],
    [
      'a closing vertex',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
      'polygon vertices 0 and 3 are the same position, must differ',
    ],
    [
      'a vertex given as RA 0 and 360',
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [360, 0],
      ],
      'polygon vertices 0 and 3 are the same position, must differ',
    ],
    [
      'the pole twice',
      [
        [0, 90],
        [1, 0],
        [77, 90],
      ],
      'polygon vertices 0 and 2 are the same position, must differ',
    ],
    [
      'antipodal neighbours',
      [
        [10, 20],
        [190, -20],
        [100, 0],
      ],
      'polygon vertices 0 and 1 are antipodal, must be less than 180 degrees apart',
    ],
    [
      'edges that cross',
      [
        [0, 0],
        [1, 1],
        [1, 0],
        [0, 1],
      ],
      'polygon edges 0 and 2 cross or touch, must not',
    ],
    [
      'a vertex on another edge',
      [
        [-1, 0],
        [1, 0],
        [1, 1],
        [0, 0],
        [-1, 1],
      ],
      'polygon edges 0 and 2 cross or touch, must not',
    ],
    [
      'an edge that runs back on itself',
      [
        [0, 0],
        [2, 0],
        [1, 0],
      ],
      'polygon edges 0 and 1 overlap, must not',
    ],
    [
      'a great circle',
      [
        [0, 0],
        [120, 0],
        [240, 0],
      ],
      'polygon halves the sky, must have a smaller side',
    ],
  ])('refuses %s', (_, vertices, message) => {
    expect(() => polygon(...vertices)).toThrow(expect.objectContaining({ code: 'invalid_argument', message }));
  });

  it('takes edges that continue each other on one great circle, at the equator, along meridians and aslant', () => {
    const ring = Array.from({ length: 11 }, (_, i): Pair => [(360 * i) / 11, i === 5 ? -2.6 : 0]);
    expect(holds(polygon(...ring), 164, -1)).toBe(false);
    expect(holds(polygon(...ring), 164, -60)).toBe(true);
    const steps = polygon([0, 0], [1, 0], [2, 0], [3, 0], [3, 1], [3, 2], [2, 2], [2, 1], [1, 1], [1, 2], [0, 2], [0, 1]);
    // on the lines of edges, where a ray runs along them
    expect([0.5, 1.5, 2.5].map((ra) => holds(steps, ra, 0.5))).toEqual([true, true, true]);
    expect([0.5, 1.5, 2.5].map((ra) => holds(steps, ra, 1.5))).toEqual([true, false, true]);
    expect([-1, 1, 2, 4, 5].map((ra) => holds(steps, ra, 3))).toEqual([false, false, false, false, false]);
    expect([1, 2].map((ra) => holds(steps, ra, 0.9))).toEqual([true, true]);
  });

  it('takes 1000 vertices and refuses 1001', () => {
    const round = (n: number): Pair[] =>
      Array.from({ length: n }, (_, i) => [180 + 10 * Math.cos((2 * Math.PI * i) / n), 10 * Math.sin((2 * Math.PI * i) / n)]);
    const p = polygon(...round(1000));
    expect(holds(p, 180, 9.9)).toBe(true);
    expect(holds(p, 180, 10.1)).toBe(false);
    expect(coverPolygon(p, 6, 500).ipix.length).toBeGreaterThan(100);
    expect(() => polygon(...round(1001))).toThrow('polygon has 1001 vertices, must have at most 1000');
  });
});
