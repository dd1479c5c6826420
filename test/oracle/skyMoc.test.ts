// MOC text, set operations and membership against mocpy.

import { describe, expect, it } from 'vitest';
import {
  isInMoc,
  mocComplement,
  mocIntersection,
  mocOfAscii,
  mocOfJson,
  mocSkyFraction,
  mocToAscii,
  mocToJson,
  mocUnion,
} from '../../src/sky/moc.ts';
import { TOLERANCE } from './tolerances.ts';
import { readTruth } from './truth.ts';

const truth = readTruth<{
  pairs: readonly {
    a: string;
    b: string;
    a_json: Record<string, number[]>;
    union: string;
    intersection: string;
    complement_a: string;
    fraction_a: number;
  }[];
  contains: readonly { moc: string; points: readonly (readonly [number, number, 0 | 1])[] }[];
}>('mocs', { pairs: 60, contains: 12 });

describe('MOC against mocpy', () => {
  it('reads and writes the same canonical text and JSON', () => {
    for (const { a, b, a_json } of truth.pairs) {
      expect(mocToAscii(mocOfAscii(a))).toBe(a);
      expect(mocToAscii(mocOfAscii(b))).toBe(b);
      expect(mocToAscii(mocOfJson(a_json))).toBe(a);
      expect(mocToJson(mocOfAscii(a))).toEqual(a_json);
    }
  });

  it('makes the same unions, intersections and complements', () => {
    for (const { a, b, union, intersection, complement_a } of truth.pairs) {
      expect(mocToAscii(mocUnion(mocOfAscii(a), mocOfAscii(b)))).toBe(union);
      expect(mocToAscii(mocIntersection(mocOfAscii(a), mocOfAscii(b)))).toBe(intersection);
      expect(mocToAscii(mocComplement(mocOfAscii(a)))).toBe(complement_a);
    }
  });

  it('covers the same part of the sky', () => {
    for (const { a, fraction_a } of truth.pairs)
      expect(Math.abs(mocSkyFraction(mocOfAscii(a)) - fraction_a)).toBeLessThan(TOLERANCE.skyFraction);
  });

  it('holds the same positions', () => {
    for (const { moc, points } of truth.contains) {
      const map = mocOfAscii(moc);
      expect(points).toHaveLength(40);
      for (const [raDeg, decDeg, expected] of points) expect(isInMoc(map, raDeg, decDeg)).toBe(expected === 1);
    }
  });
});
