import { describe, expect, it } from 'vitest';
import { RAD_PER_ARCSEC, RAD_PER_DEG } from '../../../src/sky/angle.ts';
import { chordSqOf, coneOf, isInside, separationRad } from '../../../src/sky/cone.ts';
import type { Cone } from '../../../src/sky/regions.ts';
import { oneTurn, unitVector, unitVectorInto, vectorToRaDec } from '../../../src/sky/vector.ts';

const holds = (cone: Cone, raDeg: number, decDeg: number): boolean => {
  const { x, y, z } = unitVector(raDeg, decDeg);
  return isInside(cone, x, y, z);
};

describe('cone', () => {
  it('of radius 0 holds the very position it was made from, at RA 0 and 360 and the poles however written', () => {
    expect(holds(coneOf(123.456789, -45.6789, 0), 123.456789, -45.6789)).toBe(true);
    expect(holds(coneOf(0, 10, 0), 360, 10)).toBe(true);
    expect(holds(coneOf(359, 10, 0), -1, 10)).toBe(true);
    expect(holds(coneOf(10, 90, 0), 200, 90)).toBe(true);
    expect(holds(coneOf(10, -90, 0), 200, -90)).toBe(true);
    expect(holds(coneOf(10, 20, 0), 10, 20.000000001)).toBe(false);
  });

  it('is closed: the rim belongs to it', () => {
    expect(holds(coneOf(10, 0, 90 * RAD_PER_DEG), 100, 0)).toBe(true);
    expect(holds(coneOf(10, 0, 60 * RAD_PER_DEG + 1e-15), 70, 0)).toBe(true);
    expect(holds(coneOf(10, 0, 60 * RAD_PER_DEG - 1e-15), 70, 0)).toBe(false);
  });

  it('reaches over a pole and over RA 0', () => {
    expect(holds(coneOf(0, 89, 2.1 * RAD_PER_DEG), 180, 89)).toBe(true);
    expect(holds(coneOf(0, 89, 1.9 * RAD_PER_DEG), 180, 89)).toBe(false);
    expect(holds(coneOf(359.9, 0, 0.3 * RAD_PER_DEG), 0.1, 0)).toBe(true);
  });

  it('holds every direction from a radius of 180 degrees on, the antipode too', () => {
    for (const radiusRad of [Math.PI, 4, Infinity]) {
      const cone = coneOf(33.3, 44.4, radiusRad);
      expect(holds(cone, 213.3, -44.4)).toBe(true);
      expect(holds(cone, 213.3, -44.39999999)).toBe(true);
      expect(cone.chordSq).toBeGreaterThan(4);
    }
    expect(holds(coneOf(33.3, 44.4, Math.PI - 1e-6), 213.3, -44.4)).toBe(false);
  });

  it('refuses a radius that is negative or no number', () => {
    expect(() => coneOf(0, 0, -1)).toThrow('radius is -1, must be at least 0');
    expect(() => coneOf(0, 0, NaN)).toThrow('radius is NaN, must be at least 0');
  });

  it('has a chord of twice the sine of half the angle', () => {
    expect(chordSqOf(Math.PI / 3)).toBeCloseTo(1, 15);
    expect(chordSqOf(1e-9)).toBeCloseTo(1e-18, 30);
  });
});

describe('separation', () => {
  it('is symmetric, 0 for equal positions and pi for antipodes', () => {
    const a = unitVector(12.3, 45.6);
    const b = unitVector(12.3001, 45.6);
    expect(separationRad(a, b)).toBe(separationRad(b, a));
    expect(separationRad(a, a)).toBe(0);
    expect(separationRad(a, { x: -a.x, y: -a.y, z: -a.z })).toBe(Math.PI);
  });

  it('is not lost below a milliarcsecond, where acos is', () => {
    const sep = separationRad(unitVector(0, 0), unitVector(0, 1e-4 / 3600));
    expect(sep / RAD_PER_ARCSEC).toBeCloseTo(1e-4, 10);
  });
});

describe('unit vector', () => {
  it('is the same with and without allocation, bit for bit', () => {
    const out = new Float64Array(4);
    for (const [raDeg, decDeg] of [
      [0, 0],
      [360, 5],
      [123.4, -56.7],
      [77, 90],
      [-10, -90],
    ]) {
      unitVectorInto(raDeg, decDeg, out, 1);
      const { x, y, z } = unitVector(raDeg, decDeg);
      expect([...out.subarray(1)]).toEqual([x, y, z]);
    }
  });

  it('turns back into RA in [0, 360) and Dec, with RA 0 at the poles', () => {
    for (const [raDeg, decDeg] of [
      [0, 0],
      [123.4, -56.7],
      [359.9999, 89.9999],
      [180, 1e-9],
    ]) {
      const back = vectorToRaDec(unitVector(raDeg, decDeg));
      expect(back.raDeg).toBeCloseTo(raDeg, 9);
      expect(back.decDeg).toBeCloseTo(decDeg, 12);
    }
    expect(vectorToRaDec({ x: 0, y: 0, z: 2 })).toEqual({ raDeg: 0, decDeg: 90 });
    expect(vectorToRaDec({ x: 1, y: -1e-20, z: 0 }).raDeg).toBe(0);
  });

  it('reduces any angle to one turn', () => {
    expect([-90, 0, 360, 361, 725, -1e-20, -720].map(oneTurn)).toEqual([270, 0, 0, 1, 5, 0, 0]);
    expect(Object.is(oneTurn(-360), 0)).toBe(true);
  });
});
