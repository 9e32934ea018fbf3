import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What measures time, memory or CPU, or says who kept a thread from working: each has the machine to itself. */
const alone = [
  'test/faults/hostile.test.ts',
  'test/locust/fetch/fetch-report-memory.test.ts',
  'test/locust/report/report-cost.test.ts',
];

/** Processes of their own, faults of all kinds, and what is done to the whole process: each file has a worker to itself. */
const byThemselves = ['test/faults/**/*.test.ts', 'test/local/**/*.test.ts', 'test/runtime/**/*.test.ts'];

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '..'),
    // As infra/run.js does.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    setupFiles: ['test/support/fixed-seed.ts'],
    // Against what hangs, not against slow machines.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', '**/node_modules/**', ...alone, ...byThemselves],
          // What a worker has imported stays for its next file: no module does work when it is imported.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'by themselves',
          include: byThemselves,
          exclude: ['**/node_modules/**', ...alone],
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
