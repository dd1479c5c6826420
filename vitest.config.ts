import { defineConfig } from 'vitest/config';

/** Where scripts/testAll.sh wants the counts. */
const report = process.env['NIGHTJAR_TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Threads and servers of a test must not fight for the machine's few cores.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
