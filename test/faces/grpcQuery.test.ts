import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as grpc from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { DetectionBatch, type DetectionsReply } from '../../src/contract/gen/codec.js';
import { QUERY } from '../../src/contract/grpcDefinition.ts';
import { columnsOfBatch } from '../../src/contract/detectionMessage.ts';
import type { AppError } from '../../src/errors.ts';
import type { DetectionColumns } from '../../src/model/columns.ts';
import type { DetectionQuery } from '../../src/model/window.ts';
import type { DetectionStore } from '../../src/store/store.ts';
import { openBruteStore } from '../support/bruteStore.ts';
import { columnsOf, recordOf, type DetectionRow } from '../support/detections.ts';
import { openGrpcFace, type GrpcFace } from '../support/grpcFace.ts';

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

// Around (100, 0): ids at the ends of int64, text ids, nulls, every kind, an alias.
const ROWS: readonly DetectionRow[] = [
  { sourceId: INT64_MAX, raDeg: 100, decDeg: 0, mjdTai: 60_000, band: 'g', magAb: 18.5, exposureId: INT64_MAX, flags: 2n ** 64n - 1n },
  { sourceId: INT64_MIN, raDeg: 100.0001, decDeg: 0, mjdTai: 60_001, band: 'r', kind: 'forced', diffFluxNjy: -12.5, detector: -7 },
  { sourceId: '00123', raDeg: 100.0002, decDeg: 0, mjdTai: 60_002, kind: 'upper_limit', magLimitAb: 20.5, station: 'I41' },
  { sourceId: 'Zürich 🔭', raDeg: 100, decDeg: 0.0001, mjdTai: 60_003, objectId: 'ZTF17aadlxmv' },
  { sourceId: 2n ** 53n + 1n, raDeg: 130, decDeg: 40, mjdTai: 60_004, survey: 'LSST', reliability: 0.25 },
];

let face: GrpcFace;
let store: DetectionStore;

beforeAll(async () => {
  store = await openBruteStore();
  face = await openGrpcFace(store);
  await store.put(columnsOf(ROWS));
});

afterAll(async () => {
  await face.close();
});

async function refusal(call: Promise<unknown>): Promise<AppError> {
  return call.then(
    () => expect.unreachable('should have been refused'),
    (error: unknown) => error as AppError,
  );
}

/** What a reply says, read with the decoder of batches: rows and tables are the same messages. */
function columnsOfReply(reply: DetectionsReply): DetectionColumns {
  return columnsOfBatch(DetectionBatch.encode({ detections: reply.detections ?? [], table: reply.table ?? null }).finish()).columns;
}

function recordsOf(columns: DetectionColumns): Record<string, unknown>[] {
  return Array.from({ length: columns.length }, (_, row) => recordOf(columns, row));
}

describe('Cone', () => {
  const AROUND = { raDeg: 100, decDeg: 0, radiusArcsec: 2 };

  it('gives all rows by time with every value as it was stored', async () => {
    const reply = await face.client.cone(AROUND);
    expect(reply.detections?.map(({ sourceId, sourceName }) => sourceName ?? sourceId)).toEqual([
      INT64_MAX,
      INT64_MIN,
      '00123',
      'Zürich 🔭',
    ]);
    expect(reply.truncated).toBe(false);
    const got = recordsOf(columnsOfReply(reply));
    const objects = ['ZTF:9223372036854775807', 'ZTF:9223372036854775807', 'ZTF:9223372036854775807', 'ZTF17aadlxmv'];
    expect(got).toEqual(recordsOf(columnsOf(ROWS.slice(0, 4))).map((record, i) => ({ ...record, object_id: objects[i] })));
  });

  it('gives the separation in arcseconds', async () => {
    const reply = await face.client.cone(AROUND);
    const separations = reply.detections?.map(({ sepArcsec }) => sepArcsec ?? NaN) ?? [];
    for (const [i, sep] of [0, 0.36, 0.72, 0.36].entries()) expect(separations[i]).toBeCloseTo(sep, 9);
  });

  it('gives the same as a table', async () => {
    const rows = await face.client.cone(AROUND);
    const table = await face.client.cone({ ...AROUND, page: { asTable: true } });
    expect(table.detections).toEqual([]);
    expect(recordsOf(columnsOfReply(table))).toEqual(recordsOf(columnsOfReply(rows)));
    expect(table.table?.detector).toHaveLength(16);
    expect(table.table?.snr).toHaveLength(0);
  });

  it('cuts at the limit and goes on from the cursor', async () => {
    const first = await face.client.cone({ ...AROUND, page: { limit: 3 } });
    expect([first.truncated, first.detections?.length]).toEqual([true, 3]);
    const second = await face.client.cone({ ...AROUND, page: { limit: 3, cursor: first.nextCursor ?? '' } });
    expect([second.truncated, second.nextCursor]).toEqual([false, '']);
    expect(second.detections?.map(({ sourceName }) => sourceName)).toEqual(['Zürich 🔭']);
  });

  it('filters by time, half-open, and by kind', async () => {
    const reply = await face.client.cone({ ...AROUND, filter: { mjdMin: 60_001, mjdMax: 60_003, kinds: [2, 3] } });
    expect(reply.detections?.map(({ kind }) => kind)).toEqual([2, 3]);
  });

  it.each([
    [{ decDeg: 0, radiusArcsec: 1 }, 'ra_deg is missing', 'ra_deg'],
    [{ raDeg: 0, decDeg: 0, radiusDeg: 200 }, 'radius_deg is 200, must be at most 180', 'radius_deg'],
    [{ raDeg: NaN, decDeg: 0, radiusDeg: 1 }, 'ra_deg is NaN, must be a number', 'ra_deg'],
    [{ raDeg: 0, decDeg: 0 }, 'radius_arcsec or radius_deg is missing', 'radius_arcsec'],
    [{ ...AROUND, page: { limit: 0 } }, 'limit is 0, must be at least 1', 'limit'],
    [{ ...AROUND, page: { cursor: 'x' } }, 'cursor is "x", must be the next cursor of an earlier answer, unchanged', 'cursor'],
  ])('refuses %j, naming field, value and limit', async (request, message, field) => {
    const error = await refusal(face.client.cone(request));
    expect(error).toMatchObject({ code: 'invalid_argument', message, details: { field } });
    const status = error.cause as grpc.ServiceError;
    expect(status.code).toBe(grpc.status.INVALID_ARGUMENT);
    expect(status.metadata.get('nightjar-code')).toEqual(['invalid_argument']);
  });

  it('calls bytes that are no request the fault of the caller', async () => {
    const { path, responseDeserialize } = QUERY.Cone;
    const client = new grpc.Client(face.address, grpc.credentials.createInsecure());
    const status = await new Promise<grpc.ServiceError | null>((resolve) => {
      client.makeUnaryRequest(path, (bytes: Buffer) => bytes, responseDeserialize, Buffer.from([9, 1]), resolve);
    });
    client.close();
    expect(status?.code).toBe(grpc.status.INVALID_ARGUMENT);
  });
});

