import type { ConeRequest } from '../../src/contract/gen/codec.js';
import { checkRequest } from '../../src/contract/validate.ts';
import { missing } from '../missing.ts';
import type { Given } from './parameters.ts';

/** The checked request of GET /v1/cone. */
export function coneRequest(given: Given): ConeRequest {
  if (given.raDeg === undefined) throw missing('ra');
  if (given.decDeg === undefined) throw missing('dec');
  const { raDeg, decDeg, radiusArcsec, radiusDeg } = given;
  const request: ConeRequest = { raDeg, decDeg, radiusArcsec, radiusDeg, filter: given.filter(), page: given.page() };
  checkRequest('ConeRequest', request);
  return request;
}
