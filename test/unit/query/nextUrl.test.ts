import { describe, expect, it } from 'vitest';
import { nextUrl } from '../../../query/rest/send.ts';

describe('the link to the next page', () => {
  it('asks the same with the new cursor instead of the old one', () => {
    expect(nextUrl('/v1/cone?ra=10&cursor=old&band=g', 'new')).toBe('/v1/cone?ra=10&band=g&cursor=new');
    expect(nextUrl('/v1/night/1/detections', 'new')).toBe('/v1/night/1/detections?cursor=new');
  });

  it('keeps a query that holds question marks whole', () => {
    expect(nextUrl('/v1/cone?ra=10&survey=a?b&band=g', 'new')).toBe('/v1/cone?ra=10&survey=a?b&band=g&cursor=new');
  });

  it('cannot leave the angle brackets of its header, whatever path or query hold', () => {
    expect(nextUrl('/v1/objects/a>b"é/light-curve?band=<g>', 'new')).toBe('/v1/objects/a%3Eb%22%C3%A9/light-curve?band=%3Cg%3E&cursor=new');
  });
});
