// Looks for rows that the writer has acknowledged, as fast as it can, and checks all that it finds.

import { parentPort, workerData } from 'node:worker_threads';
import { RAD_PER_ARCSEC } from '../../../src/sky/angle.ts';
import { coneOf, isInside } from '../../../src/sky/cone.ts';
import { unitVector } from '../../../src/sky/vector.ts';
import { DetectionColumns } from '../../../src/model/columns.ts';
import { openMemoryReader, type SharedHandle } from '../../../src/store/memory/memoryReader.ts';
import { queryOf } from '../../support/detections.ts';
import { decDegOf, isWhole, raDegOf, type ReaderReport } from './checkedRows.ts';
import { randomInts } from './randomInts.ts';

const LEAST_QUERIES = 400;
const { handle, progress, seed } = workerData as { handle: SharedHandle; progress: Int32Array; seed: number };
const reader = openMemoryReader(handle);
const next = randomInts(seed);
const out = new DetectionColumns(64);
const report: ReaderReport = { queries: 0, rows: 0, torn: 0, missing: 0, outside: 0, twice: 0 };

function look(): void {
  const acknowledged = Atomics.load(progress, 0);
  if (acknowledged === 0) return;
  const i = next(2) === 0 ? Math.max(0, acknowledged - 1 - next(300)) : next(acknowledged);
  const kind = next(4);
  const cone = coneOf(raDegOf(i), decDegOf(i), (kind === 0 ? 60 : 1) * RAD_PER_ARCSEC);
  const isNow = kind === 3 ? reader.detectionNow('ZTF', String(i + 1), out) : reader.coneNow(cone, queryOf(), out);
  // asked after the answer: the row can have been forgotten meanwhile
  const mayBeGone = i < Atomics.load(progress, 1);
  const seen = new Set<bigint>();
  for (let row = 0; row < out.length; row++) {
    const id = out.sourceId[row];
    if (seen.has(id)) report.twice++;
    seen.add(id);
    if (!isWhole(out, row)) report.torn++;
    const { x, y, z } = unitVector(out.raDeg[row], out.decDeg[row]);
    if (kind !== 3 && !isInside(cone, x, y, z)) report.outside++;
  }
  if (isNow && !mayBeGone && !seen.has(BigInt(i + 1))) report.missing++;
  report.queries++;
  report.rows += out.length;
}

while (Atomics.load(progress, 2) === 0 || report.queries < LEAST_QUERIES) look();
reader.close();
parentPort?.postMessage(report);
