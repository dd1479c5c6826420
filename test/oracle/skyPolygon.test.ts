// Points in polygons against gnomonic projection with 50 digits.

import { describe, expect, it } from 'vitest';
import { coverPolygon } from '../../src/sky/healpix/cover.ts';
import { ipixOf } from '../../src/sky/healpix/nested.ts';
import { isInPolygon, polygonBound, polygonOf } from '../../src/sky/polygon.ts';
import { isInside } from '../../src/sky/cone.ts';
import { unitVector } from '../../src/sky/vector.ts';
import { readTruth } from './truth.ts';

const { polygons } = readTruth<{
  polygons: readonly { vertices_deg: readonly (readonly [number, number])[]; points: readonly (readonly [number, number, 0 | 1])[] }[];
}>('polygons', { polygons: 48 });

describe('polygons against gnomonic projection', () => {
  it('has the same points inside, and all of them in its bound and its cover', () => {
    let inside = 0;
    for (const { vertices_deg, points } of polygons) {
      const polygon = polygonOf(vertices_deg.map(([raDeg, decDeg]) => ({ raDeg, decDeg })));
      const cover = coverPolygon(polygon, 12, 200);
      for (const [raDeg, decDeg, expected] of points) {
        const { x, y, z } = unitVector(raDeg, decDeg);
        const found = isInPolygon(polygon, x, y, z);
        expect(found, JSON.stringify({ vertices_deg, raDeg, decDeg })).toBe(expected === 1);
        const at = cover.ipix.indexOf(ipixOf(cover.order, raDeg, decDeg));
        if (found) {
          inside++;
          expect(isInside(polygonBound(polygon), x, y, z)).toBe(true);
          expect(at).toBeGreaterThanOrEqual(0);
        } else if (at >= 0) {
          expect(cover.fullyInside[at]).toBe(0);
        }
      }
    }
    expect(inside).toBeGreaterThan(300);
  });

  it('gives the same answers with the vertices the other way round', () => {
    for (const { vertices_deg, points } of polygons) {
      const vertices = vertices_deg.map(([raDeg, decDeg]) => ({ raDeg, decDeg }));
      const turned = polygonOf([...vertices].reverse());
      for (const [raDeg, decDeg, expected] of points) {
        const { x, y, z } = unitVector(raDeg, decDeg);
        expect(isInPolygon(turned, x, y, z)).toBe(expected === 1);
      }
    }
  });
});
