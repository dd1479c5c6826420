// A process that takes rows in until it is killed, and says on stdout which ids were acknowledged.

import { writeSync } from 'node:fs';
import { openMemoryStore } from '../../../src/store/memory/memoryStore.ts';
import type { Durability } from '../../../src/store/store.ts';
import { OPTIONS, rowsFrom } from './madeRows.ts';

const [dataDir, durability] = process.argv.slice(2) as [string, Durability];
const store = await openMemoryStore({ ...OPTIONS, dataDir, durability, snapshotAfterBytes: 50_000 });
let next = (await store.summary()).detections;

async function keepPutting(): Promise<never> {
  for (;;) {
    const first = next;
    next += 20;
    const batch = rowsFrom(first, 20);
    const { accepted, duplicates } = await store.put(batch);
    if (accepted + duplicates !== 20) throw new Error('a row was refused');
    writeSync(1, `${Array.from({ length: 20 }, (_, i) => batch.sourceIdOf(i)).join(' ')}\n`);
  }
}
await Promise.all([keepPutting(), keepPutting(), keepPutting()]);
