// `nightjar ingest FILE...`. Exit code 0: every row was accepted or a duplicate; 2: rows were rejected; 1: failed.

import { Option, type Command } from 'commander';
import { readConfig } from '../config.ts';
import { AppError, invalidArgument } from '../errors.ts';
import { EXIT_FAILED, EXIT_REJECTED } from './exitCodes.ts';
import type { IngestSum } from './ingestFiles.ts';
import { localAddress } from './localUrl.ts';
import { NO_PROGRESS, openProgress, rateOf } from './progress.ts';
import { countText } from './table.ts';

interface Options {
  readonly url?: string;
  readonly survey?: string;
  readonly station?: string;
  readonly timeReference?: 'mid' | 'start';
  readonly exptimeS?: string;
  readonly history: boolean;
  readonly batchRows: string;
  readonly timeoutMs?: string;
  readonly json?: true;
}

const EXAMPLES = `
Reads CSV, NDJSON, Avro alert packets, Parquet, ADES and MPC 80-column files, gzipped or not; finds out which by itself.

Exit code: 0 every row was accepted or there already, 2 some rows were rejected, 1 failed.

Examples:
  nightjar ingest night.csv.gz
  nightjar ingest --survey ZTF --time-reference start --exptime-s 30 table.csv
  nightjar ingest --json alerts/*.avro > report.json
  nightjar ingest --url http://nightjar.example:8080 night.csv`;

export function addIngestCommand(program: Command): void {
  program
    .command('ingest')
    .description('stream files of detections into a running service')
    .argument('<files...>', 'files of detections')
    .option('--url <url>', 'host:port of gRPC, or http:// URL of REST (default: gRPC of the local service)')
    .option('--survey <name>', 'survey of files that name none')
    .option('--station <code>', 'MPC observatory code of files that name none')
    .addOption(new Option('--time-reference <reference>', 'what the times of a table mean').choices(['mid', 'start']))
    .option('--exptime-s <n>', 'exposure time of rows that carry none, seconds')
    .option('--no-history', 'leave out the earlier detections that alert packets carry')
    .option('--batch-rows <n>', 'rows of one batch, 1 to 1,000', '1000')
    .option('--timeout-ms <n>', 'how long to wait for an acknowledgement')
    .option('--json', 'print {accepted, duplicates, rejected, errors: [{row, code, message}]} and nothing else')
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: Options) => {
      process.exitCode = await runIngest(files, options);
    });
}

async function runIngest(files: readonly string[], options: Options): Promise<number> {
  const config = readConfig(options.timeoutMs === undefined ? {} : { NIGHTJAR_REQUEST_TIMEOUT_MS: options.timeoutMs });
  const batchRows = wholeNumber('--batch-rows', options.batchRows, 1, 1000);
  const exptimeS = options.exptimeS === undefined ? undefined : seconds('--exptime-s', options.exptimeS);
  // what reads files and speaks gRPC is loaded only where it is needed
  const [{ ingestFiles, sizeOf }, { openSender }] = await Promise.all([import('./ingestFiles.ts'), import('./ingestSender.ts')]);
  const sender = openSender(options.url ?? localAddress(config.host, config.grpcPort), config.requestTimeoutMs);
  const start = performance.now();
  const progress = options.json ? NO_PROGRESS : openProgress(await sizeOf(files));
  const { survey, station, timeReference, history } = options;
  let bytesRead = 0;
  try {
    const sum = await ingestFiles(files, sender, {
      batchRows,
      read: {
        ...(survey !== undefined && { survey }),
        ...(station !== undefined && { station }),
        ...(timeReference !== undefined && { timeReference }),
        ...(exptimeS !== undefined && { exptimeS }),
        history,
        onBytes: (bytes) => (bytesRead += bytes),
      },
      onProgress: (_file, { accepted, duplicates, rejected }) => {
        progress.update(accepted + duplicates + rejected, bytesRead);
      },
    });
    progress.stop();
    if (options.json) process.stdout.write(`${jsonText(sum)}\n`);
    else process.stdout.write(summaryText(sum, start));
    if (sum.failedFiles > 0) return EXIT_FAILED;
    return sum.rejected > 0 ? EXIT_REJECTED : 0;
  } finally {
    progress.stop();
    sender.close();
  }
}

function jsonText({ accepted, duplicates, rejected, errors }: IngestSum): string {
  return JSON.stringify({ accepted, duplicates, rejected, errors });
}

const MOST_SHOWN = 20;

function summaryText({ accepted, duplicates, rejected, errors, reasons }: IngestSum, start: number): string {
  const rows = accepted + duplicates + rejected;
  const seconds = (performance.now() - start) / 1000;
  const lines = [
    `${countText(rows)} rows in ${seconds.toFixed(1)} s (${countText(rateOf(rows, start))} rows/s)`,
    `  accepted    ${countText(accepted)}`,
    `  duplicates  ${countText(duplicates)}`,
    `  rejected    ${countText(rejected)}`,
  ];
  for (const [reason, count] of [...reasons].sort((a, b) => b[1] - a[1]).slice(0, MOST_SHOWN))
    lines.push(`    ${countText(count)} x ${reason}`);
  const rowErrors = errors.filter(({ row }) => row !== null);
  for (const { row, code, message } of rowErrors.slice(0, MOST_SHOWN)) lines.push(`  row ${String(row)}: ${code}: ${message}`);
  if (rejected > MOST_SHOWN) lines.push(`  ... and ${countText(rejected - MOST_SHOWN)} more rejected rows; --json lists them`);
  for (const { code, message } of errors.filter(({ row }) => row === null)) lines.push(`failed: ${code}: ${message}`);
  return `${lines.join('\n')}\n`;
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw invalidArgument(option, text, `a whole number from ${min} to ${max}`);
  return value;
}

function seconds(option: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value <= 86_400))
    throw new AppError('invalid_argument', `${option} is ${JSON.stringify(text)}, must be from 0 to 86400`);
  return value;
}
