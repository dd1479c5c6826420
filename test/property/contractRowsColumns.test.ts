// One detection said three ways (protobuf row, protobuf column, JSON row) is one detection.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOfBatch, encodeBatch, encodeReply } from '../../src/contract/detectionMessage.ts';
import { appendRow } from '../../src/contract/detectionRow.ts';
import { DetectionBatch, DetectionsReply, type Detection, type DetectionTable } from '../../src/contract/gen/codec.js';
import { checkBatch } from '../../src/model/checkBatch.ts';
import { DetectionColumns, FLOAT32_COLUMNS } from '../../src/model/columns.ts';
import { KINDS } from '../../src/model/kind.ts';
import type { RejectedRow } from '../../src/store/store.ts';
import { recordOf } from '../support/detections.ts';

const INT64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, -1n, 2n ** 63n - 1n, 2n ** 53n + 1n, 2n ** 32n),
);
const UINT64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constant(2n ** 64n - 1n));
const TEXT = (most: number) => fc.string({ unit: 'grapheme', minLength: 1, maxLength: most });
const FLOAT = (min: number, max: number) => fc.option(fc.float({ min, max, noNaN: true }), { nil: null });
const BIG = 2 ** 100;

// Values that every rule allows, and now and then one that a rule refuses.
const DETECTION: fc.Arbitrary<Detection> = fc
  .record({
    survey: fc.constantFrom('ZTF', 'LSST', 'Ω-survey', ''),
    id: fc.oneof(
      INT64.map((sourceId) => ({ sourceId, sourceName: null })),
      fc.oneof(TEXT(12), fc.constantFrom('00123', '-0', '433.txt:1', '12')).map((sourceName) => ({ sourceId: null, sourceName })),
    ),
    objectId: fc.option(TEXT(20), { nil: null }),
    exposureId: fc.option(INT64, { nil: null }),
    detector: fc.option(fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }), { nil: null }),
    station: fc.constantFrom(null, 'I41', 'X05'),
    timeMjd: fc.oneof(fc.double({ min: 41_000, max: 70_000, noNaN: true }), fc.constantFrom(57_753.999_99, 57_754, 9, NaN)),
    raDeg: fc.oneof(fc.double({ min: 0, max: 360, noNaN: true }), fc.constantFrom(0, -0, 360, -1)),
    decDeg: fc.oneof(fc.double({ min: -90, max: 90, noNaN: true }), fc.constantFrom(-90, 90, -0, 91)),
    band: fc.constantFrom('', 'g', 'lsst-z'),
    kind: fc.constantFrom(1 as const, 2 as const, 3 as const),
    flags: UINT64,
    exptimeS: FLOAT(0, 86_400),
    raErrArcsec: FLOAT(0, 3600),
    decErrArcsec: FLOAT(0, 3601),
    diffFluxNjy: FLOAT(-BIG, BIG),
    diffFluxErrNjy: FLOAT(0, BIG),
    sciFluxNjy: FLOAT(-BIG, BIG),
    sciFluxErrNjy: FLOAT(0, BIG),
    magAb: FLOAT(-40, 60),
    magErr: FLOAT(0, 100),
    magLimitAb: FLOAT(-40, 60),
    snr: FLOAT(-BIG, BIG),
    reliability: FLOAT(0, 1),
    trailLenArcsec: FLOAT(0, 36_000),
    trailPaDeg: FLOAT(-360, 360),
  })
  .map(({ id, ...rest }) => ({ ...rest, ...id }));

const CLOCK = fc.record({
  timeScale: fc.constantFrom(1 as const, 2 as const, 3 as const),
  timeReference: fc.constantFrom(1 as const, 2 as const),
});
const BATCH = fc.record({ detections: fc.array(DETECTION, { maxLength: 12 }), clock: CLOCK });

