import { afterEach, describe, expect, it } from 'vitest';
import { encodeBatch, MAX_BATCH_ROWS } from '../../src/contract/detectionMessage.ts';
import { tableOfColumns } from '../../src/contract/detectionTable.ts';
import type { Detection, DetectionBatch, DetectionTable, IngestAck } from '../../src/contract/gen/codec.js';
import { DetectionBatch as BatchCodec } from '../../src/contract/gen/codec.js';
import { IngestStream } from '../../src/contract/ingestStream.ts';
import { AppError } from '../../src/errors.ts';
import type { IngestReport } from '../../ingest/ingestDetections.ts';
import { openBruteStore } from '../support/bruteStore.ts';
import { columnsOf, type DetectionRow } from '../support/detections.ts';
import { openGrpcFace, type GrpcFace, type GrpcFaceOptions } from '../support/grpcFace.ts';

const open: GrpcFace[] = [];

async function face(options: GrpcFaceOptions = {}): Promise<GrpcFace> {
  const opened = await openGrpcFace(await openBruteStore(), options);
  open.push(opened);
  return opened;
}

afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

const ROW: Detection = {
  survey: 'ZTF',
  sourceId: 1n,
  timeMjd: 60_000,
  timeScale: 2,
  timeReference: 1,
  raDeg: 10,
  decDeg: 20,
  kind: 1,
};

function rows(count: number, from = 0): DetectionRow[] {
  return Array.from({ length: count }, (_, i) => ({ sourceId: from + i, raDeg: (from + i) / 100, decDeg: 5, mjdTai: 60_000 + i / 1000 }));
}

function table(count: number, change: Partial<DetectionTable> = {}): DetectionTable {
  return { ...tableOfColumns(columnsOf(rows(count))), ...change };
}

async function refusal(call: Promise<unknown>): Promise<AppError> {
  return call.then(
    () => expect.unreachable('should have been refused'),
    (error: unknown) => error as AppError,
  );
}

