// Loads every file of real detections of the shared data sets into a memory store of its own and prints
// what became of the rows: `npm run load:real [folder of the data sets]`. Each refusal should be right;
// docs/data-model.md, "The real files", explains them.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ingestDetections } from '../ingest/ingestDetections.ts';
import { readDetections } from '../ingest/files/readFile.ts';
import type { ReadOptions } from '../ingest/files/readOptions.ts';
import { AppError } from '../src/errors.ts';
import { openMemoryStore } from '../src/store/memory/memoryStore.ts';
import type { DetectionStore } from '../src/store/store.ts';

interface Load {
  readonly title: string;
  readonly paths: readonly string[];
  readonly options: ReadOptions;
}

interface Sum {
  rows: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  readonly reasons: Map<string, number>;
  readonly refusals: string[];
}

const EXTENSIONS = /\.(?:avro|parquet|csv|psv|xml|obs|txt)$/;
/** Texts, grids of fields and the like lie among the observations in .txt and .csv too. */
const NOT_OBSERVATIONS = /README|ZTF_Fields|NGC\.csv/;
/** The tables of ZTF give the start of the exposure. */
const STARTS = /^(?:alerts_ztf|moving_ztf_)/;

const given = process.argv[2] ?? process.env['NIGHTJAR_SHARED_DATA'] ?? fileURLToPath(new URL('../../shared/data/', import.meta.url));
const real = join(given, 'real');
if (!existsSync(real)) {
  console.error(`no real data at ${real}; name the folder of the data sets`);
  process.exit(1);
}

const total = newSum();
for (const load of [...tables(), ...rawFiles()]) print(load.title, await loaded(load));
print('all of them', total);

function tables(): Load[] {
  const dir = join(real, 'norm');
  return readdirSync(dir).map((name) => ({
    title: `norm/${name}`,
    paths: [join(dir, name)],
    options: STARTS.test(name) ? { timeReference: 'start', exptimeS: 30 } : {},
  }));
}

/** One load for all packets of a folder, since they tell of each other's detections; one for each table. */
function rawFiles(): Load[] {
  const raw = join(real, 'raw');
  const files = readdirSync(raw, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && EXTENSIONS.test(entry.name) && !NOT_OBSERVATIONS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  const options = { registeredSchemas: lsstSchemas(raw) };
  const packets = Map.groupBy(
    files.filter((path) => path.endsWith('.avro')),
    dirname,
  );
  return [
    ...[...packets].map(([dir, paths]) => ({ title: `${relative(real, dir)} (${String(paths.length)} .avro)`, paths, options })),
    ...files.filter((path) => !path.endsWith('.avro')).map((path) => ({ title: relative(real, path), paths: [path], options })),
  ];
}

async function loaded({ paths, options }: Load): Promise<Sum> {
  const sum = newSum();
  const store = await openMemoryStore({
    dataDir: null,
    durability: 'off',
    memoryLimitBytes: 2 ** 30,
    associationRadiusArcsec: 1,
  });
  try {
    for (const path of paths) await loadFile(store, path, options, sum);
  } finally {
    await store.close();
  }
  return sum;
}

async function loadFile(store: DetectionStore, path: string, options: ReadOptions, sum: Sum): Promise<void> {
  try {
    for await (const { columns, rows, rejected } of readDetections(path, options)) {
      const report = await ingestDetections(store, columns, rejected, rows);
      sum.rows += columns.length + rejected.length;
      sum.accepted += report.accepted;
      sum.duplicates += report.duplicates;
      sum.rejected += report.rejected.length;
      for (const { message } of report.rejected) {
        const reason = reasonOf(message);
        sum.reasons.set(reason, (sum.reasons.get(reason) ?? 0) + 1);
      }
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    sum.refusals.push(error.message);
  }
}

function print(title: string, sum: Sum): void {
  const counts = [sum.rows, sum.accepted, sum.duplicates, sum.rejected].map((n) => String(n).padStart(7)).join('');
  console.log(`${counts}  ${title}`);
  for (const [reason, n] of [...sum.reasons].toSorted((a, b) => b[1] - a[1]))
    console.log(`${' '.repeat(21)}${String(n).padStart(7)}    ${reason}`);
  for (const refusal of sum.refusals) console.log(`${' '.repeat(28)}  refused: ${refusal}`);
  if (sum === total) return;
  total.rows += sum.rows;
  total.accepted += sum.accepted;
  total.duplicates += sum.duplicates;
  total.rejected += sum.rejected;
}

/** The message without its place and its values, so that like ones count together. */
function reasonOf(message: string): string {
  return message
    .replace(/^(?:line \d+|record \d+(?:, [a-zA-Z_]+(?:\[\d+\]| \d+))?): /, '')
    .replace(/"(?:[^"\\]|\\.)*"/g, '"…"')
    .replace(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g, '#');
}

function newSum(): Sum {
  return { rows: 0, accepted: 0, duplicates: 0, rejected: 0, reasons: new Map(), refusals: [] };
}

/** Kafka's LSST packets name schema 900, which is version 9.0; its parts lie in a file each. */
function lsstSchemas(raw: string): Map<number, unknown> {
  const dir = join(raw, 'lsst-alert-packet', '9_0');
  if (!existsSync(dir)) return new Map();
  const parts = new Map(
    readdirSync(dir).map((name) => [basename(name, '.avsc'), JSON.parse(readFileSync(join(dir, name), 'utf8')) as unknown]),
  );
  const seen = new Set<string>();
  const whole = (part: unknown): unknown => {
    if (typeof part === 'string') {
      if (!parts.has(part) || seen.has(part)) return part;
      seen.add(part);
      return whole(parts.get(part));
    }
    if (Array.isArray(part)) return part.map(whole);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([name, inner]) => [name, ['type', 'items', 'values', 'fields'].includes(name) ? whole(inner) : inner]),
    );
  };
  return new Map([[900, whole('lsst.v9_0.alert')]]);
}
