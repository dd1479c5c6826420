// The embedded store against flatbush, kdbush and geokdbush: cones, nearest, bytes a row; answers are checked against
// each other, and some by brute force.
//
//   node bench/memory.ts [rows, default 10000000] [--alone] [--core]
//
// --alone leaves the peers out (30 million rows need the memory). --core stores position, time and magnitude only.

import { parseArgs } from 'node:util';
import { RAD_PER_ARCSEC } from '../src/sky/angle.ts';
import { coneOf } from '../src/sky/cone.ts';
import type { Cone } from '../src/sky/regions.ts';
import { DetectionColumns, FLOAT32_COLUMNS } from '../src/model/columns.ts';
import { ALL_TIME, NO_FILTER, type TimeWindow } from '../src/model/window.ts';
import { openMemoryStore, type MemoryStore } from '../src/store/memory/memoryStore.ts';
import { EPOCHS, FIRST_NIGHT_MJD, NIGHTS, makeSky, randomOf, surveyBatches, type Sky } from '../sim/survey.ts';
import { Positions, flatbushPeer, kdbushPeer, type Peer } from './memoryPeers.ts';

const LAST_NIGHT: TimeWindow = { mjdMinTai: FIRST_NIGHT_MJD + NIGHTS - 1, mjdMaxTai: Infinity };
const SETS = [
  { name: '2"', radiusArcsec: 2, queries: 20_000, window: ALL_TIME },
  { name: '10"', radiusArcsec: 10, queries: 20_000, window: ALL_TIME },
  { name: "30'", radiusArcsec: 1800, queries: 1000, window: ALL_TIME },
  { name: "30' last night", radiusArcsec: 1800, queries: 1000, window: LAST_NIGHT },
];
const BRUTE_CONES = 5;
const NEAREST_QUERIES = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { alone: { type: 'boolean', default: false }, core: { type: 'boolean', default: false } },
});
const rows = Number(positionals[0] ?? 10_000_000);
const sky = makeSky(Math.max(1, Math.round(rows / EPOCHS)), 1);
const positions = values.alone ? null : new Positions(sky.objects * EPOCHS);
const store = await fill(sky, positions);
const peers: Peer[] = positions === null ? [] : [built(() => flatbushPeer(positions)), built(() => kdbushPeer(positions))];
const table: Record<string, string | number>[] = [];
for (const set of SETS) compareCones(set);
compareNearest();
console.table(table);
await store.close();

async function fill(all: Sky, into: Positions | null): Promise<MemoryStore> {
  const made = await openMemoryStore({
    dataDir: null,
    durability: 'off',
    memoryLimitBytes: Math.max(64 * 2 ** 20, Math.min(32 * 2 ** 30, 200 * all.objects * EPOCHS)),
    associationRadiusArcsec: 1,
  });
  const start = performance.now();
  for (const batch of surveyBatches(all, { seed: 2, batchRows: 1000 })) {
    if (values.core) keepCore(batch);
    for (let i = 0; into !== null && i < batch.length; i++) into.add(batch.raDeg[i], batch.decDeg[i], batch.mjdTai[i]);
    const { rejected } = await made.put(batch);
    if (rejected.length > 0) throw new Error(rejected[0].message);
  }
  const { detections, objects: found, bytesUsed } = await made.summary();
  const perRow = (bytesUsed / detections).toFixed(1);
  console.log(
    `${String(detections)} rows, ${String(found)} objects (${String(all.objects)} made), ${perRow} bytes a row with all indexes (${values.core ? 'core columns' : 'all columns of an alert'}), filled in ${seconds(start)} s`,
  );
  return made;
}

/** Ids, position, time, exposure, magnitude and its error. */
function keepCore(batch: DetectionColumns): void {
  for (const name of FLOAT32_COLUMNS) if (name !== 'magAb' && name !== 'magErr') batch[name].fill(NaN);
  batch.objectId.fill(null);
}