describe('the other queries', () => {
  it('LightCurve finds the detections of an object by id, by alias and by place', async () => {
    const byId = await face.client.lightCurve({ objectId: 'ZTF:9223372036854775807' });
    const byAlias = await face.client.lightCurve({ objectId: 'ZTF17aadlxmv' });
    const byPlace = await face.client.lightCurve({ raDeg: 100, decDeg: 0, radiusArcsec: 2 });
    expect(byId.detections).toHaveLength(4);
    expect(byAlias.detections).toHaveLength(4);
    expect(byPlace.detections).toHaveLength(4);
    expect((await face.client.lightCurve({ objectId: 'nobody' })).detections).toEqual([]);
  });

  it('Nearest gives the k nearest by separation', async () => {
    const reply = await face.client.nearest({ raDeg: 100.0002, decDeg: 0, k: 2 });
    expect(reply.detections?.map(({ sourceName, sourceId }) => sourceName ?? sourceId)).toEqual(['00123', INT64_MIN]);
  });

  it('CrossMatch echoes ids and has a line for each position with EACH', async () => {
    const positions = [
      { id: 'nothing', raDeg: 5, decDeg: 5 },
      { id: 'lsst', raDeg: 130, decDeg: 40 },
      { raDeg: 100, decDeg: 0 },
    ];
    const reply = await face.client.crossMatch({ positions, radiusArcsec: 1, find: 3 });
    expect(reply.matches?.map(({ position, id, detection }) => [position, id, detection?.sourceId ?? null])).toEqual([
      [0, 'nothing', null],
      [1, 'lsst', 2n ** 53n + 1n],
      [2, '', INT64_MAX],
    ]);
    const error = await refusal(
      face.client.crossMatch({
        positions: [
          { raDeg: 1, decDeg: 2 },
          { raDeg: 1, decDeg: 99 },
        ],
        radiusArcsec: 1,
      }),
    );
    expect(error.message).toBe('positions[1].dec_deg is 99, must be at most 90');
  });

  it('Status says what is there', async () => {
    const status = await face.client.status();
    expect(status).toMatchObject({ version: 'test', detections: 5n, surveys: ['LSST', 'ZTF'], mjdTaiFirst: 60_000, mjdTaiLast: 60_004 });
  });
});