describe('rows, columns and JSON rows', () => {
  it('give the same good detections and refuse the same rows', () => {
    fc.assert(
      fc.property(BATCH, ({ detections, clock }) => {
        const rows = detections.map((detection) => ({ ...detection, ...clock }));
        const asRows = taken(columnsOfBatch(DetectionBatch.encode({ detections: rows }).finish()));
        const asTable = taken(columnsOfBatch(DetectionBatch.encode({ table: tableOf(rows, clock) }).finish()));
        const asJson = takenJson(rows.map(jsonOf));
        expect(asTable).toEqual(asRows);
        expect(asJson).toEqual(asRows);
      }),
      { numRuns: 300 },
    );
  });

  it('come back from bytes as they were, as rows and as a table', () => {
    fc.assert(
      fc.property(BATCH, ({ detections, clock }) => {
        const { columns } = columnsOfBatch(DetectionBatch.encode({ detections: detections.map((it) => ({ ...it, ...clock })) }).finish());
        const { good } = checkBatch(columns);
        for (const asTable of [false, true]) {
          expect(records(columnsOfBatch(encodeBatch(1n, good, { asTable })).columns)).toEqual(records(good));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('are written as the generated codec reads and writes them', () => {
    fc.assert(
      fc.property(BATCH, ({ detections, clock }) => {
        const { columns } = columnsOfBatch(DetectionBatch.encode({ detections: detections.map((it) => ({ ...it, ...clock })) }).finish());
        const bytes = encodeReply(columns, { truncated: true, nextCursor: 'abc', asTable: false });
        const reply = DetectionsReply.decode(bytes);
        expect([reply.detections?.length, reply.truncated, reply.nextCursor]).toEqual([columns.length, true, 'abc']);
        expect(records(columnsOfBatch(DetectionBatch.encode({ detections: reply.detections ?? [] }).finish()).columns)).toEqual(
          records(columns),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('leave nothing of an earlier batch in columns that are used again', () => {
    fc.assert(
      fc.property(BATCH, BATCH, fc.boolean(), (first, second, asTable) => {
        const encode = ({ detections, clock }: typeof first): Uint8Array => {
          const rows = detections.map((it) => ({ ...it, ...clock }));
          return DetectionBatch.encode(asTable ? { table: tableOf(rows, clock) } : { detections: rows }).finish();
        };
        const used = columnsOfBatch(encode(first)).columns;
        const again = columnsOfBatch(encode(second), used);
        const fresh = columnsOfBatch(encode(second));
        expect(records(again.columns)).toEqual(records(fresh.columns));
        expect(again.rejected).toEqual(fresh.rejected);
      }),
      { numRuns: 200 },
    );
  });
});

describe('bytes that were damaged on the way', () => {
  it('give a batch or invalid_argument, and nothing else', () => {
    fc.assert(
      fc.property(
        BATCH,
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        ({ detections, clock }, asTable, flips, cut) => {
          const rows = detections.map((it) => ({ ...it, ...clock }));
          const whole = DetectionBatch.encode(asTable ? { table: tableOf(rows, clock) } : { detections: rows }).finish();
          for (const [at, value] of flips) if (whole.length > 0) whole[at % whole.length] = value;
          const damaged = whole.subarray(0, whole.length - (cut % 3 === 0 ? cut % (whole.length + 1) : 0));
          try {
            const { columns, rejected, rows: kept } = columnsOfBatch(damaged);
            expect(kept === null ? rejected.length : kept.length).toBe(kept === null ? 0 : columns.length);
            checkBatch(columns);
          } catch (error) {
            expect(error).toMatchObject({ name: 'AppError', code: 'invalid_argument' });
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

interface Taken {
  readonly good: unknown[];
  /** Row numbers of the batch. */
  readonly refused: number[];
}

function taken({
  columns,
  rows,
  rejected,
}: {
  columns: DetectionColumns;
  rows: Uint32Array | null;
  rejected: readonly RejectedRow[];
}): Taken {
  const checked = checkBatch(columns);
  const late = checked.rejected.map(({ row }) => (rows === null ? row : rows[row]));
  return { good: records(checked.good), refused: [...rejected.map(({ row }) => row), ...late].sort((a, b) => a - b) };
}

function takenJson(rows: readonly Record<string, unknown>[]): Taken {
  const columns = new DetectionColumns(1);
  const rejected: RejectedRow[] = [];
  const kept = rows.flatMap((row, i) => (appendRow(columns, row, i, rejected) ? [i] : []));
  return taken({ columns, rows: Uint32Array.from(kept), rejected });
}

function records(columns: DetectionColumns): unknown[] {
  return Array.from({ length: columns.length }, (_, row) => recordOf(columns, row));
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

function jsonOf(detection: Detection): Record<string, unknown> {
  const { sourceId, sourceName, kind, timeScale, timeReference, timeMjd, exposureId, flags, ...rest } = detection;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [snakeCase(name), value])),
    source_id: sourceName ?? String(sourceId),
    kind: KINDS[(kind ?? 1) - 1],
    time_scale: ['utc', 'tai', 'tt'][(timeScale ?? 1) - 1],
    time_reference: ['mid_exposure', 'start_exposure'][(timeReference ?? 1) - 1],
    time_mjd: timeMjd,
    exposure_id: exposureId === null ? null : String(exposureId),
    flags: String(flags),
  };
}

function bytes(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The same detections as a client would make its table, without our own code. */
function tableOf(rows: readonly Detection[], clock: { timeScale: 1 | 2 | 3; timeReference: 1 | 2 }): DetectionTable {
  const indexed = (values: readonly string[]): [string[], Uint8Array] => {
    const names = [...new Set(values)];
    return [names, bytes(Uint16Array.from(values, (value) => names.indexOf(value)))];
  };
  const [surveys, surveyIndex] = indexed(rows.map(({ survey }) => survey ?? ''));
  const [stations, stationIndex] = indexed(rows.map(({ station }) => station ?? ''));
  const [bands, bandIndex] = indexed(rows.map(({ band }) => band ?? ''));
  const table: DetectionTable = {
    rows: rows.length,
    surveys,
    surveyIndex,
    stations,
    stationIndex,
    bands,
    bandIndex,
    kind: Uint8Array.from(rows, ({ kind }) => kind ?? 0),
    sourceId: bytes(BigInt64Array.from(rows, ({ sourceId }) => sourceId ?? 0n)),
    sourceName: rows.map(({ sourceName }) => sourceName ?? ''),
    objectId: rows.map(({ objectId }) => objectId ?? ''),
    exposureId: bytes(BigInt64Array.from(rows, ({ exposureId }) => exposureId ?? -(2n ** 63n))),
    detector: bytes(Int32Array.from(rows, ({ detector }) => detector ?? -(2 ** 31))),
    timeMjd: bytes(Float64Array.from(rows, ({ timeMjd }) => timeMjd ?? NaN)),
    raDeg: bytes(Float64Array.from(rows, ({ raDeg }) => raDeg ?? NaN)),
    decDeg: bytes(Float64Array.from(rows, ({ decDeg }) => decDeg ?? NaN)),
    flags: bytes(BigUint64Array.from(rows, ({ flags }) => flags ?? 0n)),
    ...clock,
  };
  for (const name of FLOAT32_COLUMNS) table[name] = bytes(Float32Array.from(rows, (row) => row[name] ?? NaN));
  return table;
}
