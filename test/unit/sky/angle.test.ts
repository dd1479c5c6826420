import { describe, expect, it } from 'vitest';
import { ARCSEC_PER_RAD, DEG_PER_RAD, RAD_PER_ARCSEC, RAD_PER_DEG, parseDecDeg, parseRaDeg } from '../../../src/sky/angle.ts';

const refusal = (message: string): unknown => expect.objectContaining({ code: 'invalid_argument', message });

describe('right ascension as text', () => {
  it.each([
    ['150.1', 150.1],
    [' 0 ', 0],
    ['-0', 0],
    ['+10.5', 10.5],
    ['.5', 0.5],
    ['1.5e2', 150],
    ['360', 0],
    ['10:00:24', 150.1],
    ['10 00 24', 150.1],
    ['10h00m24s', 150.1],
    ['10h 00m 24.0s', 150.1],
    ['10h30m', 157.5],
    ['10:30', 157.5],
    ['23:59:59.999', 359.99999583333333],
    ['24:00:00', 0],
    ['00:00:00.1', 0.1 / 240],
  ])('reads %s as %d degrees', (text, raDeg) => {
    expect(parseRaDeg(text)).toBeCloseTo(raDeg, 12);
    expect(Object.is(parseRaDeg(text), -0)).toBe(false);
  });

  it.each([
    ['', 'ra is "", must be decimal degrees or hours such as 10:00:24.5'],
    ['ten', 'ra is "ten", must be decimal degrees or hours such as 10:00:24.5'],
    ['NaN', 'ra is "NaN", must be decimal degrees or hours such as 10:00:24.5'],
    ['0x10', 'ra is "0x10", must be decimal degrees or hours such as 10:00:24.5'],
    ['360.0001', 'ra is "360.0001", must be within 0 to 360 degrees'],
    ['-1', 'ra is "-1", must be within 0 to 360 degrees'],
    ['1e400', 'ra is "1e400", must be within 0 to 360 degrees'],
    ['24:00:01', 'ra is "24:00:01", must be within 0 to 24 hours'],
    ['10:60:00', 'ra is "10:60:00", must be written with minutes below 60'],
    ['10:00:60', 'ra is "10:00:60", must be written with seconds below 60'],
    ['-10:00:00', 'ra is "-10:00:00", must be decimal degrees or hours such as 10:00:24.5'],
    ['10:00:24 45', 'ra is "10:00:24 45", must be decimal degrees or hours such as 10:00:24.5'],
  ])('refuses %s', (text, message) => {
    expect(() => parseRaDeg(text)).toThrow(refusal(message));
  });

  it('names the field it was given', () => {
    expect(() => parseRaDeg('x', 'polygon[2]')).toThrow('polygon[2] is "x"');
  });
});

describe('declination as text', () => {
  it.each([
    ['-5.5', -5.5],
    ['+90', 90],
    ['-90', -90],
    ['-05:30:00', -5.5],
    ['-00:30:00', -0.5],
    ['+12 30 36', 12.51],
    ['-05d30m00s', -5.5],
    ['-05°30′36″', -5.51],
    ['\u221205:30:00', -5.5],
    ['-05:30', -5.5],
    ['90:00:00', 90],
  ])('reads %s as %d degrees', (text, decDeg) => {
    expect(parseDecDeg(text)).toBeCloseTo(decDeg, 12);
  });

  it('reads minus zero as zero', () => {
    expect(Object.is(parseDecDeg('-0'), 0)).toBe(true);
    expect(Object.is(parseDecDeg('-00:00:00'), 0)).toBe(true);
  });

  it.each([
    ['', 'dec is "", must be decimal degrees or degrees such as -05:30:00'],
    ['5h', 'dec is "5h", must be decimal degrees or degrees such as -05:30:00'],
    ['90.0001', 'dec is "90.0001", must be within -90 to 90 degrees'],
    ['-90:00:01', 'dec is "-90:00:01", must be within -90 to 90 degrees'],
    ['05:61:00', 'dec is "05:61:00", must be written with minutes below 60'],
  ])('refuses %s', (text, message) => {
    expect(() => parseDecDeg(text)).toThrow(refusal(message));
  });
});

describe('units of angle', () => {
  it('agree with each other', () => {
    expect(RAD_PER_DEG * DEG_PER_RAD).toBeCloseTo(1, 15);
    expect(RAD_PER_ARCSEC * ARCSEC_PER_RAD).toBeCloseTo(1, 15);
    expect(3600 * RAD_PER_ARCSEC).toBeCloseTo(RAD_PER_DEG, 17);
  });
});
