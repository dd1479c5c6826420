// One detection by its survey and the survey's id for it.

import { AppError } from '../src/errors.ts';
import type { DetectionColumns } from '../src/model/columns.ts';
import type { DetectionStore } from '../src/store/store.ts';

/** One row. Throws not_found. */
export async function detectionById(store: DetectionStore, survey: string, sourceId: string): Promise<DetectionColumns> {
  const columns = await store.detection(survey, sourceId);
  if (columns.length === 0)
    throw new AppError('not_found', `no detection ${sourceId} of survey ${survey}`, { details: { field: 'source_id', value: sourceId } });
  return columns;
}
