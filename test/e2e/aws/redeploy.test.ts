import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ownInflux } from '../../support/aws/synthesize.ts';
import { describeWithDeployParts } from '../support/aws/deploy-parts.ts';
import { functionAsDeployed } from '../support/aws/deployed-function.ts';
import { account, region, runCdk, startEmulatedAws } from '../support/aws/emulated-aws.ts';
import type { EmulatedAws } from '../support/aws/emulated-aws.ts';

/** What names it, in a function's environment. */
const kept = [
  'TARGETS_TABLE',
  'RUNS_TABLE',
  'SPOOL_BUCKET',
  'ADMIN_TOKEN_SECRET',
  'REPORTER_TOKEN_SECRET',
  'TARGET_SECRETS_PREFIX',
];

type Settings = Readonly<Record<string, string>>;

/** The VPCs of all security groups that were made, one for each. */
async function vpcsOfSecurityGroups({ url }: EmulatedAws): Promise<readonly string[]> {
  const scope = `emulated/20261122/${region}/ec2/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${scope}` };
  const answer = await fetch(`${url}/?Action=DescribeSecurityGroups&Version=2016-11-15`, { headers });
  const groups = (await answer.text()).matchAll(/<vpcId>([^<]*)<\/vpcId>(?:(?!<vpcId>)[^])*?<groupName>([^<]*)</g);
  return [...groups].filter(([, , name]) => name?.startsWith('locust2influx-')).map(([, vpcId = 'none']) => vpcId);
}

describeWithDeployParts('What is deployed, deployed again in an emulated account', () => {
  let aws: EmulatedAws;
  let assembly: string;

  const settingsOf = (network: Settings): readonly string[] =>
    Object.entries<string>({ ...ownInflux, ...network }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // moto's change sets make no exports, and it knows no earlier value of a parameter that was left at its default.
  const how = (): readonly string[] => {
    return ['--require-approval', 'never', '--method=direct', '--no-previous-parameters', '--output', assembly];
  };
  const deploy = async (network: Settings): Promise<void> => {
    await runCdk(aws, ['deploy', '--all', ...how(), ...settingsOf(network)]);
  };
  /** Where the functions of a deployment keep what must not be lost, by their environment. */
  const found = async (deployment: string): Promise<readonly (string | undefined)[]> => {
    const { variables } = await functionAsDeployed({ aws, assembly, stack: `${deployment}-admin` });
    return kept.map((name) => variables[name]);
  };
  const subnetsOf = async (stack: 'admin' | 'collector'): Promise<readonly string[]> =>
    (await functionAsDeployed({ aws, assembly, stack: `locust2influx-${stack}` })).subnetIds;

  beforeAll(async () => {
    assembly = await mkdtemp(join(tmpdir(), 'cdk-out-'));
    aws = await startEmulatedAws();
    await runCdk(aws, ['bootstrap', `aws://${account}/${region}`, ...settingsOf({})]);
    await deploy({});
  });

  afterAll(async () => {
    await aws.stop();
    await rm(assembly, { recursive: true, force: true });
  });

  test.each([
    { vpcId: 'vpc-0a1b2c3d', subnetIds: 'subnet-0a1b2c3d,subnet-1a2b3c4d' },
    { vpcId: 'vpc-9a9b9c9d', subnetIds: 'subnet-9a9b9c9d' },
  ])('a network is joined, or changed, with a plain deployment: $vpcId', async (network) => {
    await deploy(network);
    expect(await vpcsOfSecurityGroups(aws)).toEqual([network.vpcId, network.vpcId]);
    for (const stack of ['admin', 'collector'] as const) {
      expect(await subnetsOf(stack)).toEqual(network.subnetIds.split(','));
    }
  });

  // The emulator's functions keep the network that the template names no more; what was made for it is gone.
  test('the network is left with a plain deployment, and nothing stays of it', async () => {
    await deploy({});
    expect(await vpcsOfSecurityGroups(aws)).toEqual([]);
  });

  test('all stacks that hold nothing are destroyed and deployed again, and find what was there', async () => {
    const before = await found('locust2influx');
    const stacks = ['monitoring', 'admin', 'collector'].map((name) => `locust2influx-${name}`);
    await runCdk(aws, ['destroy', '--force', ...stacks, ...settingsOf({})]);
    await expect(found('locust2influx')).rejects.toThrow('no function');
    await deploy({});
    expect(await found('locust2influx')).toEqual(before);
    expect(before.every((name) => name !== undefined && name !== '')).toBe(true);
  });

  test('a deployment of another name stands beside it, with everything of its own', async () => {
    const before = await found('locust2influx');
    // Nobody else is in these stacks, so they bring with them what they need.
    await runCdk(aws, ['deploy', 'staging-admin', ...how(), ...settingsOf({ name: 'staging' })]);
    const ofStaging = await found('staging');
    expect(ofStaging).not.toContain(undefined);
    expect(ofStaging.filter((name) => before.includes(name))).toEqual([]);
    expect(await found('locust2influx')).toEqual(before);
  });
});
