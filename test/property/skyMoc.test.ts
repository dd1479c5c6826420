// MOC sets against sets of pixels, and maps of cones against the cone.

import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { coneOf, isInside } from '../../src/sky/cone.ts';
import {
  isInMoc,
  isInRanges,
  mocComplement,
  mocIntersection,
  mocOfAscii,
  mocOfCone,
  mocOfJson,
  mocOfRanges,
  mocToAscii,
  mocToJson,
  mocUnion,
} from '../../src/sky/moc.ts';
import type { Moc } from '../../src/sky/moc.ts';
import { unitVector, vectorToRaDec } from '../../src/sky/vector.ts';
import { moved, position, radiusRad } from './skyPositions.ts';

const ORDER = 2;
const PIXELS = 12 * 4 ** ORDER;
const SIZE = 4 ** (24 - ORDER);
const pixels = fc.uniqueArray(fc.integer({ min: 0, max: PIXELS - 1 }), { maxLength: 60 });

const mocOfPixels = (list: readonly number[]): Moc =>
  mocOfRanges(
    list.flatMap((p) => [p * SIZE, (p + 1) * SIZE]),
    ORDER,
  );
const pixelsOf = (moc: Moc): number[] => Array.from({ length: PIXELS }, (_, p) => p).filter((p) => isInRanges(moc.ranges, p * SIZE));

describe('MOC', () => {
  it('unites, intersects and complements as sets of pixels do', () => {
    fc.assert(
      fc.property(pixels, pixels, (a, b) => {
        const ascending = (list: number[]): number[] => list.sort((p, q) => p - q);
        expect(pixelsOf(mocUnion(mocOfPixels(a), mocOfPixels(b)))).toEqual(ascending([...new Set([...a, ...b])]));
        expect(pixelsOf(mocIntersection(mocOfPixels(a), mocOfPixels(b)))).toEqual(ascending(a.filter((p) => b.includes(p))));
        expect(pixelsOf(mocComplement(mocOfPixels(a)))).toEqual(Array.from({ length: PIXELS }, (_, p) => p).filter((p) => !a.includes(p)));
      }),
      { numRuns: 200 },
    );
  });

  it('comes back from its text and its JSON the same', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 12 * 4 ** 24 - 1 }), fc.integer({ min: 0, max: 44 }))
      .map(([low, bits]) => [low, Math.min(12 * 4 ** 24, low + 2 ** bits)]);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 20 }), (ranges) => {
        const moc = mocOfRanges(ranges.flat());
        expect(mocOfAscii(mocToAscii(moc))).toEqual(moc);
        expect(mocOfJson(mocToJson(moc))).toEqual(moc);
      }),
      { numRuns: 200 },
    );
  });

  it('of a cone holds every position of the cone', () => {
    const looks = fc.array(fc.tuple(fc.constantFrom(0, 0.5, 0.99, 1 - 1e-9, 1), fc.double({ min: 0, max: 6.28, noNaN: true })), {
      minLength: 10,
      maxLength: 10,
    });
    fc.assert(
      fc.property(position, radiusRad, fc.integer({ min: 0, max: 24 }), looks, ({ raDeg, decDeg }, radius, wanted, at) => {
        const cone = coneOf(raDeg, decDeg, radius);
        // about 1000 pixels on the rim at most
        const order = Math.max(0, Math.min(wanted, Math.floor(Math.log2(150 / radius))));
        const moc = mocOfCone(cone, order);
        const missed = at.filter(([distance, angle]) => {
          const p = vectorToRaDec(moved(cone, distance * Math.min(Math.PI, radius), angle));
          const { x, y, z } = unitVector(p.raDeg, p.decDeg);
          return isInside(cone, x, y, z) && !isInMoc(moc, p.raDeg, p.decDeg);
        });
        expect(missed).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
