// Prints the metrics of the windows of several courses, which come on standard input; between two courses, its argument.
import { readFileSync } from 'node:fs';
import { createTelemetry } from '../../../../lambda/collector/window-figures/telemetry.ts';
import type { EndedWindow } from '../embedded-metrics.ts';

const [, , between = ''] = process.argv;
const telemetry = createTelemetry();
for (const windows of JSON.parse(readFileSync(0, 'utf8')) as readonly (readonly EndedWindow[])[]) {
  process.stdout.write(`${between}\n`);
  for (const { atMs, summary } of windows) {
    Date.now = () => atMs;
    telemetry.windowEnded?.(summary);
  }
}
