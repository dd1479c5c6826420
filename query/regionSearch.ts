// All detections inside a polygon or a MOC, by time.

import type { Filter, Page } from '../src/contract/gen/codec.js';
import type { DetectionStore, Region } from '../src/store/store.ts';
import { finishAnswer, type DetectionsAnswer } from './answer.ts';
import { collect } from './collect.ts';
import { detectionQuery, limitOf, type QueryOptions } from './detectionQuery.ts';

export interface RegionRequest {
  readonly region: Region;
  readonly filter?: Filter | null;
  readonly page?: Page | null;
}

export async function regionSearch(store: DetectionStore, request: RegionRequest, options: QueryOptions = {}): Promise<DetectionsAnswer> {
  const query = detectionQuery(request.filter, request.page, options.signal);
  return finishAnswer(await collect(store.region(request.region, query), options.signal), limitOf(request.page));
}
