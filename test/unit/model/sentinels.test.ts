import { describe, expect, it } from 'vitest';
import { magnitudeErrorOrNull, magnitudeOrNull, numberOrNull, textOrNull } from '../../../src/model/sentinels.ts';

describe('sentinels', () => {
  for (const [survey, mag] of [
    ['ZTF', 99],
    ['ZTF', 99.99],
    ['ZTF', -999],
    ['ZTF', -99.99],
    ['ZTF', 666],
    ['ZTF', 9999],
    ['ZTF', 0],
    ['ZTF', 27.5],
    ['ZTF-DR5', 0],
    ['SDSS', -99.99],
    ['SDSS', 100.006],
    ['SDSS', 99.99],
    ['SNLS', 666],
    ['PTF', 0],
    ['FOUNDATION', 27.5],
    ['PS1MD', 27.5],
    ['OGLE', -99.99],
    ['ZTF', Math.fround(-99.99)],
    ['LSST', NaN],
  ] as const) {
    it(`${survey} magnitude ${String(mag)} is none`, () => {
      expect(magnitudeOrNull(survey, mag)).toBeNull();
    });
  }

  for (const [survey, mag] of [
    ['ZTF', -1.46],
    ['ZTF', -26.74],
    ['ZTF', -4.9],
    ['ZTF', 0.03],
    ['ZTF', -0.74],
    ['ZTF', 30.5],
    ['MACHO', -8.957],
    ['MACHO', -6.046],
    ['PGIR', -17.4],
    ['DES', 27.5],
    ['LSST', 27.5],
    ['MPC', 0],
    ['ZTFX', 0],
    ['MPC', 100.006],
    ['SDSS', 98],
  ] as const) {
    it(`${survey} magnitude ${String(mag)} is real, or wrong, but no sentinel`, () => {
      expect(magnitudeOrNull(survey, mag)).toBe(mag);
    });
  }

  for (const magErr of [-999, -9, 99.999, 666, Infinity]) {
    it(`a magnitude error of ${String(magErr)} is none`, () => {
      expect(magnitudeErrorOrNull('SNLS', magErr, 20)).toBeNull();
    });
  }

  it('a magnitude error stays beside its magnitude', () => {
    expect(magnitudeErrorOrNull('ZTF', 0.1, 18)).toBe(0.1);
  });

  it('the error of no magnitude is none', () => {
    expect(magnitudeErrorOrNull('ZTF', 0.1, null)).toBeNull();
  });

  it('-999 is none in other columns, -9 is a number', () => {
    expect([numberOrNull('ZTF', -999), numberOrNull('ZTF', -9)]).toEqual([null, -9]);
  });

  it('the word null is no object', () => {
    expect(['null', 'None', '', 'Nullarbor', '__proto__'].map(textOrNull)).toEqual([null, null, null, 'Nullarbor', '__proto__']);
  });
});