function built(make: () => Peer): Peer {
  const start = performance.now();
  const peer = make();
  console.log(`${peer.name} built in ${seconds(start)} s, ${peer.bytesPerRow.toFixed(1)} bytes a row without columns`);
  return peer;
}

function compareCones({ name, radiusArcsec, queries, window }: (typeof SETS)[number]): void {
  const cones = conesOf(queries, radiusArcsec * RAD_PER_ARCSEC);
  const out = new DetectionColumns(4096);
  const query = { window, filter: NO_FILTER, limit: Infinity };
  const refs = measure(cones, (cone) => store.countCone(cone, window));
  const filled = measure(cones, (cone) => (store.coneNow(cone, query, out) ? out.length : 0));
  add(name, 'nightjar, rows found', refs);
  add(name, 'nightjar, columns filled and sorted', filled);
  for (const peer of peers) {
    const theirs = measure(cones, (cone) => peer.countCone(cone, window.mjdMinTai));
    add(name, peer.name, theirs);
    if (theirs.hits !== refs.hits)
      throw new Error(`${name}: ${peer.name} found ${String(theirs.hits)} rows, nightjar ${String(refs.hits)}`);
  }
  if (positions === null) return;
  for (const cone of cones.slice(0, BRUTE_CONES)) {
    const expected = positions.bruteCount(cone, window.mjdMinTai);
    const found = store.countCone(cone, window);
    if (found !== expected)
      throw new Error(`${name} at ${String(cone.raDeg)} ${String(cone.decDeg)}: ${String(found)} rows, brute force ${String(expected)}`);
  }
}

function compareNearest(): void {
  const random = randomOf(9);
  const cones = conesOf(NEAREST_QUERIES, 0.5).map((cone) =>
    coneOf(cone.raDeg, Math.max(-90, Math.min(90, cone.decDeg + 0.002 * random())), 0.5),
  );
  const out = new DetectionColumns(16);
  const query = { window: ALL_TIME, filter: NO_FILTER, limit: 1 };
  add(
    'nearest 1',
    'nightjar, columns filled',
    measure(cones, (cone) => (store.nearestNow(cone, 1, query, out) ? out.length : 0)),
  );
  for (const { name, nearest } of peers) {
    if (nearest === null) continue;
    add(
      'nearest 1',
      `geo${name}`,
      measure(cones, (cone) => (nearest(cone) >= 0 ? 1 : 0)),
    );
  }
}

/** At objects in a mixed order: most answers have something in them. */
function conesOf(count: number, radiusRad: number): Cone[] {
  return Array.from({ length: count }, (_, i) => {
    const object = (i * 7919) % sky.objects;
    return coneOf(sky.raDeg[object], sky.decDeg[object], radiusRad);
  });
}

interface Measured {
  readonly hits: number;
  readonly meanUs: number;
  readonly p50Us: number;
  readonly p95Us: number;
}

function measure(cones: readonly Cone[], ask: (cone: Cone) => number): Measured {
  for (const cone of cones.slice(0, 2000)) ask(cone);
  const times = new Float64Array(cones.length);
  let hits = 0;
  const start = performance.now();
  for (let i = 0; i < cones.length; i++) {
    const before = performance.now();
    hits += ask(cones[i]);
    times[i] = performance.now() - before;
  }
  const meanUs = ((performance.now() - start) * 1000) / cones.length;
  times.sort();
  return { hits, meanUs, p50Us: times[times.length >> 1] * 1000, p95Us: times[Math.floor(times.length * 0.95)] * 1000 };
}

function add(query: string, engine: string, { hits, meanUs, p50Us, p95Us }: Measured): void {
  table.push({
    query,
    engine,
    rows: Math.round(hits / (SETS.find(({ name }) => name === query)?.queries ?? NEAREST_QUERIES)),
    'p50 us': round(p50Us),
    'p95 us': round(p95Us),
    'mean us': round(meanUs),
  });
}

function round(us: number): number {
  return Math.round(us * 100) / 100;
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1);
}
