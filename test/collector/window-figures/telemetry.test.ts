import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { moduleText, project } from '../../support/rigs/typescript-program.ts';

/** What the telemetry prints, line by line, in a process of its own as in a Lambda. */
function printed(script: string): Record<string, unknown>[] {
  const imports = `
    import { createTelemetry } from './lambda/collector/window-figures/telemetry.ts';
    import { emptySummary, countFailure } from './lambda/collector/window-figures/summary.ts';
    const telemetry = createTelemetry();`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-'], {
    cwd: project,
    input: moduleText(imports + script),
    // Nothing of what this machine calls its own, neither colours nor settings of the logger.
    env: { PATH: process.env['PATH'] },
  });
  const lines = `${ran.stdout.toString()}${ran.stderr.toString()}`.trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('telemetry', () => {
  it('a window is one log line and one line of metrics', () => {
    const lines = printed(`
      const summary = { ...emptySummary({ shard: 0, shards: 1 }), targets: 2, samples: 12, pointsDelivered: 90 };
      countFailure(summary, 'timeout');
      countFailure(summary, 'timeout');
      telemetry.windowEnded(summary);`);

    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({ message: 'window', level: 'INFO', summary: { samples: 12 } });
    expect(lines[1]).toMatchObject({
      service: 'locust2influx-collector',
      Samples: 12,
      PointsDelivered: 90,
      Failures: 2,
      'Failures-timeout': 2,
    });
    expect(lines[1]).toHaveProperty('_aws.CloudWatchMetrics.0.Namespace', 'locust2influx');
  });

  it('lines and metrics say which deployment they are of', () => {
    const lines = printed(`createTelemetry('staging-collector').windowEnded(emptySummary({ shard: 0, shards: 1 }));`);
    expect(lines.map(({ service }) => service)).toEqual(['staging-collector', 'staging-collector']);
  });

  it('a metric that tells nothing costs nothing, and one is always there', () => {
    const lines = printed(`telemetry.windowEnded(emptySummary({ shard: 0, shards: 1 }));`);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toHaveProperty('_aws.CloudWatchMetrics.0.Metrics', [{ Name: 'Targets', Unit: 'Count' }]);
  });

  it('a change of a target is one line, a sample is none', () => {
    const lines = printed(`
      telemetry.sampled?.({});
      telemetry.changed({ target: 'shop', atMs: 0, state: 'running', stateBefore: 'ready', runStarted: { id: 'R' } });`);

    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ message: 'target changed', target: 'shop', state: 'running', runStarted: 'R' });
  });

  it('an error shows its name and message alone, not what a client hung on it', () => {
    const lines = printed(`
      const error = Object.assign(new Error('throttled'), { $metadata: { token: 'very-secret' } });
      telemetry.platformFailed({ doing: 'writing the status of shop', error });`);

    expect(lines[0]).toMatchObject({ message: 'failed writing the status of shop', reason: 'Error: throttled' });
    expect(JSON.stringify(lines)).not.toContain('very-secret');
  });
});
