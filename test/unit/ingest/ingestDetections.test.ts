import { describe, expect, it } from 'vitest';
import { ingestDetections } from '../../../ingest/ingestDetections.ts';
import type { RejectedRow } from '../../../src/model/rejectedRow.ts';
import { openBruteStore } from '../../support/bruteStore.ts';
import { columnsOf, type DetectionRow } from '../../support/detections.ts';

function row(sourceId: number, more: Partial<DetectionRow> = {}): DetectionRow {
  return { sourceId, raDeg: sourceId, decDeg: 0, mjdTai: 60_000, ...more };
}

const bad = (sourceId: number): DetectionRow => row(sourceId, { decDeg: 91 });

function rowsOf(rejected: readonly RejectedRow[]): [number, string][] {
  return rejected.map(({ row: number, code }) => [number, code]);
}

describe('ingestDetections', () => {
  it('stores the good rows of a batch and names the bad ones by their place in it', async () => {
    const store = await openBruteStore();
    const report = await ingestDetections(store, columnsOf([row(1), bad(2), row(3), bad(4)]));
    expect(report).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(rowsOf(report.rejected)).toEqual([
      [1, 'invalid_argument'],
      [3, 'invalid_argument'],
    ]);
  });

  it('counts the rows that could not be decoded as rows of the batch', async () => {
    const store = await openBruteStore();
    // rows 0 and 2 were not decoded: the columns hold rows 1, 3, 4
    const already: RejectedRow[] = [
      { row: 2, code: 'invalid_argument', message: 'no kind' },
      { row: 0, code: 'invalid_argument', message: 'no time' },
    ];
    const report = await ingestDetections(store, columnsOf([row(1), bad(3), row(4)]), already);
    expect(report.accepted).toBe(2);
    expect(report.rejected.map(({ row: number }) => number)).toEqual([0, 2, 3]);
  });

  it('takes the numbers of rows where they are given', async () => {
    const store = await openBruteStore();
    const report = await ingestDetections(store, columnsOf([row(1), bad(2)]), [], Uint32Array.of(10, 20));
    expect(rowsOf(report.rejected)).toEqual([[20, 'invalid_argument']]);
  });

  it('names rows that the store refuses by their place, behind bad rows too', async () => {
    const store = await openBruteStore();
    await ingestDetections(store, columnsOf([row(5, { magAb: 18 })]));
    const report = await ingestDetections(store, columnsOf([bad(1), row(5, { magAb: 18 }), row(5, { magAb: 19 }), row(6)]));
    expect(report).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(rowsOf(report.rejected)).toEqual([
      [0, 'invalid_argument'],
      [2, 'already_exists'],
    ]);
  });

  it('keeps the numbers of a batch while another one is checked', async () => {
    const store = await openBruteStore();
    await ingestDetections(store, columnsOf([row(5, { magAb: 18 })]));
    const conflict = row(5, { magAb: 19 });
    const [first, second] = await Promise.all([
      ingestDetections(store, columnsOf([bad(1), bad(2), bad(3), conflict])),
      ingestDetections(store, columnsOf([conflict, bad(1)])),
    ]);
    expect(first.rejected.map(({ row: number }) => number)).toEqual([0, 1, 2, 3]);
    expect(second.rejected.map(({ row: number }) => number)).toEqual([0, 1]);
  });

  it('says what the store promises, for an empty batch too', async () => {
    const store = await openBruteStore();
    const { durability } = await store.summary();
    expect(await ingestDetections(store, columnsOf([]))).toEqual({ accepted: 0, duplicates: 0, rejected: [], durability });
  });
});
