// The first look: starts the service on the embedded store, streams the bundled sample of real detections
// into it over its own gRPC face, asks it over REST, prints the answers, and stays up. `--exit` ends after
// printing. `npm run demo`

import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import { readDetections } from '../ingest/files/readFile.ts';
import { ingestFiles, sizeOf } from '../src/cli/ingestFiles.ts';
import { openSender } from '../src/cli/ingestSender.ts';
import { openProgress, rateOf } from '../src/cli/progress.ts';
import { RestClient, type RowsReply } from '../src/cli/restClient.ts';
import { countText, DETECTION_TABLE, LIGHT_CURVE_TABLE, pairsText, tableText, type TableColumn } from '../src/cli/table.ts';
import { readConfig, type Config } from '../src/config.ts';
import { AppError } from '../src/errors.ts';
import { openLog } from '../src/log.ts';
import { startService, type Service } from '../src/main.ts';

const repository = fileURLToPath(new URL('..', import.meta.url));
const SAMPLE = join(repository, 'sample');
const MOST_SHOWN_ROWS = 12;
const REPEATS = 50;
const DEADLINE_MS = 60_000;

function say(text: string): void {
  process.stdout.write(text);
}

function title(text: string): void {
  say(`\n${text}\n`);
}

/** The settings of `serve`, quieter, with the data in .nightjar/ of the repository unless the environment says otherwise. */
function demoConfig(): Config {
  const config = readConfig(process.env['NIGHTJAR_LOG_LEVEL'] === undefined ? { NIGHTJAR_LOG_LEVEL: 'warn' } : {});
  return config.dataDir === '.nightjar/data' ? { ...config, dataDir: join(repository, config.dataDir) } : config;
}

/** Where another service has the usual ports, on free ones. */
async function start(config: Config): Promise<Service> {
  const log = openLog(config.logLevel);
  try {
    return await startService(config, log);
  } catch (error) {
    if (!(error instanceof AppError) || !error.message.startsWith('cannot listen')) throw error;
    say(`  ${error.message}; taking free ports instead\n`);
    return startService({ ...config, httpPort: 0, grpcPort: 0 }, log);
  }
}

async function load(service: Service, files: readonly string[]): Promise<void> {
  const sender = openSender(service.grpcAddress, DEADLINE_MS);
  const progress = openProgress(await sizeOf(files));
  const startMs = performance.now();
  try {
    const sum = await ingestFiles(files, sender, { read: {}, batchRows: 1000, onProgress: () => undefined });
    progress.stop();
    const { accepted, duplicates, rejected, errors, failedFiles } = sum;
    if (failedFiles > 0) throw new AppError('internal', `the sample could not be loaded: ${errors[0].message}`);
    const rows = accepted + duplicates + rejected;
    const counts = `${countText(accepted)} accepted, ${countText(duplicates)} there already, ${countText(rejected)} rejected`;
    say(
      `  ${countText(rows)} detections in ${((performance.now() - startMs) / 1000).toFixed(2)} s (${countText(rateOf(rows, startMs))} rows/s): ${counts}\n`,
    );
    if (accepted === 0 && rows > 0)
      say('  The data was already there from an earlier run: the same detection sent again is stored once.\n');
  } finally {
    progress.stop();
    sender.close();
  }
}

interface Showpiece {
  readonly objectId: string;
  readonly raDeg: number;
  readonly decDeg: number;
}

/** The survey's object with the most detections in a file, and where it was seen first. */
async function busiestObject(file: string): Promise<Showpiece> {
  const counts = new Map<string, number>();
  const places = new Map<string, Showpiece>();
  for await (const { columns } of readDetections(file)) {
    for (let row = 0; row < columns.length; row++) {
      const objectId = columns.objectId[row];
      if (objectId === null) continue;
      counts.set(objectId, (counts.get(objectId) ?? 0) + 1);
      if (!places.has(objectId)) places.set(objectId, { objectId, raDeg: columns.raDeg[row], decDeg: columns.decDeg[row] });
    }
  }
  return [...places.values()].reduce((a, b) => ((counts.get(b.objectId) ?? 0) > (counts.get(a.objectId) ?? 0) ? b : a));
}

