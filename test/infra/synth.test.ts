import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildFunctions } from '../../infra/build.ts';
import { ownInflux, synthesize } from '../support/synthesize.ts';

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
    const expected = [
      '/collector/index.mjs',
      '/admin/index.mjs',
      '/admin/console/index.html',
      '/influx-setup/index.mjs',
    ];
    expect(Object.keys(first)).toEqual(expect.arrayContaining(expected));
    expect(first).toEqual(second);
  });

  it('nothing has a name of its own, so that it can be deployed twice and replaced', () => {
    for (const text of Object.values(synthesize({ influxManaged: 'true' }).texts)) {
      expect(text).not.toMatch(/"(?:TableName|BucketName|QueueName|RoleName|TopicName|LogGroupName|AlarmName)": "/);
    }
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
