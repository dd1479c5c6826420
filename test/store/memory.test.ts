import { openMemoryStore } from '../../src/store/memory/memoryStore.ts';
import { storeSuite } from './suite.ts';

storeSuite('memory store', () =>
  openMemoryStore({
    dataDir: null,
    durability: 'off',
    memoryLimitBytes: 64 * 2 ** 20,
    associationRadiusArcsec: 1,
  }),
);