/** Asks once, prints the answer, then asks again to show what an answer takes when the way is warm. */
async function show(
  client: RestClient,
  path: string,
  parameters: Readonly<Record<string, string>>,
  columns: readonly TableColumn[],
): Promise<void> {
  const first = await client.rows(path, parameters);
  say(tableText(columns, first.rows, MOST_SHOWN_ROWS));
  const again: RowsReply[] = [];
  for (let i = 0; i < REPEATS; i++) again.push(await client.rows(path, parameters));
  const roundTrip = median(again.map(({ ms }) => ms)).toFixed(2);
  const query = median(again.map(({ queryMs }) => queryMs ?? NaN)).toFixed(3);
  say(
    `  ${countText(first.rows.length)} rows in ${first.ms.toFixed(1)} ms; asked ${REPEATS} times more, median ${roundTrip} ms, of which the query ${query} ms\n`,
  );
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function ask(service: Service, star: Showpiece, asteroid: Showpiece): Promise<void> {
  const client = new RestClient(service.restUrl, DEADLINE_MS);
  const place = (at: Showpiece): { ra: string; dec: string } => ({ ra: String(at.raDeg), dec: String(at.decDeg) });
  const shown = (at: Showpiece): string => `RA ${at.raDeg.toFixed(5)}, Dec ${at.decDeg.toFixed(5)}`;

  title(`Cone search: 10 arcsec around ${star.objectId} (${shown(star)})`);
  await show(client, '/v1/cone', { ...place(star), radius_arcsec: '10' }, DETECTION_TABLE);
  title(`Light curve of ${star.objectId}`);
  await show(client, `/v1/objects/${encodeURIComponent(star.objectId)}/light-curve`, {}, LIGHT_CURVE_TABLE);
  title(`The 5 detections nearest to asteroid ${asteroid.objectId} where it was first seen (${shown(asteroid)})`);
  await show(client, '/v1/nearest', { ...place(asteroid), k: '5', max_radius_arcsec: '7200' }, DETECTION_TABLE);
}

const config = demoConfig();
const isToExit = process.argv.includes('--exit');
title(`Starting Nightjar on the embedded store (${config.store === 'memory' ? relative('', config.dataDir) || '.' : config.store})`);
const service = await start(config);
const { recovery } = await service.store.summary();
if (recovery !== null) say(`  ${recovery}\n`);
closeWithGrace({ delay: config.shutdownTimeoutMs, logger: false }, async ({ err }) => {
  if (err !== undefined) process.stderr.write(`${err.message}\n`);
  await service.stop();
});

const files = readdirSync(SAMPLE)
  .filter((name) => /\.(csv\.gz|avro)$/.test(name))
  .sort()
  .map((name) => join(SAMPLE, name));
title(`Streaming real detections over gRPC (${files.map((file) => relative(repository, file)).join(', ')})`);
await load(service, files);
const alerts = await busiestObject(join(SAMPLE, 'ztf-alerts.csv.gz'));
await ask(service, alerts, await busiestObject(join(SAMPLE, 'ztf-asteroids-2020-05.csv.gz')));

title('The service');
say(
  pairsText([
    ['REST', `${service.restUrl}/v1/cone?ra=${alerts.raDeg}&dec=${alerts.decDeg}&radius_arcsec=10`],
    ['OpenAPI page', `${service.restUrl}/docs`],
    ['metrics', `${service.restUrl}/metrics`],
    ['gRPC', service.grpcAddress],
  ]),
);
if (isToExit) {
  await service.stop();
  process.exit();
}
say('\nThe service stays up; end it with Ctrl-C.\n');
