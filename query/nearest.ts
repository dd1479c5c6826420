// The k detections nearest to a place, by separation.

import type { NearestRequest } from '../src/contract/gen/codec.js';
import type { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionQuery } from '../src/model/window.ts';
import { RAD_PER_ARCSEC } from '../src/sky/angle.ts';
import { coneOf } from '../src/sky/cone.ts';
import type { Cone } from '../src/sky/regions.ts';
import type { DetectionStore } from '../src/store/store.ts';
import type { DetectionsAnswer } from './answer.ts';
import { detectionQuery, type QueryOptions } from './detectionQuery.ts';
import { given } from './missing.ts';

const DEFAULT_K = 1;
const DEFAULT_MAX_RADIUS_ARCSEC = 3600;

/** Never truncated: k is what was asked for. */
export async function nearest(store: DetectionStore, request: NearestRequest, options: QueryOptions = {}): Promise<DetectionsAnswer> {
  const k = request.k ?? DEFAULT_K;
  return whole(await store.nearest(requestedPlace(request), k, nearestQuery(request, k, options.signal)));
}

/** The same at once, into `out`, as coneSearchNow. */
export function nearestNow(store: DetectionStore, request: NearestRequest, out: DetectionColumns): DetectionsAnswer | null {
  const k = request.k ?? DEFAULT_K;
  if (store.immediate?.nearestNow(requestedPlace(request), k, nearestQuery(request, k), out) !== true) return null;
  return whole(out);
}

function nearestQuery(request: NearestRequest, k: number, signal?: AbortSignal): DetectionQuery {
  return { ...detectionQuery(request.filter, null, signal), limit: k };
}

function requestedPlace(request: NearestRequest): Cone {
  const radiusArcsec = request.maxRadiusArcsec ?? DEFAULT_MAX_RADIUS_ARCSEC;
  return coneOf(given('ra_deg', request.raDeg), given('dec_deg', request.decDeg), radiusArcsec * RAD_PER_ARCSEC);
}

function whole(columns: DetectionColumns): DetectionsAnswer {
  return { columns, truncated: false, nextCursor: null };
}
