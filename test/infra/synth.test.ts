import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { buildFunctions } from '../../infra/build-functions.ts';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';
import type { StackName } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Types of what holds something, and the ids that CloudFormation knows each by. */
const holding = {
  'AWS::DynamoDB::Table': ['RunsE45A2291', 'Targets7ED976EF'],
  'AWS::S3::Bucket': ['AccessLogs8B620ECA', 'WaitingLines2DE45A59'],
  'AWS::SecretsManager::Secret': ['AdminToken38B307E8', 'ReporterTokenBE1AACAA', 'SignIn1BF1EF28', 'TokenCB33349F'],
  'AWS::Timestream::InfluxDBInstance': ['Influx'],
} as const;

/** What each stack but the managed InfluxDB's lets others take. */
function exportsWith(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const texts = Object.entries(synthesize(settings).texts).filter(([stack]) => stack !== 'locust2influx-database');
  const exported = texts.map(([stack, text]) => {
    const { Outputs = {} } = JSON.parse(text) as { Outputs?: Record<string, { Export?: { Name: string } }> };
    return [stack, Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? [])] as const;
  });
  return Object.fromEntries(exported.map(([stack, names]) => [stack, names.toSorted()]));
}

/** All files of a build, by path. */
async function built(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), 'bundles-'));
  try {
    await buildFunctions(folder);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const files = paths.map(async (path) => [path.slice(folder.length), await readFile(path, 'utf8')] as const);
    return Object.fromEntries(await Promise.all(files));
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('synth', () => {
  it('the same settings give the same bytes', () => {
    for (const settings of [ownInflux, { influxManaged: 'true', alarmEmail: 'oncall@example.com' }]) {
      expect(synthesize(settings).texts).toEqual(synthesize(settings).texts);
    }
  });

  it('the same sources give the same bundles', async () => {
    const [first, second] = [await built(), await built()];
    const expected = ['/collector/index.mjs', '/api/index.mjs', '/api/console/index.html', '/influx-setup/index.mjs'];
    expect(Object.keys(first)).toEqual(expect.arrayContaining(expected));
    expect(first).toEqual(second);
  });

  it('nothing has a name of its own, so that it can be deployed twice and replaced', () => {
    for (const text of Object.values(synthesize({ influxManaged: 'true' }).texts)) {
      expect(text).not.toMatch(/"(?:TableName|BucketName|QueueName|RoleName|TopicName|LogGroupName|AlarmName)": "/);
    }
  });

  it('what holds something keeps the id that CloudFormation knows it by: under another one it would be replaced', () => {
    const app = synthesize({ influxManaged: 'true' });
    for (const [type, ids] of Object.entries(holding)) {
      const found = app.stacks.flatMap((stack) =>
        Object.keys(app.template(stack.replace('locust2influx-', '') as StackName).findResources(type)),
      );
      expect(found.toSorted(), type).toEqual(ids);
    }
  });

  it.each<Readonly<Record<string, unknown>>>([
    { ...ownInflux, shards: 3 },
    { ...ownInflux, idleSeconds: 60 },
    {
      ...ownInflux,
      alarmEmail: 'oncall@example.com',
      targetAlarms: true,
      dashboard: true,
      runbookUrl: 'https://git.example.com/infra/alarms/README.md',
    },
    { ...ownInflux, retain: false, logRetentionDays: 30, memoryMb: 512, allowPrivateAddresses: true },
    { influxManaged: true },
  ])('stacks take the same from each other, so that a plain deployment may change from and to %j', (settings) => {
    expect(exportsWith(settings)).toEqual(exportsWith(ownInflux));
  });

  it('every stack is tagged', () => {
    for (const text of Object.values(synthesize(ownInflux).texts)) {
      expect(text).toMatch(/"Key": "application",\s+"Value": "locust2influx"|"application": "locust2influx"/);
    }
  });

  it('what holds something is apart from what does something', () => {
    const app = synthesize(ownInflux);
    const names = ['admin', 'collector', 'monitoring', 'storage'];
    expect(app.stacks.toSorted()).toEqual(names.map((name) => `locust2influx-${name}`));
    app.template('storage').resourceCountIs('AWS::Lambda::Function', 0);
    for (const name of ['collector', 'admin', 'monitoring'] as const) {
      for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret']) {
        app.template(name).resourceCountIs(type, 0);
      }
    }
  });
});
