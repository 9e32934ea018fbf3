import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ownInflux, synthesize } from '../../support/aws/synthesize.ts';
import { deployPrograms, describeWithDeployParts } from '../support/aws/deploy-parts.ts';

const network = { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d' };
const apps: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'an InfluxDB that is there': ownInflux,
  'a managed InfluxDB': { influxManaged: true, influxRetentionDays: 90 },
  'a managed InfluxDB in a network that is there': { influxManaged: true, ...network },
  'a network': { ...ownInflux, ...network },
  'many shards, nothing retained, no looks': { ...ownInflux, shards: 4, retain: false, idleSeconds: 60 },
  'an address for alarms': {
    ...{ ...ownInflux, alarmEmail: 'oncall@example.com', targetAlarms: true, targetAlarmEmail: 'tests@example.com' },
    ...{ alarmThresholds: 'Missed=20', dashboard: true, logRetentionDays: 365 },
  },
};

/** W3005: CDK names dependencies twice. W6001: an output that repeats another stack's is what people paste. */
const ignored = ['W3005', 'W6001'];

/** What cfn-lint says of templates; empty when it has nothing to say. */
async function lint(texts: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
  try {
    const files = Object.entries(texts).map(([name, text]) => ({ path: join(folder, `${name}.template.json`), text }));
    for (const { path, text } of files) await writeFile(path, text);
    const options = ['--ignore-checks', ...ignored, '--regions', 'us-east-1', 'eu-central-1'];
    const args = [...options, '--', ...files.map(({ path }) => path)];
    const { stdout } = await promisify(execFile)(deployPrograms.cfnLint, args).catch(
      (error: unknown) => error as { stdout: string },
    );
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

describeWithDeployParts('cfn-lint', () => {
  test.each(Object.keys(apps))('has nothing against the templates for %s', async (name) => {
    const { texts } = synthesize(apps[name] ?? {});
    expect(Object.keys(texts).length).toBeGreaterThan(3);
    expect(await lint(texts)).toBe('');
  });

  test('would have something against a wrong one', async () => {
    const wrong =
      synthesize(ownInflux).texts['locust2influx-collector']?.replaceAll('"nodejs24.x"', '"nodejs2.x"') ?? '';
    expect(await lint({ wrong })).toMatch(/E\d+.*nodejs2\.x/);
  });
});
