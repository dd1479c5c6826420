// The memory store with objects of twenty detections each, as a survey's alerts fill their columns, or with
// every column filled. Seeded.

import { DetectionColumns, FLOAT32_COLUMNS } from '../../src/model/columns.ts';
import { openMemoryStore } from '../../src/store/memory/memoryStore.ts';
import type { DetectionStore } from '../../src/store/store.ts';
import { randomOf } from '../../sim/survey.ts';

export type Filled = 'survey' | 'all';

const EPOCHS = 20;
const BATCH_OBJECTS = 50;

export interface FilledStore {
  readonly store: DetectionStore;
  readonly places: readonly { raDeg: number; decDeg: number }[];
}

export async function openFilledStore(objects: number, filled: Filled): Promise<FilledStore> {
  const store = await openMemoryStore({ dataDir: null, durability: 'off', memoryLimitBytes: 2 ** 30, associationRadiusArcsec: 1 });
  const random = randomOf(20_261_125);
  const places = Array.from({ length: objects }, () => ({ raDeg: 360 * random(), decDeg: (180 / Math.PI) * Math.asin(2 * random() - 1) }));
  for (let first = 0; first < objects; first += BATCH_OBJECTS) {
    const batch = new DetectionColumns(BATCH_OBJECTS * EPOCHS);
    for (let n = first; n < Math.min(first + BATCH_OBJECTS, objects); n++) {
      for (let epoch = 0; epoch < EPOCHS; epoch++) addRow(batch, places[n], n, epoch, filled, random);
    }
    await store.put(batch);
  }
  return { store, places };
}

function addRow(
  batch: DetectionColumns,
  { raDeg, decDeg }: { raDeg: number; decDeg: number },
  object: number,
  epoch: number,
  filled: Filled,
  random: () => number,
): void {
  const i = batch.addRow();
  batch.survey[i] = batch.surveys.intern('ZTF');
  batch.station[i] = batch.stations.intern('I41');
  batch.band[i] = batch.bands.intern(['g', 'r', 'i'][epoch % 3]);
  batch.sourceId[i] = 1_500_000_000_000_000_000n + BigInt(object * EPOCHS + epoch) * 1_000_003n;
  batch.objectId[i] = `ZTF18${String(object).padStart(7, 'a')}`;
  batch.mjdTai[i] = 60_000 + epoch * 3 + random();
  batch.raDeg[i] = raDeg;
  batch.decDeg[i] = decDeg + (random() - 0.5) * 1e-4;
  if (filled === 'all') {
    batch.exposureId[i] = BigInt(Math.floor(random() * 1e12));
    batch.detector[i] = epoch;
    batch.flags[i] = BigInt(epoch);
    for (const name of FLOAT32_COLUMNS) batch[name][i] = random();
  } else {
    batch.magAb[i] = Math.round(18_000 + 1000 * random()) / 1000;
    batch.magErr[i] = Math.round(100 * random()) / 1000;
    batch.magLimitAb[i] = Math.round(20_500 + 100 * random()) / 1000;
    batch.reliability[i] = random();
    batch.exptimeS[i] = 30;
  }
}
