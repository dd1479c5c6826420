// Makes sample/ from the shared data sets: real ZTF detections whose licences let us hand them on
// (sample/README.md). `node scripts/makeSample.ts [folder of the data sets]`. Same input, same bytes.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { AvroCursor } from '../ingest/files/avro/cursor.ts';
import { avroReaderOf } from '../ingest/files/avro/schema.ts';
import { readDetections } from '../ingest/files/readFile.ts';
import type { ReadOptions } from '../ingest/files/readOptions.ts';
import { type Field, FIELDS } from '../src/model/fields.ts';

/** Apache-2.0 (Fink) and MIT (kowalski). */
const ALERT_FILES = [
  'astrolabsoftware+fink-science/fink_science/data/alerts/alerts.parquet',
  'astrolabsoftware+fink-science/fink_science/data/alerts/datatest',
  'astrolabsoftware+fink-science/fink_science/data/alerts/superluminous_test_alerts.parquet',
  'astrolabsoftware+fink-filters/datatest/symbiotic',
  'astrolabsoftware+fink-broker/online/20200101',
  'skyportal+kowalski/data/ztf_alerts/20200202',
  'skyportal+kowalski/data/ztf_alerts/20231012',
];
const PACKETS = ['20231012/2475433850315015009.avro', '20200202/1127561441415015002.avro'];
const ASTEROIDS = 'norm/moving_ztf_dense.csv.gz';
const MIN_ASTEROID_DETECTIONS = 3;

const MAGIC_BYTES = 4;
const SYNC_BYTES = 16;

/** One detection, by the outside names, as text. */
type Row = ReadonlyMap<string, string>;

const repository = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv[2] ?? process.env['NIGHTJAR_SHARED_DATA'] ?? fileURLToPath(new URL('../../shared/data/', import.meta.url));
const real = join(given, 'real');

writeTable(
  'ztf-alerts.csv.gz',
  await rowsOf(
    ALERT_FILES.flatMap((path) => filesAt(join(real, 'raw', path))),
    {},
  ),
);
writeTable('ztf-asteroids-2020-05.csv.gz', oftenSeen(await rowsOf([join(real, ASTEROIDS)], { timeReference: 'start', exptimeS: 30 })));
for (const path of PACKETS) writePacket(join(real, 'raw/skyportal+kowalski/data/ztf_alerts', path));

function filesAt(path: string): string[] {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(path)
    .toSorted()
    .map((name) => join(path, name));
}

/** What our own reader makes of the files, each detection once (the history of later packets repeats it). */
async function rowsOf(paths: readonly string[], options: ReadOptions): Promise<Row[]> {
  const rows = new Map<string, Row>();
  for (const path of paths) {
    for await (const { columns } of readDetections(path, options)) {
      for (let i = 0; i < columns.length; i++) {
        const row = new Map(FIELDS.map((field) => [field.name, textOf(field, field.value(columns, i))]));
        const id = columns.sourceIdOf(i);
        if (!rows.has(id)) rows.set(id, row);
      }
    }
  }
  return [...rows.values()];
}

function oftenSeen(rows: Row[]): Row[] {
  const counts = Map.groupBy(rows, (row) => row.get('object_id'));
  return rows.filter((row) => (counts.get(row.get('object_id'))?.length ?? 0) >= MIN_ASTEROID_DETECTIONS);
}

function writeTable(file: string, rows: Row[]): void {
  rows.sort(
    (a, b) => Number(a.get('mjd_tai')) - Number(b.get('mjd_tai')) || ((a.get('source_id') ?? '') < (b.get('source_id') ?? '') ? -1 : 1),
  );
  const names = FIELDS.map(({ name }) => name).filter((name) => rows.some((row) => row.get(name) !== ''));
  const lines = [names.join(','), ...rows.map((row) => names.map((name) => row.get(name)).join(','))];
  const packed = gzipSync(`${lines.join('\n')}\n`, { level: constants.Z_BEST_COMPRESSION });
  writeFileSync(join(repository, 'sample', file), packed);
  const objects = new Set(rows.map((row) => row.get('object_id'))).size;
  console.log(`sample/${file}: ${String(rows.length)} rows, ${String(objects)} objects, ${String(packed.length)} bytes`);
}

/** Values of these tables need no quotes: ids, numbers, and names of bands and stations. */
function textOf({ type, name }: Field, value: string | number | bigint | null): string {
  if (value === null || (name === 'flags' && value === 0n)) return '';
  return type === 'float32' && typeof value === 'number' ? shortestFloat32(value) : String(value);
}

/**
 * The packet as it was, but for its cut-out images, which are nine tenths of it. They are its last three
 * fields, each a union with null, so the bytes before them stay and three nulls follow.
 */
function writePacket(path: string): void {
  const bytes = readFileSync(path);
  const cursor = new AvroCursor(bytes);
  cursor.position = MAGIC_BYTES;
  let schemaText = '';
  for (let n = cursor.blockCount(); n > 0; n = cursor.blockCount()) {
    for (let i = 0; i < n; i++) {
      const [name, value] = [cursor.string(), cursor.string()];
      if (name === 'avro.schema') schemaText = value;
    }
  }
  const schema = JSON.parse(schemaText) as { fields: { name: string; type: unknown[] }[] };
  const header = bytes.subarray(0, cursor.position + SYNC_BYTES);
  const sync = header.subarray(-SYNC_BYTES);
  cursor.skip(SYNC_BYTES);
  if (cursor.int() !== 1) throw new Error(`${path} has not one packet`);
  cursor.int();
  const start = cursor.position;
  const cutouts = schema.fields.filter(({ name }) => name.startsWith('cutout'));
  avroReaderOf({ ...schema, fields: schema.fields.filter((field) => !cutouts.includes(field)) })(cursor);
  const nulls = cutouts.map(({ type }) => longBytes(type.indexOf('null')));
  const packet = Buffer.concat([bytes.subarray(start, cursor.position), ...nulls]);
  const file = Buffer.concat([header, longBytes(1), longBytes(packet.length), packet, sync]);
  const name = `ztf-${path.slice(path.lastIndexOf('/') + 1)}`;
  writeFileSync(join(repository, 'sample', name), file);
  console.log(`sample/${name}: ${String(file.length)} bytes`);
}

/** A small number as Avro writes a long. */
function longBytes(value: number): Buffer {
  const bytes: number[] = [];
  let rest = 2 * value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === value) return text;
  }
  return String(value);
}
