import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { separationRad } from '../../src/sky/cone.ts';
import { maxPixelRadiusRad } from '../../src/sky/healpix/cover.ts';
import { neighboursOf } from '../../src/sky/healpix/neighbours.ts';
import { MAX_ORDER, centreOf, childrenOf, cornersOf, ipixOf, ipixOfVector, parentOf, pixelCount } from '../../src/sky/healpix/nested.ts';
import { unitVector, vectorToRaDec } from '../../src/sky/vector.ts';
import { moved, order, pixel, position } from './skyPositions.ts';

const RUNS = { numRuns: 1000 };

describe('HEALPix', () => {
  it('finds a pixel again from its centre, as degrees and as a vector', () => {
    fc.assert(
      fc.property(pixel, ({ order: o, ipix }) => {
        const centre = centreOf(o, ipix);
        const { raDeg, decDeg } = vectorToRaDec(centre);
        expect(ipixOf(o, raDeg, decDeg)).toBe(ipix);
        expect(ipixOfVector(o, centre.x, centre.y, centre.z)).toBe(ipix);
      }),
      RUNS,
    );
  });

  it('has every position in a pixel whose parents hold it at every order above, exactly', () => {
    fc.assert(
      fc.property(position, ({ raDeg, decDeg }) => {
        const chain = Array.from({ length: MAX_ORDER + 1 }, (_, o) => ipixOf(o, raDeg, decDeg));
        expect(chain.slice(1).map(parentOf)).toEqual(chain.slice(0, -1));
        expect(chain.slice(1).every((child, o) => childrenOf(chain[o]).includes(child))).toBe(true);
      }),
      RUNS,
    );
  });

  it('has every position within the largest radius of the centre of its pixel', () => {
    fc.assert(
      fc.property(position, order, ({ raDeg, decDeg }, o) => {
        const ipix = ipixOf(o, raDeg, decDeg);
        expect(ipix).toBeGreaterThanOrEqual(0);
        expect(ipix).toBeLessThan(pixelCount(o));
        expect(separationRad(centreOf(o, ipix), unitVector(raDeg, decDeg))).toBeLessThan(maxPixelRadiusRad(o) + 1e-15);
      }),
      RUNS,
    );
  });

  it('has no corner beyond the largest radius, and one right at it', () => {
    for (let o = 0; o <= 5; o++) {
      let farthest = 0;
      for (let ipix = 0; ipix < pixelCount(o); ipix++) {
        const centre = centreOf(o, ipix);
        for (const corner of cornersOf(o, ipix)) farthest = Math.max(farthest, separationRad(centre, corner));
      }
      expect(Math.abs(farthest / maxPixelRadiusRad(o) - 1)).toBeLessThan(1e-12);
    }
  });

  it('has neighbours that name each other, each once, never itself', () => {
    fc.assert(
      fc.property(pixel, ({ order: o, ipix }) => {
        const around = neighboursOf(o, ipix);
        expect(new Set(around).size).toBe(around.length);
        expect(around).not.toContain(ipix);
        for (const neighbour of around) expect(neighboursOf(o, neighbour)).toContain(ipix);
      }),
      RUNS,
    );
  });

  it('has 8 neighbours everywhere but at the 24 pixels in corners of faces, which have 7', () => {
    for (let o = 1; o <= 3; o++) {
      const counts = Array.from({ length: pixelCount(o) }, (_, ipix) => neighboursOf(o, ipix).length);
      expect(counts.filter((n) => n === 7)).toHaveLength(24);
      expect(counts.filter((n) => n === 8)).toHaveLength(pixelCount(o) - 24);
    }
    expect(Array.from({ length: 12 }, (_, ipix) => neighboursOf(0, ipix).length)).toEqual(Array(12).fill(6));
  });

  it('reaches only the pixel itself or a neighbour within a third of a pixel', () => {
    fc.assert(
      fc.property(position, order, fc.double({ min: 0, max: 6.28, noNaN: true }), ({ raDeg, decDeg }, o, angle) => {
        const ipix = ipixOf(o, raDeg, decDeg);
        const near = moved(unitVector(raDeg, decDeg), 0.33 / 2 ** o, angle);
        expect([ipix, ...neighboursOf(o, ipix)]).toContain(ipixOfVector(o, near.x, near.y, near.z));
      }),
      RUNS,
    );
  });

  it('is the same for an RA of one turn more or less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 359 }), fc.double({ min: -90, max: 90, noNaN: true }), order, (raDeg, decDeg, o) => {
        const ipix = ipixOf(o, raDeg, decDeg);
        expect(ipixOf(o, raDeg + 360, decDeg)).toBe(ipix);
        expect(ipixOf(o, raDeg - 360, decDeg)).toBe(ipix);
      }),
      RUNS,
    );
  });

  it('refuses orders and pixels that do not exist', () => {
    expect(() => centreOf(25, 0)).toThrow('order is 25, must be a whole number from 0 to 24');
    expect(() => cornersOf(-1, 0)).toThrow('order is -1');
    expect(() => neighboursOf(3, 768)).toThrow('ipix is 768, must be below 768 at order 3');
    expect(() => centreOf(3, 1.5)).toThrow('ipix is 1.5');
  });
});