describe('StreamCone', () => {
  it('gives the whole answer in parts', async () => {
    const ids: unknown[] = [];
    for await (const part of face.client.streamCone({ raDeg: 0, decDeg: 0, radiusDeg: 180 })) {
      for (const { sourceId, sourceName } of part.detections ?? []) ids.push(sourceName ?? sourceId);
    }
    expect(ids).toEqual([INT64_MAX, INT64_MIN, '00123', 'Zürich 🔭', 2n ** 53n + 1n]);
  });

  it('says where a limit cut it', async () => {
    const parts: DetectionsReply[] = [];
    for await (const part of face.client.streamCone({ raDeg: 0, decDeg: 0, radiusDeg: 180, page: { limit: 2 } })) parts.push(part);
    expect(parts.at(-1)).toMatchObject({ truncated: true });
    expect(parts.flatMap(({ detections }) => detections ?? [])).toHaveLength(2);
  });

  it('refuses a bad request with its status', async () => {
    const error = await refusal(face.client.streamCone({ raDeg: 0, decDeg: 0 }).next());
    expect(error.message).toBe('radius_arcsec or radius_deg is missing');
  });

  /** A store whose cone never ends, and counts what was asked of it. */
  function endless() {
    const seen = { batches: 0, isStopped: false };
    const batch = columnsOf(Array.from({ length: 1000 }, (_, i) => ({ sourceId: i, raDeg: 1, decDeg: 1, mjdTai: 60_000 })));
    const fake: DetectionStore = Object.assign(Object.create(store) as DetectionStore, {
      async *cone() {
        try {
          for (;;) {
            seen.batches++;
            batch.length = 1000;
            yield batch;
          }
        } finally {
          seen.isStopped = true;
        }
      },
      close: () => Promise.resolve(),
    });
    return { fake, seen };
  }

  it('makes the scan wait for a client that reads slowly, and stops it when the client goes', async () => {
    const { fake, seen } = endless();
    const slow = await openGrpcFace(fake);
    const parts = slow.client.streamCone({ raDeg: 0, decDeg: 0, radiusDeg: 180 });
    await parts.next();
    // the client reads no more: the parts fill the buffers of both ends and of HTTP/2, then the scan stands still
    for (let quiet = 0, last = -1; quiet < 500; quiet++) {
      if (seen.batches !== last) quiet = 0;
      last = seen.batches;
      await new Promise(setImmediate);
    }
    expect(seen.isStopped).toBe(false);
    await parts.return(undefined);
    while (!seen.isStopped) await new Promise(setImmediate);
    await slow.close();
  });

  it('stops the scan at the deadline', async () => {
    const { fake, seen } = endless();
    const slow = await openGrpcFace(fake);
    const read = async (): Promise<void> => {
      for await (const _part of slow.client.streamCone({ raDeg: 0, decDeg: 0, radiusDeg: 180 }, { timeoutMs: 100 }));
    };
    expect((await refusal(read())).code).toBe('deadline_exceeded');
    while (!seen.isStopped) await new Promise(setImmediate);
    await slow.close();
  });
});

describe('a call without a deadline', () => {
  it('ends when the time of the service is up', async () => {
    const fake: DetectionStore = Object.assign(Object.create(store) as DetectionStore, {
      async *cone(_cone: unknown, { signal }: DetectionQuery) {
        await new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
      },
      close: () => Promise.resolve(),
    });
    const slow = await openGrpcFace(fake, { requestTimeoutMs: 20 });
    expect((await refusal(slow.client.cone({ raDeg: 0, decDeg: 0, radiusDeg: 1 }))).code).toBe('deadline_exceeded');
    await slow.close();
  });
});

describe('the server', () => {
  function healthOf(address: string, service: string): Promise<string> {
    const { path, requestSerialize, responseDeserialize } = healthService['Check'];
    const client = new grpc.Client(address, grpc.credentials.createInsecure());
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, reply) => {
        client.close();
        if (error === null) resolve((reply as { status: string }).status);
        else reject(error);
      });
    });
  }

  it('says that it serves, for the whole and for each service, until it drains', async () => {
    const own = await openGrpcFace(await openBruteStore());
    for (const name of ['', 'nightjar.v1.Query', 'nightjar.v1.Ingest']) expect(await healthOf(own.address, name)).toBe('SERVING');
    own.server.setServing(false);
    expect(await healthOf(own.address, '')).toBe('NOT_SERVING');
    await own.close();
    await expect(healthOf(own.address, '')).rejects.toThrow();
  });

  it('describes its services over reflection', async () => {
    const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const client = new grpc.Client(face.address, grpc.credentials.createInsecure());
    // ServerReflectionRequest { file_containing_symbol = 4 }
    const symbol = Buffer.from('nightjar.v1.Query');
    const call = client.makeBidiStreamRequest(
      path,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    call.end(Buffer.concat([Buffer.from([0x22, symbol.length]), symbol]));
    const replies: Buffer[] = [];
    for await (const reply of call) replies.push(reply as Buffer);
    client.close();
    expect(replies).toHaveLength(1);
    expect(replies[0].includes(Buffer.from('StreamCone'))).toBe(true);
    expect(replies[0].includes(Buffer.from('radius_arcsec'))).toBe(true);
  });

  it('reports each call with its method and code', async () => {
    face.reports.length = 0;
    await face.client.status();
    await refusal(face.client.cone({}));
    expect(face.reports.map(({ method, code }) => [method, code])).toEqual([
      ['Query.Status', 'ok'],
      ['Query.Cone', 'invalid_argument'],
    ]);
  });
});