describe('PutDetections', () => {
  it('reports accepted, duplicate and rejected rows by their index in the batch', async () => {
    const { client } = await face();
    const detections = [
      ROW,
      { ...ROW, sourceId: 2n, decDeg: 91 },
      { ...ROW, sourceId: 3n, kind: 0 as const },
      { ...ROW, sourceId: 4n },
      ROW,
    ];
    const ack = await client.putDetections({ sequence: 7n, detections });
    expect(ack).toMatchObject({ sequence: 7n, accepted: 2, duplicates: 1 });
    expect(ack.rejected).toEqual([
      { row: 1, code: 'invalid_argument', message: 'dec_deg is 91, must be from -90 to 90' },
      { row: 2, code: 'invalid_argument', message: 'kind is missing' },
    ]);
    expect(ack.durability).not.toBe('');
  });

  it('keeps the row indices of a batch when rows before a conflict could not be read', async () => {
    const { client } = await face();
    await client.putDetections({ detections: [ROW] });
    const ack = await client.putDetections({
      detections: [
        { ...ROW, sourceId: null },
        { ...ROW, sourceId: 9n, raDeg: -1 },
        { ...ROW, raDeg: 11 },
      ],
    });
    expect(ack.rejected?.map(({ row, code }) => [row, code])).toEqual([
      [0, 'invalid_argument'],
      [1, 'invalid_argument'],
      [2, 'already_exists'],
    ]);
  });

  it('takes sequences up to 2^64 - 1', async () => {
    const { client } = await face();
    expect((await client.putDetections({ sequence: 2n ** 64n - 1n })).sequence).toBe(2n ** 64n - 1n);
  });

  it.each<[string, Partial<Detection>, string]>([
    ['no time scale', { timeScale: 0 }, 'time_scale is missing, must be one of utc, tai, tt'],
    ['an unknown time scale', { timeScale: 9 as 1 }, 'time_scale is 9, must be one of utc, tai, tt'],
    ['no time reference', { timeReference: 0 }, 'time_reference is missing, must be one of mid_exposure, start_exposure'],
    ['a start without exposure time', { timeReference: 2 }, 'exptime_s is missing, needed where the time is the start of the exposure'],
    ['a negative exposure time', { timeReference: 2, exptimeS: -3 }, 'exptime_s is -3, must be at least 0'],
    ['no time', { timeMjd: null }, 'time_mjd is missing'],
    ['no right ascension', { raDeg: null }, 'ra_deg is missing'],
    ['no declination', { decDeg: NaN }, 'dec_deg is missing'],
    ['no id', { sourceId: null }, 'source_id is missing'],
    ['two ids', { sourceName: 'a' }, 'source_id and source_name are both given, must be one of them'],
    ['no survey', { survey: '' }, 'survey is missing'],
    ['an infinite magnitude', { magAb: Infinity }, 'mag_ab is Infinity, must be from -40 to 60'],
  ])('refuses a row with %s, and no other row', async (_what, change, message) => {
    const { client } = await face();
    const ack = await client.putDetections({
      detections: [
        { ...ROW, ...change },
        { ...ROW, sourceId: 5n },
      ],
    });
    expect(ack.accepted).toBe(1);
    expect(ack.rejected).toEqual([{ row: 0, code: 'invalid_argument', message }]);
  });

  it.each<[string, DetectionBatch, string]>([
    ['rows and table', { detections: [ROW], table: table(1) }, 'detections and table are both given'],
    [
      'a column of the wrong length',
      { table: table(3, { raDeg: new Uint8Array(16) }) },
      'table.ra_deg has 16 bytes, must have 24 (3 rows of 8)',
    ],
    ['bytes that are no whole values', { table: table(3, { magAb: new Uint8Array(13) }) }, 'table.mag_ab has 13 bytes, must have 12'],
    ['an index outside its names', { table: table(2, { surveyIndex: new Uint8Array([0, 0, 7, 0]) }) }, 'survey_index of row 1 is 7'],
    ['names without index', { table: table(2, { bands: ['g', 'r'] }) }, 'table.band_index is empty, needed where bands has 2 names'],
    ['too few text ids', { table: table(2, { sourceName: ['a'] }) }, 'table.source_name has 1 texts, must have one a row (2) or none'],
    ['no time scale', { table: table(2, { timeScale: 0 }) }, 'table.time_scale is missing'],
    ['no time reference', { table: table(2, { timeReference: 0 }) }, 'table.time_reference is missing'],
    ['more rows than a batch may have', { table: { rows: MAX_BATCH_ROWS + 1 } }, 'table.rows is 10001, must be at most 10000 rows'],
    [
      'more detections than a batch may have',
      { detections: Array.from({ length: MAX_BATCH_ROWS + 1 }, () => ({})) },
      'detections is 10001, must be at most 10000 rows',
    ],
  ])('refuses a batch with %s as a whole', async (_what, batch, message) => {
    const { client } = await face();
    const error = await refusal(client.putDetections(batch));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain(message);
    expect((await client.status()).detections).toBe(0n);
  });

  it('calls bytes that are no message the fault of the caller', async () => {
    const { client, reports } = await face();
    const whole = encodeBatch(1n, columnsOf(rows(2)), { asTable: false });
    for (const bytes of [whole.subarray(0, whole.length - 3), Uint8Array.of(0xff, 0xff), Uint8Array.of(0x0f)]) {
      const error = await refusal(client.putDetections(bytes));
      expect([error.code, error.message]).toEqual(['invalid_argument', expect.stringContaining('not well formed')]);
    }
    expect(reports.every(({ code }) => code === 'invalid_argument')).toBe(true);
  });

  it('refuses text that is not UTF-8, so that an id never comes back changed', async () => {
    const { client } = await face();
    const bytes = BatchCodec.encode({ detections: [{ ...ROW, sourceId: null, sourceName: 'abc' }] }).finish();
    bytes[bytes.indexOf(0x62)] = 0xff;
    expect((await refusal(client.putDetections(bytes))).message).toContain('not UTF-8');
  });

  it('says resource_exhausted when the message is larger than the limit', async () => {
    const { client } = await face();
    const error = await refusal(client.putDetections(new Uint8Array(9 * 1024 * 1024)));
    expect(error.code).toBe('resource_exhausted');
  });
});

