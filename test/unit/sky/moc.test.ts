import { describe, expect, it } from 'vitest';
import { RAD_PER_DEG } from '../../../src/sky/angle.ts';
import { coneOf } from '../../../src/sky/cone.ts';
import {
  EMPTY_MOC,
  MAX_MOC_RANGES,
  isInMoc,
  mocComplement,
  mocIntersection,
  mocOfAscii,
  mocOfCone,
  mocOfJson,
  mocOfPolygon,
  mocOfRanges,
  mocSkyFraction,
  mocToAscii,
  mocToJson,
  mocUnion,
} from '../../../src/sky/moc.ts';
import { polygonOf } from '../../../src/sky/polygon.ts';

const refusal = (message: string): unknown => expect.objectContaining({ code: 'invalid_argument', message });
const SKY_24 = 12 * 4 ** 24;

describe('MOC text', () => {
  it.each([
    ['5/1-3 8 6/40', '5/1-3 8 6/40'],
    ['5/1,2,3,8\n6/40', '5/1-3 8 6/40'],
    [' 5 / 1 - 3 8 ', '5/1-3 8'],
    ['6/40 5/8 1-3 2', '5/1-3 8 6/40'],
    ['5/4-7', '4/1 5/'],
    ['0/0-11', '0/0-11'],
    ['0/0-11 9/', '0/0-11 9/'],
    ['9/', '9/'],
    ['24/3377699720527871', '24/3377699720527871'],
    ['24/0-3377699720527871', '0/0-11 24/'],
    ['3/1 3/2', '3/1-2'],
    ['3/1 1/0', '1/0 3/'],
  ])('reads %j as %j', (text, canonical) => {
    expect(mocToAscii(mocOfAscii(text))).toBe(canonical);
  });

  it('reads an empty text as the empty map', () => {
    expect(mocOfAscii(' \n')).toEqual(EMPTY_MOC);
    expect(mocToAscii(EMPTY_MOC)).toBe('0/');
  });

  it.each([
    ['25/1', 'moc has order 25, must be at most 24'],
    ['29/', 'moc has order 29, must be at most 24'],
    ['99999999999999999999999/1', 'moc has order 1e+23, must be at most 24'],
    ['5/12288', 'moc has pixel 12288 at order 5, must be a whole number below 12288'],
    ['5/0-12288', 'moc has pixel 12288 at order 5, must be a whole number below 12288'],
    ['24/3377699720527872', 'moc has pixel 3377699720527872 at order 24, must be a whole number below 3377699720527872'],
    ['5/0-99999999999999999999', 'moc has pixel 100000000000000000000 at order 5, must be a whole number below 12288'],
    ['5/3-1', 'moc has the range 3-1, must be ascending'],
    ['1 2 3', 'moc begins with "1", must begin with an order such as 5/'],
    ['5/-1', 'moc has "-1" at character 2, must be like 5/1-3 8 6/27'],
    ['5/1.5', 'moc has ".5" at character 3, must be like 5/1-3 8 6/27'],
    ['5/1-', 'moc has "-" at character 3, must be like 5/1-3 8 6/27'],
    ['s5/1', 'moc has "s5/1" at character 0, must be like 5/1-3 8 6/27'],
    ['t61/1 s5/1', 'moc has "t61/1 s5/1" at character 0, must be like 5/1-3 8 6/27'],
    ['{"5":[1]}', 'moc has "{\\"5\\":[1]}" at character 0, must be like 5/1-3 8 6/27'],
  ])('refuses %j', (text, message) => {
    expect(() => mocOfAscii(text)).toThrow(refusal(message));
  });

  it('refuses more ranges than it holds, and takes a long text of blanks and digits in linear time', () => {
    const many = `12/${Array.from({ length: MAX_MOC_RANGES + 1 }, (_, i) => 2 * i).join(' ')}`;
    expect(() => mocOfAscii(many)).toThrow('moc has more than 500000 ranges');
    expect(mocOfAscii(`5/1${' '.repeat(2_000_000)}2`).ranges).toHaveLength(2);
    expect(() => mocOfAscii(`5/${'9'.repeat(2_000_000)}`)).toThrow('moc has pixel Infinity');
  });
});

describe('MOC as JSON', () => {
  it('is orders with lists of pixels', () => {
    const moc = mocOfJson({ '5': [3, 1, 2, 8], '6': [40], '9': [] });
    expect(mocToAscii(moc)).toBe('5/1-3 8 6/40 9/');
    expect(mocToJson(moc)).toEqual({ '5': [1, 2, 3, 8], '6': [40], '9': [] });
  });

  it.each<[unknown, string]>([
    [null, 'moc is not a JSON object of orders'],
    [[1], 'moc is not a JSON object of orders'],
    ['5/1', 'moc is not a JSON object of orders'],
    [{ a: [1] }, 'moc has the key "a", must be an order'],
    [{ '25': [1] }, 'moc has order 25, must be at most 24'],
    [{ '5': 1 }, 'moc has no list of pixels at order 5'],
    [{ '5': ['1'] }, 'moc has the pixel "1" at order 5, must be a number'],
    [{ '5': [-1] }, 'moc has pixel -1 at order 5, must be a whole number below 12288'],
    [{ '5': [1.5] }, 'moc has pixel 1.5 at order 5, must be a whole number below 12288'],
    [{ '5': [1e300] }, 'moc has pixel 1e+300 at order 5, must be a whole number below 12288'],
  ])('refuses %j', (value, message) => {
    expect(() => mocOfJson(value)).toThrow(refusal(message));
  });
});

