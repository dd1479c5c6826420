import { describe, expect, it } from 'vitest';
import { parseExactJson } from '../../../ingest/files/exactJson.ts';

describe('JSON with exact whole numbers', () => {
  it.each(['170587115523932323', '9007199254740993', '-9223372036854775808', '9223372036854775807'])('keeps the digits of %s', (id) => {
    expect(parseExactJson(`{"source_id": ${id}}`)).toEqual({ source_id: id });
  });

  it('leaves numbers that a double holds, fractions and exponents as numbers', () => {
    const text = '[9007199254740991, 58974.149224551846, 0.19439579446315765, 1e300, -12]';
    expect(parseExactJson(text)).toEqual(JSON.parse(text));
    expect(parseExactJson(`[12345678901234567, ${text}]`)).toEqual(['12345678901234567', JSON.parse(text)]);
  });

  it('leaves digits inside of text as they are', () => {
    expect(parseExactJson('{"source_id": "170587115523932323"}')).toEqual({ source_id: '170587115523932323' });
  });

  it('refuses what is no JSON, with long numbers or without', () => {
    expect(() => parseExactJson('{"source_id": 170587115523932323')).toThrow(SyntaxError);
    expect(() => parseExactJson('{"a": NaN}')).toThrow(SyntaxError);
  });
});