describe('StreamDetections', () => {
  async function sendAll(stream: IngestStream, batches: readonly DetectionBatch[]): Promise<IngestAck[]> {
    const acks: Promise<IngestAck>[] = [];
    for (const batch of batches) acks.push((await stream.send(batch)).ack);
    await stream.end();
    return Promise.all(acks);
  }

  it('acknowledges each batch in order with its sequence, rows and tables alike', async () => {
    const { client } = await face();
    const batches = [3n, 1n, 2n ** 63n].map((sequence, k) =>
      BatchCodec.decode(encodeBatch(sequence, columnsOf(rows(10, 10 * k)), { asTable: k === 1 })),
    );
    const acks = await sendAll(new IngestStream(client), batches);
    expect(acks.map(({ sequence, accepted }) => [sequence, accepted])).toEqual([
      [3n, 10],
      [1n, 10],
      [2n ** 63n, 10],
    ]);
    expect((await client.status()).detections).toBe(30n);
  });

  it('acknowledges in order even when a later batch is stored first', async () => {
    const releases: (() => void)[] = [];
    const { client } = await face({
      ingest: (columns) => new Promise((resolve) => releases.push(() => resolve(report(columns.length)))),
    });
    const stream = new IngestStream(client);
    const order: bigint[] = [];
    const acks: Promise<void>[] = [];
    for (const sequence of [1n, 2n, 3n]) {
      const { ack } = await stream.send({ sequence, detections: [ROW] });
      acks.push(ack.then((it) => void order.push(it.sequence ?? -1n)));
    }
    await until(() => releases.length === 3);
    releases.reverse().forEach((release) => release());
    await Promise.all(acks);
    expect(order).toEqual([1n, 2n, 3n]);
  });

  it('ends with invalid_argument naming the sequence when a batch is broken, after the acknowledgements before it', async () => {
    const { client } = await face();
    const stream = new IngestStream(client);
    const first = (await stream.send({ sequence: 1n, detections: [ROW] })).ack;
    const broken = (await stream.send({ sequence: 2n, table: table(2, { timeScale: 0 }) })).ack;
    await expect(first).resolves.toMatchObject({ sequence: 1n, accepted: 1 });
    const error = await refusal(broken);
    expect([error.code, error.message]).toEqual(['invalid_argument', 'batch 2: table.time_scale is missing, must be one of utc, tai, tt']);
    await expect(stream.send({ sequence: 3n })).rejects.toThrow('batch 2');
  });

  it('ends with the code of the store when the store fails', async () => {
    const { client } = await face({ ingest: () => Promise.reject(new AppError('unavailable', 'the log cannot be written')) });
    const error = await refusal((await new IngestStream(client).send({ sequence: 5n, detections: [ROW] })).ack);
    expect([error.code, error.message]).toEqual(['unavailable', 'batch 5: the log cannot be written']);
  });

  it('hides what an unknown error says, and reports it to the service', async () => {
    const secret = new Error('password is hunter2');
    const { client, reports } = await face({ ingest: () => Promise.reject(secret) });
    const error = await refusal((await new IngestStream(client).send({ sequence: 5n, detections: [ROW] })).ack);
    expect([error.code, error.message]).toEqual(['internal', 'batch 5: internal error']);
    expect(reports[0]).toMatchObject({ method: 'Ingest.StreamDetections', code: 'internal', cause: secret });
  });

  it('makes the client of a slow store wait and drops nothing', async () => {
    // 200 batches of about 60 KB against a store that holds on: what is neither read nor in the buffers of
    // HTTP/2 stays with the client
    let begun = 0;
    const waiting: (() => void)[] = [];
    let isOpen = false;
    const { client } = await face({
      maxInFlightPerStream: 4,
      ingest: (columns) => {
        begun++;
        const done = report(columns.length);
        return isOpen ? Promise.resolve(done) : new Promise((resolve) => waiting.push(() => resolve(done)));
      },
    });
    const bytes = (sequence: number) => encodeBatch(BigInt(sequence), columnsOf(rows(500, 500 * sequence)), { asTable: false });
    const stream = new IngestStream(client, 1000);
    const acks: Promise<IngestAck>[] = [];
    const sender = (async () => {
      for (let sequence = 0; sequence < 200; sequence++) acks.push((await stream.send(bytes(sequence))).ack);
    })();
    await until(() => begun === 4);
    await settled(() => acks.length);
    expect(begun).toBe(4);
    expect(acks.length).toBeLessThan(100);
    isOpen = true;
    waiting.forEach((release) => release());
    await sender;
    await stream.end();
    expect((await Promise.all(acks)).map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(begun).toBe(200);
  });

  it('bounds the batches under way over all streams', async () => {
    let underWay = 0;
    let most = 0;
    const { client } = await face({
      maxInFlight: 3,
      ingest: async (columns) => {
        most = Math.max(most, ++underWay);
        await new Promise(setImmediate);
        underWay--;
        return report(columns.length);
      },
    });
    const streams = Array.from({ length: 4 }, () => new IngestStream(client));
    const acks = await Promise.all(
      streams.map((stream, k) =>
        sendAll(
          stream,
          Array.from({ length: 20 }, (_, i) => ({ sequence: BigInt(20 * k + i), detections: [ROW] })),
        ),
      ),
    );
    expect(acks.flat()).toHaveLength(80);
    expect(most).toBe(3);
  });

  it('goes on with other streams after a client went away in the middle', async () => {
    const waiting: (() => void)[] = [];
    let isOpen = false;
    const { client, reports } = await face({
      maxInFlight: 2,
      ingest: (columns) =>
        isOpen ? Promise.resolve(report(columns.length)) : new Promise((resolve) => waiting.push(() => resolve(report(1)))),
    });
    const gone = new IngestStream(client);
    for (let sequence = 0n; sequence < 4n; sequence++) await gone.send({ sequence, detections: [ROW] });
    await until(() => waiting.length === 2);
    gone.cancel();
    isOpen = true;
    waiting.forEach((release) => release());
    await until(() => reports.length === 1);
    const [ack] = await sendAll(new IngestStream(client), [{ sequence: 9n, detections: [ROW] }]);
    expect(ack.sequence).toBe(9n);
  });

  it('finishes what it has read when the service stops, then ends with unavailable', async () => {
    const waiting: (() => void)[] = [];
    const { client, server } = await face({
      ingest: (columns) => new Promise((resolve) => waiting.push(() => resolve(report(columns.length)))),
    });
    const stream = new IngestStream(client);
    const acks = [
      (await stream.send({ sequence: 1n, detections: [ROW] })).ack,
      (await stream.send({ sequence: 2n, detections: [ROW] })).ack,
    ];
    await until(() => waiting.length === 2);
    const drained = server.drain(10_000);
    waiting.forEach((release) => release());
    expect((await Promise.all(acks)).map(({ sequence }) => sequence)).toEqual([1n, 2n]);
    const error = await refusal(stream.end());
    expect(error.code).toBe('unavailable');
    await drained;
  });
});

function report(accepted: number): IngestReport {
  return { accepted, duplicates: 0, rejected: [], durability: 'off' };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

/** Waits until a count has not moved for many turns of the event loop. */
async function settled(count: () => number): Promise<void> {
  for (let quiet = 0, last = -1; quiet < 500; quiet++) {
    if (count() !== last) quiet = 0;
    last = count();
    await new Promise(setImmediate);
  }
}
