// All detections within a radius of a place, by time.

import type { ConeRequest } from '../src/contract/gen/codec.js';
import { invalidArgument } from '../src/errors.ts';
import type { DetectionColumns } from '../src/model/columns.ts';
import { RAD_PER_ARCSEC, RAD_PER_DEG } from '../src/sky/angle.ts';
import { coneOf } from '../src/sky/cone.ts';
import type { Cone } from '../src/sky/regions.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { finishAnswer, type DetectionsAnswer } from './answer.ts';
import { collect } from './collect.ts';
import { detectionQuery, limitOf, type QueryOptions } from './detectionQuery.ts';
import { given, missing } from './missing.ts';

export async function coneSearch(store: DetectionStore, request: ConeRequest, options: QueryOptions = {}): Promise<DetectionsAnswer> {
  const query = detectionQuery(request.filter, request.page, options.signal);
  return finishAnswer(await collect(store.cone(requestedCone(request), query), options.signal), limitOf(request.page));
}

/**
 * The same at once, into `out`, which holds the answer until the next call: use it before anything else
 * runs. null when the store can't answer at once; then ask coneSearch.
 */
export function coneSearchNow(store: DetectionStore, request: ConeRequest, out: DetectionColumns): DetectionsAnswer | null {
  if (store.immediate?.coneNow(requestedCone(request), detectionQuery(request.filter, request.page), out) !== true) return null;
  return finishAnswer(out, limitOf(request.page));
}

/** The cone a request means. Its radius is given in exactly one of two units. */
export function requestedCone(request: ConeRequest): Cone {
  const { raDeg, decDeg, radiusArcsec, radiusDeg } = request;
  if (typeof radiusArcsec === 'number' && typeof radiusDeg === 'number') {
    throw invalidArgument('radius_deg', radiusDeg, `absent when radius_arcsec is given (${String(radiusArcsec)})`);
  }
  return coneOf(given('ra_deg', raDeg), given('dec_deg', decDeg), radiusRad(radiusArcsec, radiusDeg));
}

function radiusRad(radiusArcsec: number | null | undefined, radiusDeg: number | null | undefined): number {
  if (typeof radiusArcsec === 'number') return radiusArcsec * RAD_PER_ARCSEC;
  if (typeof radiusDeg === 'number') return radiusDeg * RAD_PER_DEG;
  throw missing('radius_arcsec', 'radius_arcsec or radius_deg is missing');
}
