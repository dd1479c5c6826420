// Separations against 60-digit arithmetic.

import { describe, expect, it } from 'vitest';
import { coneOf, isInside, separationRad } from '../../src/sky/cone.ts';
import { unitVector } from '../../src/sky/vector.ts';
import { TOLERANCE } from './tolerances.ts';
import { readTruth } from './truth.ts';

type Pair = readonly [number, number];
const { pairs } = readTruth<{ pairs: readonly { from_deg: Pair; to_deg: Pair; sep_rad: number }[] }>('separations', { pairs: 304 });

describe('separation against 60-digit arithmetic', () => {
  it('is right to 1 microarcsecond from 0.1 mas to 180 deg, and to a few roundings in fact', () => {
    let worst = 0;
    for (const { from_deg, to_deg, sep_rad } of pairs) {
      worst = Math.max(worst, Math.abs(separationRad(unitVector(...from_deg), unitVector(...to_deg)) - sep_rad));
    }
    expect(worst).toBeLessThan(TOLERANCE.separationRad);
    expect(worst).toBeLessThan(TOLERANCE.separationUsualRad);
  });

  it('puts a position inside a cone 1 uas wider than its separation and outside one 1 uas narrower', () => {
    let tested = 0;
    for (const { from_deg, to_deg, sep_rad } of pairs) {
      // nearer to the antipode the chord itself cannot tell 1 uas: see cone.ts
      if (sep_rad > Math.PI - 1e-4) continue;
      tested++;
      const { x, y, z } = unitVector(...to_deg);
      expect(isInside(coneOf(...from_deg, sep_rad + TOLERANCE.separationRad), x, y, z)).toBe(true);
      expect(isInside(coneOf(...from_deg, sep_rad - TOLERANCE.separationRad), x, y, z)).toBe(false);
    }
    expect(tested).toBeGreaterThan(200);
  });
});
