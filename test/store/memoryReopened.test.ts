// The memory store as it comes back from its log, and from a snapshot: closed and opened after every write.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openMemoryStore } from '../../src/store/memory/memoryStore.ts';
import { openReopenedStore } from '../support/reopenedStore.ts';
import { durableStoreSuite } from './suite.ts';

const root = mkdtempSync(join(tmpdir(), 'nightjar-test-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let stores = 0;

for (const [name, snapshotAfterBytes] of [
  ['memory store read back from its log', 1e12],
  ['memory store read back from snapshots', 1],
] as const) {
  durableStoreSuite(name, (associationRadiusArcsecBySurvey) => {
    const dataDir = join(root, String(stores++));
    return openReopenedStore(() =>
      openMemoryStore({
        dataDir,
        durability: 'off',
        memoryLimitBytes: 64 * 2 ** 20,
        associationRadiusArcsec: 1,
        associationRadiusArcsecBySurvey,
        snapshotAfterBytes,
      }),
    );
  });
}
