import { expect, it } from 'vitest';
import { DetectionColumns } from '../../../src/model/columns.ts';
import { hideNights, sweepOut } from '../../../src/store/memory/eviction.ts';
import { MemoryReader } from '../../../src/store/memory/memoryReader.ts';
import { MemoryWriter, type BatchOutcome } from '../../../src/store/memory/memoryWriter.ts';
import { SharedMemory } from '../../../src/store/memory/sharedMemory.ts';
import { nextTurn } from '../../../src/store/memory/turns.ts';
import { FIRST_NIGHT, OPTIONS, rowsFrom } from './madeRows.ts';

const ROWS = 3000;

it('a new object in the place of one that an eviction under way has freed is shown by its own id', async () => {
  const memory = SharedMemory.reserve(OPTIONS.memoryLimitBytes);
  const writer = new MemoryWriter(memory, { defaultArcsec: 1, bySurveyArcsec: {} });
  const reader = new MemoryReader(memory);
  const put = (first: number, count: number): void => {
    const outcome: BatchOutcome = { accepted: [], duplicates: 0, rejected: [], unassociated: [] };
    writer.put(writer.view(rowsFrom(first, count, ROWS)), 0, count, outcome);
    expect(outcome.unassociated.length).toBe(count);
  };
  const out = new DetectionColumns(1);
  const objectIdOf = (row: number): string | null => {
    reader.detectionNow('ZTF', String(row + 1), out);
    return out.objectId[0];
  };
  put(0, ROWS);
  // the reader keeps these texts
  for (let row = 0; row < 1000; row++) expect(objectIdOf(row)).toBe(`ZTF:${String(row + 1)}`);

  let removed = 0;
  const remove = writer.objects.remove.bind(writer.objects);
  writer.objects.remove = (object) => {
    removed++;
    remove(object);
  };
  const sweep = sweepOut(writer, hideNights(writer, FIRST_NIGHT + 1), FIRST_NIGHT + 1);
  while (removed < 1000) await nextTurn();
  expect(removed).toBeLessThan(ROWS);
  // the first of them frees what is retired, the next use it again
  for (let row = ROWS; row < ROWS + 200; row += 50) put(row, 50);
  for (let row = ROWS + 50; row < ROWS + 200; row++) expect(objectIdOf(row)).toBe(`ZTF:${String(row + 1)}`);
  await sweep;
  reader.close();
});
