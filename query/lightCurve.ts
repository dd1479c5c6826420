// The detections of one object by time: by the object's id, by a survey's own id for it, or by place.

import type { LightCurveRequest } from '../src/contract/gen/codec.js';
import { invalidArgument } from '../src/errors.ts';
import type { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionStore } from '../src/store/store.ts';
import { finishAnswer, type DetectionsAnswer } from './answer.ts';
import { collect } from './collect.ts';
import { coneSearch, coneSearchNow } from './coneSearch.ts';
import { detectionQuery, limitOf, type QueryOptions } from './detectionQuery.ts';
import { missing } from './missing.ts';

/** An id that nothing has gives no rows. */
export async function lightCurve(store: DetectionStore, request: LightCurveRequest, options: QueryOptions = {}): Promise<DetectionsAnswer> {
  checkId(request);
  if (!request.objectId) return coneSearch(store, request, options);
  const query = detectionQuery(request.filter, request.page, options.signal);
  return finishAnswer(await collect(store.lightCurve(request.objectId, query), options.signal), limitOf(request.page));
}

/** The same at once, into `out`, as coneSearchNow. */
export function lightCurveNow(store: DetectionStore, request: LightCurveRequest, out: DetectionColumns): DetectionsAnswer | null {
  checkId(request);
  if (!request.objectId) return coneSearchNow(store, request, out);
  const query = detectionQuery(request.filter, request.page);
  if (store.immediate?.lightCurveNow(request.objectId, query, out) !== true) return null;
  return finishAnswer(out, limitOf(request.page));
}

function checkId(request: LightCurveRequest): void {
  const hasPlace = typeof request.raDeg === 'number' || typeof request.decDeg === 'number';
  if (request.objectId) {
    if (hasPlace) throw invalidArgument('object_id', request.objectId, 'absent when a place is given');
  } else if (!hasPlace) {
    throw missing('object_id', 'object_id or a place (ra_deg, dec_deg, radius_arcsec) is missing');
  } else if (typeof request.radiusArcsec !== 'number') {
    throw missing('radius_arcsec');
  }
}