describe('MOC of ranges', () => {
  it('is sorted, with overlaps and contacts joined', () => {
    expect([...mocOfRanges([8, 10, 0, 2, 9, 12, 2, 3]).ranges]).toEqual([0, 3, 8, 12]);
    expect([...mocOfRanges([0, 100, 5, 6, 7, 8]).ranges]).toEqual([0, 100]);
    expect(mocOfRanges([]).ranges).toHaveLength(0);
  });

  it.each([
    [[1], 24, 'moc has an odd number of range ends'],
    [[3, 3], 24, 'moc has the range 3 to 3, must be ascending whole pixels of order 24'],
    [[0, SKY_24 + 1], 24, `moc has the range 0 to ${SKY_24 + 1}, must be ascending whole pixels of order 24`],
    [[-4, 4], 24, 'moc has the range -4 to 4, must be ascending whole pixels of order 24'],
    [[0.5, 4], 24, 'moc has the range 0.5 to 4, must be ascending whole pixels of order 24'],
    [[0, 2], 23, 'moc has the range 0 to 2, must be ascending whole pixels of order 23'],
  ])('refuses %j at order %d', (ranges, order, message) => {
    expect(() => mocOfRanges(ranges, order)).toThrow(refusal(message));
  });
});

describe('sets of MOCs', () => {
  const half = mocOfAscii('0/0-5');
  const other = mocOfAscii('0/4-8 3/700');

  it('unite, intersect and complement', () => {
    expect(mocToAscii(mocUnion(half, other))).toBe('0/0-8 3/700');
    expect(mocToAscii(mocIntersection(half, other))).toBe('0/4-5 3/');
    expect(mocToAscii(mocComplement(half))).toBe('0/6-11');
    expect(mocToAscii(mocComplement(EMPTY_MOC))).toBe('0/0-11');
    expect(mocComplement(mocOfAscii('0/0-11')).ranges).toHaveLength(0);
    expect(mocUnion(EMPTY_MOC, half)).toEqual(half);
    expect(mocIntersection(EMPTY_MOC, half).ranges).toHaveLength(0);
  });

  it('say which part of the sky they cover', () => {
    expect(mocSkyFraction(half)).toBe(0.5);
    expect(mocSkyFraction(EMPTY_MOC)).toBe(0);
  });
});

describe('MOC of a region', () => {
  it('is hardly wider than the cone and has few ranges', () => {
    const radius = 5 * RAD_PER_DEG;
    const moc = mocOfCone(coneOf(45, 89, radius), 10);
    const exact = (1 - Math.cos(radius)) / 2;
    expect(mocSkyFraction(moc)).toBeGreaterThan(exact);
    expect(mocSkyFraction(moc)).toBeLessThan(exact * 1.04);
    expect(moc.maxOrder).toBe(10);
    expect(moc.ranges.length).toBeLessThan(2000);
    // the cone ends at (225, 86)
    expect(isInMoc(moc, 225, 86.01)).toBe(true);
    expect(isInMoc(moc, 225, 85.5)).toBe(false);
  });

  it('is the whole sky for a radius of 180 degrees and one pixel or a few for radius 0', () => {
    expect(mocToAscii(mocOfCone(coneOf(1, 2, Math.PI), 12))).toBe('0/0-11 12/');
    const point = mocOfCone(coneOf(1, 2, 0), 24);
    expect(isInMoc(point, 1, 2)).toBe(true);
    expect(mocSkyFraction(point)).toBeLessThan(10 / SKY_24);
  });

  it('holds a polygon', () => {
    const polygon = polygonOf([
      { raDeg: 350, decDeg: -5 },
      { raDeg: 10, decDeg: -5 },
      { raDeg: 0, decDeg: 5 },
    ]);
    const moc = mocOfPolygon(polygon, 8);
    expect(isInMoc(moc, 0, 4.9)).toBe(true);
    expect(isInMoc(moc, 180, 0)).toBe(false);
    expect(isInMoc(moc, 9, 4)).toBe(false);
  });

  it('refuses a map with more ranges than it holds instead of filling memory', () => {
    expect(() => mocOfCone(coneOf(1, 2, 1), 24)).toThrow('moc has more than 500000 ranges');
    expect(() => mocOfCone(coneOf(1, 2, 1), 25)).toThrow('order is 25');
  });
});
