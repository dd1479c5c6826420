import { openMemoryStore } from '../../src/store/memory/memoryStore.ts';
import { storeSuite } from './suite.ts';

storeSuite('memory store', (associationRadiusArcsecBySurvey) =>
  openMemoryStore({
    dataDir: null,
    durability: 'off',
    memoryLimitBytes: 64 * 2 ** 20,
    associationRadiusArcsec: 1,
    associationRadiusArcsecBySurvey,
  }),
);
