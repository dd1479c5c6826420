// node bench/contract.ts: bytes to columns and back, beside the generated codec (docs/adr/0004). Batches of
// 500 rows with 20 columns, answers of 20 rows; one thread, seeded, best of five rounds.

import { columnsOfBatch, encodeBatch, encodeReply } from '../src/contract/detectionMessage.ts';
import { tableOfColumns } from '../src/contract/detectionTable.ts';
import { DetectionBatch, DetectionsReply, type Detection } from '../src/contract/gen/codec.js';
import { FLOAT32_COLUMNS, type DetectionColumns } from '../src/model/columns.ts';
import { makeSky, surveyBatches } from '../sim/survey.ts';

const ROUNDS = 5;
const ROUND_MS = 150;

function survey(rows: number): DetectionColumns {
  const [columns] = surveyBatches(makeSky(rows, 1), { seed: 1, epochs: 60, batchRows: rows });
  columns.sepArcsec.fill(0.5, 0, rows);
  return columns;
}

/** Microseconds a call in the best round: what else runs on the machine only adds. */
function bestUs(call: () => unknown): number {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let calls = 0;
    while (performance.now() - start < ROUND_MS) {
      for (let k = 0; k < 10; k++) call();
      calls += 10;
    }
    best = Math.min(best, ((performance.now() - start) * 1000) / calls);
  }
  return best;
}

/** What a face without the fast path does: an object for each row, then the generated codec. */
function objectsOf(columns: DetectionColumns): Detection[] {
  return Array.from({ length: columns.length }, (_, i) => {
    const detection: Detection = {
      survey: columns.surveyOf(i),
      sourceId: columns.sourceId[i],
      exposureId: columns.exposureId[i],
      detector: columns.detector[i],
      station: columns.stations.names[columns.station[i]],
      timeMjd: columns.mjdTai[i],
      timeScale: 2,
      timeReference: 1,
      raDeg: columns.raDeg[i],
      decDeg: columns.decDeg[i],
      band: columns.bands.names[columns.band[i]],
      kind: columns.kind[i] as 1 | 2 | 3,
      sepArcsec: columns.sepArcsec[i],
    };
    for (const name of FLOAT32_COLUMNS) if (!Number.isNaN(columns[name][i])) detection[name] = columns[name][i];
    return detection;
  });
}

const batch = survey(500);
const answer = survey(20);
const asRows = encodeBatch(1n, batch, { asTable: false });
const asTable = encodeBatch(1n, batch, { asTable: true });
const asUtcTable = DetectionBatch.encode({ table: { ...tableOfColumns(batch), timeScale: 1, timeReference: 2 } }).finish();
const spare = columnsOfBatch(asTable).columns;
const plain = { truncated: false, nextCursor: null };

const CASES: readonly [string, number, () => unknown][] = [
  ['batch of rows in, generated codec, objects only', 500, () => DetectionBatch.decode(asRows)],
  ['batch of rows in', 500, () => columnsOfBatch(asRows, spare)],
  ['batch as table in', 500, () => columnsOfBatch(asTable, spare)],
  ['batch as table in, UTC at the start of the exposure', 500, () => columnsOfBatch(asUtcTable, spare)],
  ['batch as table in, new columns each time', 500, () => columnsOfBatch(asTable)],
  ['answer of 20 rows out, objects and generated codec', 20, () => DetectionsReply.encode({ detections: objectsOf(answer) }).finish()],
  ['answer of 20 rows out', 20, () => encodeReply(answer, { ...plain, asTable: false })],
  ['answer of 20 rows as table out', 20, () => encodeReply(answer, { ...plain, asTable: true })],
];

console.table(
  CASES.map(([name, rows, call]) => {
    const us = bestUs(call);
    return { case: name, us: Math.round(10 * us) / 10, 'M rows/s': Math.round((100 * rows) / us) / 100 };
  }),
);
console.log(`bytes a row: ${(asRows.length / 500).toFixed(0)} as rows, ${(asTable.length / 500).toFixed(0)} as table`);
