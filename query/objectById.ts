// Objects by their own id, or by a survey's own id: that of a moving object has several.

import { AppError } from '../src/errors.ts';
import type { DetectionStore, ObjectRecord } from '../src/store/store.ts';

/** At least one, sorted by id. Throws not_found. */
export async function objectById(store: DetectionStore, objectId: string): Promise<readonly ObjectRecord[]> {
  const objects = await store.objects(objectId);
  if (objects.length === 0)
    throw new AppError('not_found', `no object with the id or alias ${objectId}`, { details: { field: 'id', value: objectId } });
  return objects;
}
