import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { longestFirst } from '../support/longest-first.ts';

/** Computes on a clock of its own, on one core for minutes. */
const faultsDay = 'test/e2e/collector/faults-day.test.ts';
/** These wait for real Locusts and real minutes most of their time: several at a time are none slower. */
const sideBySide = [
  faultsDay,
  'test/e2e/companion/**/*.test.ts',
  'test/e2e/collector/whole-collector.test.ts',
  'test/e2e/collector/login-form.test.ts',
  'test/e2e/collector/seldom-seen.test.ts',
  'test/e2e/collector/run-ends.test.ts',
  'test/e2e/console/**/*.test.ts',
  'test/e2e/aws/redeploy.test.ts',
  'test/e2e/aws/spool-s3.test.ts',
];
/** None of these begins when all others are done. */
const longest = [
  faultsDay,
  'companion/companion.test.ts',
  'console/demo.test.ts',
  'collector/whole-collector.test.ts',
  'console/console-health.test.ts',
  'companion/companion-web.test.ts',
  'companion/companion-manners.test.ts',
  'companion/companion-unread.test.ts',
  'aws/redeploy.test.ts',
];
/** Measures what the companion costs. */
const measuring = 'test/e2e/companion/companion-cost.test.ts';

export default defineConfig({
  test: {
    root: join(import.meta.dirname, '../..'),
    // As infra/run.js does.
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    setupFiles: ['test/support/fixed-seed.ts'],
    // Against what hangs, not against slow machines: the slowest test takes a fifth of it here.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    sequence: { sequencer: longestFirst(longest) },
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: sideBySide,
          exclude: ['**/node_modules/**', measuring],
          maxWorkers: 4,
        },
      },
      {
        extends: true,
        test: {
          name: 'one by one',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...sideBySide.filter((each) => each !== measuring)],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
