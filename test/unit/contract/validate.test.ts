import { describe, expect, it } from 'vitest';
import { CrossMatchRequest } from '../../../src/contract/gen/codec.js';
import { integerOfText, numberOfText, parsedInteger, parsedNumber } from '../../../src/contract/numberText.ts';
import { grpcStatusOf, httpStatusOf } from '../../../src/contract/status.ts';
import { checkOutside, checkRequest } from '../../../src/contract/validate.ts';
import { ERROR_CODES } from '../../../src/errors.ts';

describe('numberOfText', () => {
  it.each([
    ['12', 12],
    ['-0.5', -0.5],
    ['+150.1', 150.1],
    ['1.5e2', 150],
    ['1E-3', 0.001],
    ['0', 0],
    ['-0', -0],
  ])('reads %s', (text, value) => {
    expect(parsedNumber(text)).toBe(value);
  });

  it.each(['', ' ', ' 1', '1 ', '150.1deg', '1e', '.5', '5.', '0x10', '1_000', '1,5', 'NaN', 'Infinity', '-', '00', '01', '1e999', '١'])(
    'refuses %j, naming the field and the value',
    (text) => {
      expect(() => numberOfText('ra_deg', text)).toThrow(`ra_deg is ${JSON.stringify(text)}, must be a number such as 150.1 or 1.5e2`);
    },
  );

  it('reads whole numbers of any length, and counts only with those that a double holds', () => {
    expect(parsedInteger('+9223372036854775807')).toBe(2n ** 63n - 1n);
    expect(parsedInteger('1e3')).toBeNull();
    expect(integerOfText('limit', '100')).toBe(100);
    expect(() => integerOfText('limit', '1.0')).toThrow('limit is "1.0", must be a whole number');
    expect(() => integerOfText('limit', '99999999999999999999')).toThrow('limit is 99999999999999999999, beyond what can be counted');
  });
});

describe('checkRequest', () => {
  const place = { raDeg: 1, decDeg: 2 };

  it('takes a request whether its optional fields are absent, undefined or null', () => {
    expect(() => checkRequest('ConeRequest', { ...place, radiusDeg: null, radiusArcsec: undefined, filter: null })).not.toThrow();
  });

  it('does not take the default of a decoded message for a value', () => {
    const decoded = CrossMatchRequest.decode(CrossMatchRequest.encode({ positions: [{ raDeg: 1 }] }).finish());
    expect(() => checkRequest('CrossMatchRequest', decoded)).toThrow('positions[0].dec_deg is missing');
  });

  it.each<[object, string]>([
    [{ ...place, radiusDeg: 200 }, 'radius_deg is 200, must be at most 180'],
    [{ ...place, decDeg: -90.5 }, 'dec_deg is -90.5, must be at least -90'],
    [{ ...place, raDeg: Infinity }, 'ra_deg is Infinity, must be a number'],
    [{ ...place, raDeg: '1' }, 'ra_deg is "1", must be a number'],
    [{ ...place, page: { limit: 1.5 } }, 'limit is 1.5, must be a whole number'],
    [{ ...place, page: { cursor: 'x'.repeat(1025) } }, 'cursor has 1025 characters, must be at most 1024'],
    [{ ...place, filter: { kinds: [1, 7] } }, 'kinds[1] is 7, must be one of 1, 2, 3'],
    [{ ...place, filter: { bands: Array(65).fill('g') } }, 'bands has 65 entries, must be at most 64'],
    [{ ...place, filter: { minReliability: 1.01 } }, 'min_reliability is 1.01, must be at most 1'],
    [{ ...place, radiusParsec: 3 }, 'radius_parsec is not a field of ConeRequest'],
  ])('refuses %j by the name, value and limit of the field', (request, message) => {
    expect(() => checkRequest('ConeRequest', request)).toThrow(message);
  });
});

describe('checkOutside', () => {
  it('takes snake_case names and enums as words', () => {
    expect(() => checkOutside('CrossMatchRequest', { positions: [{ ra_deg: 1, dec_deg: 2 }], find: 'best' })).not.toThrow();
  });

  it.each<[unknown, string]>([
    [{ positions: [] }, 'positions is empty'],
    [{ positions: {} }, 'positions is an object, must be a list'],
    [{ positions: [{ ra_deg: 1, dec_deg: '2' }] }, 'positions[0].dec_deg is "2", must be a number'],
    [{ positions: [{ ra_deg: 1, dec_deg: 2 }], find: 'nearest' }, 'find is "nearest", must be one of all, best, each'],
    [3, 'CrossMatchRequest is 3, must be an object'],
  ])('refuses %j', (body, message) => {
    expect(() => checkOutside('CrossMatchRequest', body)).toThrow(message);
  });
});

describe('status', () => {
  it('has a different gRPC number for each code, and an HTTP status that is an error', () => {
    expect(new Set(ERROR_CODES.map(grpcStatusOf)).size).toBe(ERROR_CODES.length);
    for (const code of ERROR_CODES) expect(httpStatusOf(code)).toBeGreaterThanOrEqual(400);
  });
});
