// The answers as Python reads them, and what the VOTable validators say. Needs an interpreter with
// test/python/requirements.txt, in .venv (npm run test:all makes it) or named by NIGHTJAR_TEST_PYTHON, and stilts; without them the tests say so and skip.

import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, type DetectionRow } from '../support/detections.ts';
import { openRestApp, withImmediateCone, type RestApp } from '../faces/restApp.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('./read_answers.py', import.meta.url));
const PYTHON = process.env['NIGHTJAR_TEST_PYTHON'] ?? fileURLToPath(new URL('../../.venv/bin/python', import.meta.url));
const CONE = '/v1/cone?ra=10&dec=20&radius_arcsec=5';

/** In the order of answers; read_answers.py knows them. */
const ROWS: readonly DetectionRow[] = [
  {
    sourceId: '9223372036854775807', raDeg: 10, decDeg: 20, mjdTai: 60_000.25, band: 'g', station: 'I41', exposureId: 170_587_115_523_932_323n,
    detector: 3, flags: 18_446_744_073_709_551_615n, magAb: 18.123, magErr: 0.05, reliability: 0.65, diffFluxNjy: -123.456, exptimeS: 30, objectId: 'ZTF18abc',
  },
  { sourceId: '=1+1', raDeg: 10.0002, decDeg: 20, mjdTai: 60_001.5, band: 'r', survey: 'LSST', kind: 'forced', sciFluxNjy: 1e-7, snr: 3e9 },
  { sourceId: 'ZTF"17,0', raDeg: 10.0001, decDeg: 20, mjdTai: 60_001.5, band: 'r', kind: 'upper_limit', magLimitAb: 20.5 },
  { sourceId: '9007199254740993', raDeg: 10.0001, decDeg: 20.0001, mjdTai: 60_002.123456789, magAb: 21, survey: 'RUBIN' },
  { sourceId: 'é<&>', raDeg: 250, decDeg: 20, mjdTai: 60_002, objectId: 'Ω' },
]; // prettier-ignore
const MANY_ROWS = 40_000;

let rest: RestApp;
let url: string;

beforeAll(async () => {
  const { store } = await openRestApp(ROWS);
  const many = columnsOf(
    Array.from({ length: MANY_ROWS }, (_, i) => ({
      sourceId: i,
      raDeg: 120 + Math.sin(i),
      decDeg: Math.cos(i),
      mjdTai: 59_000 + i / 7,
      magAb: 15 + (i % 997) / 99,
    })),
  );
  const { immediate: _none, ...base } = withImmediateCone(store, many);
  rest = await openRestApp([], {
    store: {
      ...base,
      // a cone far from the few rows has all the many, in batches
      cone: async function* (cone, query) {
        if (cone.raDeg !== 120) yield* store.cone(cone, query);
        else yield many;
      },
    },
  });
  url = await rest.app.listen({ port: 0, host: '127.0.0.1' });
});

afterAll(() => rest.app.close());

const hasPython = isThere(
  'Python',
  PYTHON,
  ['-c', 'import astropy, pandas, pyarrow, requests'],
  'no interpreter with test/python/requirements.txt (npm run test:all makes one)',
);
const hasStilts = isThere('stilts', 'stilts', ['-version'], 'stilts is not on the PATH');

function isThere(name: string, command: string, args: readonly string[], reason: string): boolean {
  if (spawnSync(command, args, { timeout: 60_000 }).status === 0) return true;
  console.log(`skipped, ${name}: ${reason}`);
  return false;
}

describe('answers in Python', () => {
  it.skipIf(!hasPython)('load without glue, with exact ids, units and missing values', { timeout: 300_000 }, async () => {
    const { stdout } = await run(PYTHON, [SCRIPT, url], { timeout: 300_000 });
    expect(stdout).toMatch(/all held\n$/);
  });
});

describe('stilts votlint', () => {
  it
    .skipIf(!hasStilts)
    .each([
      CONE,
      `${CONE}&limit=1`,
      '/v1/cone?ra=300&dec=20&radius_arcsec=5',
      '/v1/cone?ra=250&dec=20&radius_arcsec=5',
      '/v1/nights/60000/detections?limit=5',
    ])('has nothing to say of %s', { timeout: 120_000 }, async (path) => {
    const { stdout, stderr } = await run('stilts', ['votlint', `votable=${url}${path}&format=votable`, 'ucd=true', 'unit=true'], {
      timeout: 120_000,
    });
    expect(stdout + stderr).toBe('');
  });
});
