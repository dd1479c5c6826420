// `nightjar cone`, `lightcurve` and `status`: ask a running service over REST and print what it says.

import { Option, type Command } from 'commander';
import { readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { localUrl } from './localUrl.ts';
import { RestClient } from './restClient.ts';
import { countText, DETECTION_TABLE, LIGHT_CURVE_TABLE, pairsText, tableText, type JsonRow, type TableColumn } from './table.ts';

const FORMATS = ['table', 'json', 'ndjson', 'csv', 'votable', 'arrow', 'parquet'] as const;

interface AskOptions {
  readonly url?: string;
  readonly format: (typeof FORMATS)[number];
  readonly json?: true;
  readonly timeoutMs?: string;
}

interface FilterOptions extends AskOptions {
  readonly mjdMin?: string;
  readonly mjdMax?: string;
  readonly band?: string;
  readonly survey?: string;
  readonly limit?: string;
}

interface PlaceOptions extends FilterOptions {
  readonly ra?: string;
  readonly dec?: string;
  readonly radiusArcsec?: string;
  readonly radiusDeg?: string;
}

export function addConeCommand(program: Command): void {
  const command = program
    .command('cone')
    .description('detections around a place, by time')
    .requiredOption('--ra <ra>', 'right ascension: degrees, or hours as 05:34:31.9')
    .requiredOption('--dec <dec>', 'declination: degrees, or degrees as +22:00:52')
    .option('--radius-arcsec <n>', 'radius in arcseconds (one of the two radii)')
    .option('--radius-deg <n>', 'radius in degrees');
  addFilterOptions(command);
  command.addHelpText(
    'after',
    '\nExamples:\n  nightjar cone --ra 10.68 --dec 41.27 --radius-arcsec 10\n  nightjar cone --ra 00:42:44.3 --dec +41:16:09 --radius-deg 0.5 --band r --format csv > m31.csv',
  );
  command.action(async (options: PlaceOptions) => {
    const { ra, dec, radiusArcsec, radiusDeg } = options;
    if (radiusArcsec === undefined && radiusDeg === undefined) throw missing('--radius-arcsec or --radius-deg');
    await printRows(
      options,
      '/v1/cone',
      { ra, dec, radius_arcsec: radiusArcsec, radius_deg: radiusDeg, ...filterOf(options) },
      DETECTION_TABLE,
    );
  });
}

export function addLightCurveCommand(program: Command): void {
  const command = program
    .command('lightcurve')
    .alias('light-curve')
    .description('brightness of one object in time, by its id or its place')
    .argument('[object-id]', "object id, or a survey's own id")
    .option('--ra <ra>', 'right ascension, instead of an id')
    .option('--dec <dec>', 'declination')
    .option('--radius-arcsec <n>', 'radius in arcseconds', '1.5');
  addFilterOptions(command);
  command.addHelpText(
    'after',
    '\nExamples:\n  nightjar lightcurve ZTF18abcdefg\n  nightjar lightcurve --ra 10.68 --dec 41.27 --radius-arcsec 2 --format votable > lc.xml',
  );
  command.action(async (objectId: string | undefined, options: PlaceOptions) => {
    const { ra, dec, radiusArcsec } = options;
    if (objectId !== undefined) {
      await printRows(options, `/v1/objects/${encodeURIComponent(objectId)}/light-curve`, filterOf(options), LIGHT_CURVE_TABLE);
      return;
    }
    if (ra === undefined || dec === undefined) throw missing('an object id, or --ra and --dec');
    await printRows(options, '/v1/light-curve', { ra, dec, radius_arcsec: radiusArcsec, ...filterOf(options) }, LIGHT_CURVE_TABLE);
  });
}

export function addStatusCommand(program: Command): void {
  const command = program.command('status').description('what a running service holds and how it keeps it');
  addAskOptions(command, ['table', 'json']);
  command.addHelpText('after', '\nExamples:\n  nightjar status\n  nightjar status --json | jq .detections');
  command.action(async (options: AskOptions) => {
    const status = await clientOf(options).object('/v1/status');
    process.stdout.write(options.json || options.format === 'json' ? `${JSON.stringify(status)}\n` : statusText(status));
  });
}

function statusText(status: JsonRow): string {
  const shown = (value: unknown): string => {
    if (value === null || value === undefined) return '-';
    if (Array.isArray(value)) return value.length === 0 ? '-' : value.join(', ');
    if (typeof value === 'number') return Number.isInteger(value) ? countText(value) : String(value);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return pairsText(Object.entries(status).map(([name, value]) => [name, shown(value)]));
}

function addAskOptions(command: Command, formats: readonly string[] = FORMATS): void {
  command
    .option('--url <url>', 'REST address of the service (default: the local one)')
    .addOption(new Option('--format <format>', 'how to print').choices(formats).default('table'))
    .option('--json', 'the same as --format json')
    .option('--timeout-ms <n>', 'how long to wait for the answer');
}

function addFilterOptions(command: Command): void {
  command
    .option('--mjd-min <mjd>', 'from this mid-exposure time on, MJD, TAI')
    .option('--mjd-max <mjd>', 'before this mid-exposure time')
    .option('--band <band>', 'only this band; several with commas')
    .option('--survey <survey>', 'only this survey; several with commas')
    .option('--limit <n>', 'most rows');
  addAskOptions(command);
}

function filterOf({ mjdMin, mjdMax, band, survey, limit }: FilterOptions): Record<string, string | undefined> {
  return { mjd_min: mjdMin, mjd_max: mjdMax, band, survey, limit };
}

function clientOf({ url, timeoutMs }: AskOptions): RestClient {
  const config = readConfig(timeoutMs === undefined ? {} : { NIGHTJAR_REQUEST_TIMEOUT_MS: timeoutMs });
  return new RestClient(url ?? localUrl(config.host, config.httpPort), config.requestTimeoutMs);
}

async function printRows(
  options: AskOptions,
  path: string,
  parameters: Readonly<Record<string, string | undefined>>,
  columns: readonly TableColumn[],
): Promise<void> {
  const client = clientOf(options);
  const format = options.json ? 'json' : options.format;
  if (format !== 'table') {
    const { bytes, isTruncated } = await client.get(path, { ...parameters, format });
    process.stdout.write(bytes);
    if (isTruncated) process.stderr.write('nightjar: the answer is cut at the limit; more with --limit\n');
    return;
  }
  const { rows, isTruncated, ms, queryMs } = await client.rows(path, parameters);
  process.stdout.write(tableText(columns, rows));
  const more = isTruncated ? ', cut at the limit: more with --limit' : '';
  const query = queryMs === null ? '' : `, query ${queryMs.toFixed(3)} ms`;
  process.stdout.write(`  ${countText(rows.length)} rows${more} (${ms.toFixed(1)} ms${query})\n`);
}

function missing(what: string): AppError {
  return new AppError('invalid_argument', `${what} is missing`);
}
