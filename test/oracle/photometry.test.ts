import { describe, expect, it } from 'vitest';
import { AB_ZERO_MAG, magAbOfNjy, magErrOfNjy, njyErrOfMagAb, njyOfMagAb } from '../../src/model/photometry.ts';
import truth from './truth/photometry.json' with { type: 'json' };

// Relative error of a flux: 10^x has some ulp; of a magnitude: absolute, below any photometry.
const TOLERANCE = { relativeFlux: 1e-13, mag: 1e-13 * 40 };

describe('AB magnitudes', () => {
  for (const { magAb, fluxNjy, fluxNjyAt4860 } of truth.rows) {
    it(`magnitude ${String(magAb)} is the flux that astropy says`, () => {
      expect(Math.abs(njyOfMagAb(magAb) / fluxNjy - 1)).toBeLessThan(TOLERANCE.relativeFlux);
    });

    it(`the flux of magnitude ${String(magAb)} gives it back`, () => {
      expect(Math.abs(magAbOfNjy(fluxNjy) - magAb)).toBeLessThan(TOLERANCE.mag);
    });

    it(`magnitude ${String(magAb)} is 0.000066 from the one with the zero point 48.60`, () => {
      expect(magAbOfNjy(fluxNjyAt4860) - magAb).toBeCloseTo(0.000066, 6);
    });
  }

  it('the zero point is that of 3631 Jy', () => {
    expect(AB_ZERO_MAG).toBeCloseTo(31.4000656, 7);
  });

  it('a flux of zero has no finite magnitude', () => {
    expect(magAbOfNjy(0)).toBe(Infinity);
  });

  it('a negative flux has no magnitude', () => {
    expect(magAbOfNjy(-5)).toBeNaN();
  });

  it('an error of 1 % is 0.0109 mag', () => {
    expect(magErrOfNjy(200, 2)).toBeCloseTo(0.010857, 6);
  });

  it('the error of a negative flux is as large as that of a positive one', () => {
    expect(magErrOfNjy(-200, 2)).toBe(magErrOfNjy(200, 2));
  });

  it('errors go back and forth', () => {
    expect(njyErrOfMagAb(20, magErrOfNjy(njyOfMagAb(20), 33))).toBeCloseTo(33, 9);
  });
});
