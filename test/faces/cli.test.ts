// The command line from outside: processes, exit codes, what is printed where.

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSender } from '../../src/cli/ingestSender.ts';
import { DetectionColumns } from '../../src/model/columns.ts';
import { nightjar, serve, type Serve } from '../support/serve.ts';

const dir = mkdtempSync(join(tmpdir(), 'nightjar-cli-'));
const good = join(dir, 'good.csv');
const mixed = join(dir, 'mixed.csv');
const HEADER = 'survey,source_id,object_id,mjd_tai,ra_deg,dec_deg,band,mag_ab,kind\n';

function rows(from: number, to: number): DetectionColumns {
  const columns = new DetectionColumns(to - from);
  for (let id = from; id < to; id++) {
    const row = columns.addRow();
    columns.survey[row] = columns.surveys.intern('T');
    columns.sourceId[row] = BigInt(id);
    columns.mjdTai[row] = 60_000 + id / 1000;
    columns.raDeg[row] = (id * 7) % 360;
    columns.decDeg[row] = ((id * 3) % 178) - 89;
  }
  return columns;
}

async function detectionsOf(service: Serve): Promise<number> {
  const status = (await (await fetch(`${service.restUrl}/v1/status`)).json()) as { detections: number };
  return status.detections;
}

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('nightjar with a running service', () => {
  let service: Serve;

  beforeAll(async () => {
    writeFileSync(
      good,
      `${HEADER}T,9007199254740993,obj-1,60000.25,10.5,-20.25,r,18.5,detection\nT,name:2,obj-1,60001.25,10.5,-20.25,g,18.75,detection\n`,
    );
    writeFileSync(
      mixed,
      `${HEADER}T,11,,60000.25,50,1,r,18,detection\nT,12,,60000.25,400,1,r,18,detection\nT,13,,60000.25,51,1,r,18,detection\n`,
    );
    service = await serve({ NIGHTJAR_DATA_DIR: 'none' });
  });

  afterAll(async () => {
    expect(await service.end('SIGINT')).toBe(0);
  });

  it('ingest exits with 0 when all rows are accepted, and again when all are duplicates', async () => {
    const first = await nightjar(['ingest', '--json', '--url', service.grpcAddress, good]);
    expect(first).toMatchObject({ code: 0, stdout: '{"accepted":2,"duplicates":0,"rejected":0,"errors":[]}\n' });
    const second = await nightjar(['ingest', '--json', '--url', service.restUrl, good]);
    expect(second).toMatchObject({ code: 0, stdout: '{"accepted":0,"duplicates":2,"rejected":0,"errors":[]}\n' });
  });

  it('ingest exits with 2 when rows are rejected, and names row, code and reason', async () => {
    const { code, stdout } = await nightjar(['ingest', '--json', '--url', service.grpcAddress, mixed]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      accepted: 2,
      duplicates: 0,
      rejected: 1,
      errors: [{ row: 2, code: 'invalid_argument', message: 'line 3: ra_deg is 400, must be from 0 to 360' }],
    });
  });

  it('ingest finds the local service by its settings and sums up in words', async () => {
    const port = service.grpcAddress.split(':')[1];
    const { code, stdout } = await nightjar(['ingest', '--batch-rows', '1', mixed], { NIGHTJAR_GRPC_PORT: port });
    expect(code).toBe(2);
    expect(stdout).toMatch(/duplicates +2\n +rejected +1\n/);
    expect(stdout).toContain('row 2: invalid_argument: line 3: ra_deg is 400');
  });

  it('ingest exits with 1 for a file that is not there, and goes on with the others', async () => {
    const { code, stdout } = await nightjar(['ingest', '--json', '--url', service.grpcAddress, join(dir, 'none.csv'), good]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ duplicates: 2, errors: [{ row: null, code: 'not_found' }] });
  });

  it('cone prints a table with ids as they came, and other formats untouched', async () => {
    const where = ['cone', '--url', service.restUrl, '--ra', '10.5', '--dec', '-20.25', '--radius-arcsec', '1'];
    const table = await nightjar(where);
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('9007199254740993');
    expect(table.stdout).toMatch(/2 rows \(/);
    const csv = await nightjar([...where, '--format', 'csv', '--band', 'g']);
    expect(csv.stdout).toMatch(/^survey,source_id,.*\r\nT,name:2,.*\r\n$/);
    const json = await nightjar([...where, '--json', '--limit', '1']);
    expect(JSON.parse(json.stdout)).toMatchObject({ count: 1, truncated: true });
    expect(json.stderr).toContain('cut at the limit');
  });

  it('lightcurve finds an object by its own id and by place', async () => {
    const byId = await nightjar(['lightcurve', '--url', service.restUrl, 'obj-1']);
    expect(byId.stdout).toMatch(/2 rows \(/);
    const byPlace = await nightjar(['lightcurve', '--url', service.restUrl, '--ra', '10.5', '--dec', '-20.25']);
    expect(byPlace.stdout).toMatch(/2 rows \(/);
    const nothing = await nightjar(['lightcurve', '--url', service.restUrl, 'no such object']);
    expect(nothing).toMatchObject({ code: 1, stdout: '' });
    expect(nothing.stderr).toContain('no such object');
  });

  it('status says what the service holds', async () => {
    const { stdout } = await nightjar(['status', '--url', service.restUrl]);
    expect(stdout).toMatch(/engine +memory\n/);
    expect(stdout).toMatch(/detections +4\n/);
  });

  it('a second serve on the same port fails with the address and exit code 1', async () => {
    const port = new URL(service.restUrl).port;
    const { code, stderr } = await nightjar(['serve', '--http-port', port, '--grpc-port', '0', '--data-dir', 'none']);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port} for REST`);
  });
});

describe('nightjar without a service', () => {
  it('says that none answers, and exits with 1', async () => {
    writeFileSync(good, `${HEADER}T,1,,60000.25,10.5,-20.25,r,18.5,detection\n`);
    expect(await nightjar(['status', '--url', 'http://127.0.0.1:65530'])).toMatchObject({ code: 1, stdout: '' });
    const ingest = await nightjar(['ingest', '--json', '--url', '127.0.0.1:65530', good]);
    expect(ingest.code).toBe(1);
    expect(JSON.parse(ingest.stdout)).toMatchObject({ accepted: 0, errors: [{ row: null, code: 'unavailable' }] });
  });

  it('refuses a bad setting before anything starts, naming key, value and what is allowed', async () => {
    const { code, stdout, stderr } = await nightjar(['serve'], { NIGHTJAR_STORE: 'sqlite' });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe('nightjar: NIGHTJAR_STORE is "sqlite", must be one of memory, redis, tile38\n');
  });

  it('refuses unknown commands and options, and shows help with examples', async () => {
    expect((await nightjar(['frobnicate'])).code).toBe(1);
    expect((await nightjar(['cone', '--radius'])).code).toBe(1);
    const help = await nightjar(['ingest', '--help']);
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Examples:');
    expect((await nightjar(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('starts through a symlink, as npm makes one, whatever node stands first on the path', async () => {
    const link = join(dir, 'nightjar-link');
    symlinkSync(fileURLToPath(new URL('../../bin/nightjar', import.meta.url)), link);
    const path = `${dir}:/usr/bin:/bin`;
    writeFileSync(join(dir, 'node'), '#!/bin/sh\necho v20.20.2\n', { mode: 0o755 });
    expect(execFileSync(link, ['--version'], { env: { PATH: path }, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('stopping and starting again', () => {
  it('keeps every row that was acknowledged when SIGTERM comes in the middle of a stream, and forgets old nights only when told', async () => {
    const env = { NIGHTJAR_DATA_DIR: join(dir, 'stopped') };
    const service = await serve(env);
    const acknowledged = await streamUntil(service, () => service.end('SIGTERM'));
    expect(acknowledged.code).toBe(0);
    const again = await serve(env);
    expect(await detectionsOf(again)).toBe(acknowledged.rows);
    await again.end('SIGTERM');
    // the rows are from 2023
    const later = await serve({ ...env, NIGHTJAR_WINDOW_NIGHTS: '30' });
    expect(await detectionsOf(later)).toBe(0);
    await later.end('SIGTERM');
  });

  it('keeps every row that was acknowledged when the process is killed', async () => {
    const env = { NIGHTJAR_DATA_DIR: join(dir, 'killed'), NIGHTJAR_DURABILITY: 'always' };
    const service = await serve(env);
    const acknowledged = await streamUntil(service, () => service.end('SIGKILL'));
    const again = await serve(env);
    expect(await detectionsOf(again)).toBeGreaterThanOrEqual(acknowledged.rows);
    await again.end('SIGTERM');
  });
});

const BATCH_ROWS = 200;
const BATCHES_BEFORE_END = 20;
const BATCHES_IN_FLIGHT = 4;

/** Streams batches, ends the service after some, and counts the rows that it acknowledged. */
async function streamUntil(service: Serve, end: () => Promise<number | null>): Promise<{ rows: number; code: number | null }> {
  const sender = openSender(service.grpcAddress, 30_000);
  let acknowledged = 0;
  const ended: { code?: Promise<number | null> } = {};
  const lanes = Array.from({ length: BATCHES_IN_FLIGHT }, async (_, lane) => {
    try {
      for (let batch = lane; ; batch += BATCHES_IN_FLIGHT) {
        const { accepted } = await sender.send(rows(batch * BATCH_ROWS, (batch + 1) * BATCH_ROWS));
        acknowledged += accepted;
        if (acknowledged >= BATCHES_BEFORE_END * BATCH_ROWS) ended.code ??= end();
      }
    } catch {
      // the service has ended the stream
    }
  });
  await Promise.all(lanes);
  sender.close();
  const code = await ended.code;
  expect(acknowledged).toBeGreaterThanOrEqual(BATCHES_BEFORE_END * BATCH_ROWS);
  return { rows: acknowledged, code: code ?? null };
}

describe('query threads', () => {
  it('answer on one port, take detections for the writing thread, and add up their metrics', async () => {
    const service = await serve({ NIGHTJAR_DATA_DIR: 'none', NIGHTJAR_QUERY_THREADS: '2' });
    const body = `${HEADER}T,name:1,obj-7,60000.25,10.123456789,-20.25,r,18.5,upper_limit\nT,2,,60000.25,999,0,r,18,detection\n`;
    const post = await fetch(`${service.restUrl}/v1/detections`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
    expect(await post.json()).toMatchObject({ accepted: 1, rejected: 1, durability: expect.any(String) });
    for (let i = 0; i < 4; i++) {
      // a connection of its own each time, so that the system may choose the other thread
      const reply = await fetch(`${service.restUrl}/v1/detections/T/name:1`, { headers: { connection: 'close' } });
      const { detections } = (await reply.json()) as { detections: Record<string, unknown>[] };
      expect(detections).toMatchObject([{ object_id: 'obj-7', ra_deg: 10.123456789, mag_ab: 18.5, kind: 'upper_limit' }]);
    }
    const metrics = await (await fetch(`${service.restUrl}/metrics`)).text();
    expect(metrics).toMatch(/nightjar_request_seconds_count\{face="rest",route="\/v1\/detections\/:survey\/:sourceId",code="200"\} 4\n/);
    expect(metrics).toMatch(/nightjar_ingest_rows_total\{face="rest",result="accepted"\} 1\n/);
    expect(metrics).toMatch(/nightjar_store_rows 1\n/);
    expect(await service.end('SIGTERM')).toBe(0);
  });
});
