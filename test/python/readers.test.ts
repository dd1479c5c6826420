// A real service, read and fed by what astronomers have: pandas, astropy, pyarrow, grpcio, STILTS. The checks
// from Python are in the scripts beside this file; each is a test here, under its own name.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSender } from '../../src/cli/ingestSender.ts';
import { serve, type Serve } from '../support/serve.ts';
import { PLACES, sentColumns } from './feed.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));
const PYTHON = process.env['NIGHTJAR_TEST_PYTHON'] ?? fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const STILTS = process.env['NIGHTJAR_TEST_STILTS'] ?? 'stilts';

/** Both start slowly on a busy machine: pandas and astropy for all checks, a Java for every document. */
const PATIENCE_MS = 240_000;

/** The names of all checks, found without Python, so that each is a test even where it cannot run. */
const CHECKS = readdirSync(HERE)
  .filter((name) => name.endsWith('.py'))
  .flatMap((name) => [...readFileSync(HERE + name, 'utf8').matchAll(/^@check\("(.+)"\)$/gm)].map(([, check]) => check));

const hasPython = canRun('the checks from Python', PYTHON, ['-c', 'import astropy, grpc_tools, numpy, pandas, pyarrow']);
const hasStilts = canRun('the checks with STILTS', STILTS, ['-version']);

function canRun(what: string, command: string, args: readonly string[]): boolean {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return true;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  console.log(`skipped: ${what}: ${String(reason)} (npm run test:all installs what they need)`);
  return false;
}

let service: Serve;

beforeAll(async () => {
  if (!hasPython && !hasStilts) return;
  service = await serve({ NIGHTJAR_DATA_DIR: 'none' });
  const { numbers, texts, curve } = PLACES;
  const lines = [...numbers.rows, ...curve.rows].map((row) => JSON.stringify(row)).join('\n');
  const reply = await fetch(`${service.restUrl}/v1/detections`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines,
  });
  expect(await reply.json()).toMatchObject({ accepted: numbers.rows.length + curve.rows.length, rejected: 0 });
  const sender = openSender(service.grpcAddress, 10_000);
  expect(await sender.send(sentColumns(texts.rows))).toMatchObject({ accepted: texts.rows.length, rejected: [] });
  sender.close();
});

afterAll(async () => {
  if (hasPython || hasStilts) await service.end('SIGTERM');
});

describe.skipIf(!hasPython)('from Python', () => {
  const problems = new Map<string, string | null>();
  let stderr = '';

  beforeAll(() => {
    const input = JSON.stringify({ rest: service.restUrl, grpc: service.grpcAddress, proto: PROTO, places: PLACES });
    // no bytecode beside the sources; proxies are for other hosts than this one
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
    const run = spawnSync(PYTHON, [`${HERE}readers.py`], { input, env, encoding: 'utf8', timeout: PATIENCE_MS });
    stderr = run.stderr;
    for (const line of run.stdout.trim().split('\n').filter(Boolean)) {
      const { check, problem } = JSON.parse(line) as { check: string; problem: string | null };
      problems.set(check, problem);
    }
  }, PATIENCE_MS);

  it.each(CHECKS)('%s', (check) => {
    expect(problems.has(check), `it did not run: ${stderr.slice(-2000)}`).toBe(true);
    expect(problems.get(check)).toBeNull();
  });

  it('no check runs that is no test here', () => {
    expect([...problems.keys()].filter((check) => !CHECKS.includes(check))).toEqual([]);
    expect(problems.size).toBeGreaterThan(20);
  });
});

describe.skipIf(!hasStilts)('STILTS votlint', () => {
  const { numbers, texts } = PLACES;
  const cone = (place: { ra: number; dec: number }, more = ''): string =>
    `/v1/cone?ra=${String(place.ra)}&dec=${String(place.dec)}&radius_arcsec=60&format=votable${more}`;

  /** What votlint says; its exit code is 0 whatever it finds. Units and UCDs are for astropy: Debian's STILTS takes any. */
  function votlint(document: string): string {
    const run = spawnSync(STILTS, ['votlint', 'votable=-', 'ucd=true', 'unit=true'], {
      input: document,
      encoding: 'utf8',
      timeout: PATIENCE_MS,
    });
    return run.error?.message ?? run.stdout + run.stderr;
  }

  it(
    'finds the fault in a document that has one',
    async () => {
      const text = await (await fetch(service.restUrl + cone(numbers))).text();
      expect(votlint(text.replace('<TD>10</TD>', '<TD>ten</TD>'))).toContain("Bad double string 'ten'");
    },
    PATIENCE_MS,
  );

  it.each<[string, string, RequestInit?]>([
    ['a cone', cone(numbers)],
    ['a cone with text ids', cone(texts)],
    ['an empty cone', cone({ ra: 300, dec: 80 })],
    ['a cut cone', cone(numbers, '&limit=3')],
    ['a light curve', '/v1/objects/LC-1/light-curve?format=votable'],
    [
      'a bulk cone with a row for nothing',
      '/v1/cone/bulk?format=votable&find=each',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          radius_arcsec: 60,
          positions: [
            { id: 'a', ra: numbers.ra, dec: numbers.dec },
            { ra: 300, dec: 80 },
          ],
        }),
      },
    ],
  ])(
    'has nothing to say about %s',
    async (_name, path, init) => {
      const reply = await fetch(service.restUrl + path, init);
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-type')).toContain('application/x-votable+xml');
      expect(votlint(await reply.text())).toBe('');
    },
    PATIENCE_MS,
  );
});
