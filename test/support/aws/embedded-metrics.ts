import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as z from 'zod';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { runner } from '../rigs/typescript-program.ts';
import type { Datapoint } from './alarm-states.ts';

/** CloudWatch's embedded metric format, as far as it concerns metrics. */
const embedded = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const between = '--- the next course ---';
const program = join(import.meta.dirname, 'programs/print-metrics.ts');

/** A window that came to its end at an instant, ms. */
export interface EndedWindow {
  readonly atMs: number;
  readonly summary: WindowSummary;
}

/**
 * What CloudWatch makes of the windows of each of several courses: they go through the collector's own telemetry, in one
 * process as in a Lambda.
 */
export function metricsOf(courses: readonly (readonly EndedWindow[])[]): readonly (readonly Datapoint[])[] {
  const { stdout, stderr, status } = spawnSync(process.execPath, [runner, program, between], {
    // Nothing of what this machine calls its own.
    env: { PATH: process.env['PATH'] },
    input: JSON.stringify(courses),
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout.toString().split(between).slice(1).map(pointsIn);
}

function pointsIn(text: string): readonly Datapoint[] {
  const lines = text.split('\n').filter((line) => line.includes('"_aws"'));
  return lines.flatMap((line) => pointsOf(embedded.parse(JSON.parse(line))));
}

function pointsOf(line: z.output<typeof embedded>): Datapoint[] {
  const { Timestamp: atMs, CloudWatchMetrics } = line._aws;
  return CloudWatchMetrics.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(line[name])]));
      return Metrics.map(({ Name: name }) => ({
        metric: { namespace, name, dimensions },
        atMs,
        value: Number(line[name]),
      }));
    }),
  );
}
