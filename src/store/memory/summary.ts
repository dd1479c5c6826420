// What the store holds, from the counters in shared memory. Durability and recovery are the store's to say.

import type { StoreSummary } from '../store.ts';
import type { RowReader } from './rowReader.ts';
import { CONTROL, CONTROL_F64, SURVEY_ROWS_AT, type SharedMemory } from './sharedMemory.ts';

export function summaryOf(memory: SharedMemory, rows: RowReader): StoreSummary {
  const { u32, f64 } = memory;
  const first = f64[CONTROL_F64.mjdTaiFirst];
  const last = f64[CONTROL_F64.mjdTaiLast];
  const surveys: string[] = [];
  const lastSurvey = Atomics.load(u32, CONTROL.surveyNames);
  for (let survey = 0; survey <= lastSurvey; survey++) {
    if (f64[SURVEY_ROWS_AT / 8 + survey] > 0) surveys.push(rows.surveys.name(survey));
  }
  return {
    engine: 'memory',
    detections: f64[CONTROL_F64.detections],
    objects: f64[CONTROL_F64.objects],
    mjdTaiFirst: Number.isNaN(first) ? null : first,
    mjdTaiLast: Number.isNaN(last) ? null : last,
    surveys: surveys.sort(),
    bytesUsed: f64[CONTROL_F64.bytesUsed],
    bytesLimit: memory.buffer.byteLength,
    durability: 'as the writing thread says',
    recovery: null,
  };
}
