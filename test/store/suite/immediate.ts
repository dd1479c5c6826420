// The answers at once, which only the embedded store has: the same as the asynchronous ones, or a refusal.

import { describe, expect } from 'vitest';
import { DetectionColumns } from '../../../src/model/columns.ts';
import type { DetectionStore, ImmediateReader } from '../../../src/store/store.ts';
import { idsOf, keysOf, queryOf, recordOf, columnsOf, type DetectionRow } from '../../support/detections.ts';
import { ALL_SKY, coneAt, coneRows, lightCurveRows, put, type Harness } from './harness.ts';

export function immediateTests({ immediateTest, t0 }: Harness): void {
  describe('answers at once', () => {
    const place = { raDeg: 150.1, decDeg: 2.2 };
    const rows = Array.from({ length: 20 }, (_, i): DetectionRow => ({
      sourceId: (i * 7) % 20,
      ...place,
      mjdTai: t0 + (i % 5) / 16,
      band: i % 2 === 0 ? 'g' : 'r',
      magAb: 18.3,
      objectId: 'A',
    }));

    const asks: readonly (readonly [string, (store: DetectionStore) => Promise<DetectionColumns>, Ask])[] = [
      ['a cone', (store) => coneRows(store, coneAt(150.1, 2.2, 1)), (reader, out) => reader.coneNow(coneAt(150.1, 2.2, 1), queryOf(), out)],
      [
        'a cone with window, filter and limit',
        (store) =>
          coneRows(store, coneAt(150.1, 2.2, 1), {
            window: { mjdMinTai: t0 + 0.0625, mjdMaxTai: t0 + 0.25 },
            filter: { bands: ['g'] },
            limit: 4,
          }),
        (reader, out) =>
          reader.coneNow(
            coneAt(150.1, 2.2, 1),
            queryOf({ window: { mjdMinTai: t0 + 0.0625, mjdMaxTai: t0 + 0.25 }, filter: { bands: ['g'] }, limit: 4 }),
            out,
          ),
      ],
      [
        'nearest',
        (store) => store.nearest(coneAt(150.1, 2.2, 1), 3, queryOf()),
        (reader, out) => reader.nearestNow(coneAt(150.1, 2.2, 1), 3, queryOf(), out),
      ],
      ['a light curve', (store) => lightCurveRows(store, 'A'), (reader, out) => reader.lightCurveNow('A', queryOf(), out)],
      ['a detection by id', (store) => store.detection('ZTF', '7'), (reader, out) => reader.detectionNow('ZTF', '7', out)],
      ['an empty cone', (store) => coneRows(store, coneAt(10, 10, 1)), (reader, out) => reader.coneNow(coneAt(10, 10, 1), queryOf(), out)],
      ['an unknown light curve', (store) => lightCurveRows(store, 'B'), (reader, out) => reader.lightCurveNow('B', queryOf(), out)],
      ['an unknown detection', (store) => store.detection('ZTF', '99'), (reader, out) => reader.detectionNow('ZTF', '99', out)],
    ];
    for (const [name, ask, askNow] of asks) {
      immediateTest(`${name} at once has the rows of the asynchronous answer`, async (store, reader) => {
        await put(store, rows);
        const out = new DetectionColumns(4);
        expect(askNow(reader, out)).toBe(true);
        expect(keysOf(out)).toEqual(keysOf(await ask(store)));
      });
    }

    immediateTest('an answer at once has every column', async (store, reader) => {
      await put(store, rows);
      const out = new DetectionColumns(4);
      reader.detectionNow('ZTF', '7', out);
      expect(recordOf(out, 0)).toEqual(recordOf(columnsOf(rows.filter(({ sourceId }) => sourceId === 7)), 0));
    });

    immediateTest('an answer at once clears what the columns held before', async (store, reader) => {
      await put(store, rows);
      const out = columnsOf(rows);
      reader.detectionNow('ZTF', '7', out);
      expect(idsOf(out)).toEqual(['7']);
    });

    immediateTest('an answer that would take long is refused and leaves nothing', async (store, reader) => {
      await put(
        store,
        Array.from({ length: 20_000 }, (_, i): DetectionRow => ({
          sourceId: i,
          raDeg: (i * 0.37) % 360,
          decDeg: ((i * 0.11) % 170) - 85,
          mjdTai: t0,
        })),
      );
      const out = columnsOf(rows);
      expect([reader.coneNow(ALL_SKY, queryOf(), out), out.length]).toEqual([false, 0]);
    });
  });
}

type Ask = (reader: ImmediateReader, out: DetectionColumns) => boolean;
