import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { createS3Spool } from '../../../lambda/influx/spool/s3-spool.ts';
import { functionAsDeployed, startFunction, withVariables } from '../support/aws/deployed-function.ts';
import type { FunctionAsDeployed, RunningFunction } from '../support/aws/deployed-function.ts';
import { describeDeployedWithInfluxd2 } from '../support/aws/deploy-parts.ts';
import { account, region, runCdk, startEmulatedAws } from '../support/aws/emulated-aws.ts';
import type { EmulatedAws } from '../support/aws/emulated-aws.ts';
import { httpApiEvent } from '../support/aws/http-api-event.ts';
import { startLocust } from '../support/locust.ts';
import type { Locust } from '../support/locust.ts';
import { freePort } from '../support/part-process.ts';
import { locustVersions } from '../support/parts.ts';
import { eventOfQueue } from '../support/aws/event-of-queue.ts';
import { platformFailures } from '../support/aws/platform-failures.ts';
import { expectCostlyReportsAnswered } from '../support/aws/send-costly-reports.ts';
import { startPrivateNetwork } from '../support/aws/private-network.ts';
import type { PrivateNetwork } from '../support/aws/private-network.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import { waitingEntries } from '../../support/influx/kept-lines.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';

const say = (text: string): boolean => process.stdout.write(`${text}\n`);

describeDeployedWithInfluxd2('The stacks, deployed to an emulated account by the CDK CLI', () => {
  let aws: EmulatedAws;
  let influxd: Influxd2;
  let influxToken: string;
  let app: TargetApp;
  let locust: Locust;
  let network: PrivateNetwork;
  let admin: RunningFunction;
  let collector: RunningFunction;
  let adminToken: string;
  let assembly: string;
  let locustUrl: string;
  let wakeQueueUrl: string;
  let variables: FunctionAsDeployed['variables'];

  const clientConfig = () => ({
    ...{ endpoint: aws.url, region },
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
  });
  const settings = (): readonly string[] =>
    Object.entries({
      influxUrl: influxd.url,
      ...{ influxOrg: influxd.settings.org, influxBucket: influxd.settings.bucket },
      influxTokenSecret: 'my/influx-token',
      allowPrivateAddresses: 'true',
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  beforeAll(async () => {
    assembly = await mkdtemp(join(tmpdir(), 'cdk-out-'));
    [aws, influxd, app] = await Promise.all([startEmulatedAws(), startInfluxd2(), startTargetApp()]);
    influxToken = await influxd.createToken(influxd.bucket(), 'write');
  });

  afterAll(async () => {
    for (const each of [admin, collector]) await (each as RunningFunction | undefined)?.stop();
    await (locust as Locust | undefined)?.stop();
    await (network as PrivateNetwork | undefined)?.stop();
    await Promise.all([aws.stop(), influxd.stop(), app.stop()]);
    await rm(assembly, { recursive: true, force: true });
  });

  test('an empty account is bootstrapped, and all stacks are deployed', async () => {
    await runCdk(aws, ['bootstrap', `aws://${account}/${region}`, ...settings()]);
    // What somebody does who has an InfluxDB.
    const secret = new CreateSecretCommand({ Name: 'my/influx-token', SecretString: influxToken });
    await new SecretsManagerClient(clientConfig()).send(secret);
    // moto's change sets make no exports, so the stacks are created without.
    const how = ['--require-approval', 'never', '--method=direct', '--output', assembly];
    await runCdk(aws, ['deploy', '--all', ...how, ...settings()]);
    say(`\nThe emulator accepted these, and made nothing of them:\n  ${aws.notMade().join('\n  ')}`);
    say(
      "Nor does it keep a bucket's public access block, check permissions, run schedules, deliver messages to functions, or send alarms.\n",
    );
  });

  test('a diff right after shows nothing', async () => {
    const said = await runCdk(aws, ['diff', '--method=template', '--fail', ...settings()]);
    expect(said).toContain('Number of stacks with differences: 0');
  });

  test('the bucket for waiting lines is there, encrypted, and keeps what is put', async () => {
    ({ variables } = (await deployedFunctions()).collector);
    const s3 = new S3Client(clientConfig());
    const Bucket = variables['SPOOL_BUCKET'] ?? '';
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    expect(ServerSideEncryptionConfiguration?.Rules).toHaveLength(1);
    const spool = createS3Spool({ bucket: Bucket, client: clientConfig() });
    await spool.put('waiting/proof', Buffer.from('lines'));
    expect((await spool.get('waiting/proof'))?.toString()).toBe('lines');
    await spool.remove('waiting/proof');
    expect(await spool.list({ prefix: 'waiting', limit: 10 })).toEqual({ objects: [], isComplete: true });
  });

  test('the deployed bundles start under the runtime interface client', async () => {
    const functions = await deployedFunctions();
    const [adminPort, collectorPort, locustPort] = [await freePort(), await freePort(), await freePort()];
    const ports = [aws.url, influxd.url, app.url].map((url) => Number(new URL(url).port));
    network = await startPrivateNetwork({ outside: [...ports, adminPort, collectorPort], inside: [locustPort] });
    locustUrl = `http://${network.address}:${locustPort}`;
    const { before } = network;
    locust = await startLocust({
      version: locustVersions()[0] ?? '',
      hostUrl: app.url,
      port: locustPort,
      before,
      args: ['--web-host', network.address],
    });
    const { env } = aws;
    // The emulator's queue has the address of the real one, which no emulator answers at.
    wakeQueueUrl = (functions.collector.variables['WAKE_QUEUE_URL'] ?? '').replace(/^https:\/\/[^/]+/, aws.url);
    const own = { WAKE_QUEUE_URL: wakeQueueUrl };
    const start = (deployed: FunctionAsDeployed, port: number) =>
      startFunction({ deployed: withVariables(deployed, own), env, port, before });
    admin = await start(functions.admin, adminPort);
    collector = await start(functions.collector, collectorPort);
    say(
      `\nCold start here: collector ${collector.coldStartMs.toFixed(0)} ms, admin ${admin.coldStartMs.toFixed(0)} ms\n`,
    );
  });

  const ask = async (input: Parameters<typeof httpApiEvent>[0]): Promise<APIGatewayProxyStructuredResultV2> =>
    (await admin.invoke(httpApiEvent(input))) as APIGatewayProxyStructuredResultV2;

  test('the admin API lets in who has the deployed token, and keeps credentials out of the table', async () => {
    expect((await ask({ method: 'GET', path: '/' })).headers?.['content-type']).toContain('text/html');
    expect((await ask({ method: 'GET', path: '/v1/targets', token: 'guess' })).statusCode).toBe(401);
    const secret = new GetSecretValueCommand({ SecretId: await adminTokenSecret() });
    adminToken = (await new SecretsManagerClient(clientConfig()).send(secret)).SecretString ?? '';
    const body = { url: locustUrl, project: 'shop', sampleSeconds: 2, headers: { 'x-proof': 'not-in-the-table' } };
    const put = await ask({ method: 'PUT', path: '/v1/targets/shop', token: adminToken, body });
    expect(put.statusCode, put.body).toBe(201);
    const check = await ask({ method: 'POST', path: '/v1/targets/shop/check', token: adminToken });
    expect(JSON.parse(check.body ?? '')).toMatchObject({ reachable: true, state: 'ready' });
    const scan = new ScanCommand({ TableName: variables['TARGETS_TABLE'] });
    const { Items } = await new DynamoDBClient(clientConfig()).send(scan);
    expect(Items).toHaveLength(1);
    expect(JSON.stringify(Items)).not.toContain('not-in-the-table');
    const { Parameters } = await new SSMClient(clientConfig()).send(new DescribeParametersCommand({}));
    const below = `${variables['TARGET_SECRETS_PREFIX'] ?? ''}/shop/`;
    const kept = (Parameters ?? []).filter(({ Name }) => Name?.startsWith(below));
    expect(kept).toMatchObject([{ Type: 'SecureString' }]);
  });

  test('what the API has changed leaves a message in the deployed queue, which makes the collector look', async () => {
    const looked = await collector.invoke(await eventOfQueue(new SQSClient(clientConfig()), wakeQueueUrl));
    expect(looked).toMatchObject([{ end: 'idle', targets: 1, looks: 1, samples: 0 }]);
  });

  const window = async (): Promise<WindowSummary> => {
    const scheduledTime = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const [summary] = (await collector.invoke({ scheduledTime, shard: 0, shards: 1 })) as WindowSummary[];
    if (summary === undefined) throw new Error('no summary');
    // How busy this machine is decides whether all of them answered in time, and nothing else does.
    expect(Object.keys(summary.failures).filter((kind) => kind !== 'timeout')).toEqual([]);
    expect(platformFailures(collector.output())).toEqual([]);
    return summary;
  };
  /** Lines of `locust_total` that InfluxDB did not take in time: they lie in the bucket. */
  const waitingTotals = async (): Promise<number> => {
    const store = createS3Spool({ bucket: variables['SPOOL_BUCKET'] ?? '', client: clientConfig() });
    return (await waitingEntries(store)).flat().filter((line) => /^locust_total,(?!.*filled=)/.test(line)).length;
  };

  test('a window with nothing running ends at once and leaves looks in the deployed queue', async () => {
    expect(await window()).toMatchObject({ end: 'idle', targets: 1, samples: 0 });
    const { Attributes } = await new SQSClient(clientConfig()).send(
      new GetQueueAttributesCommand({ QueueUrl: wakeQueueUrl, AttributeNames: ['All'] }),
    );
    const { ApproximateNumberOfMessages: now, ApproximateNumberOfMessagesDelayed: later } = Attributes ?? {};
    expect(Number(now) + Number(later)).toBeGreaterThan(0);
  });

  test('a window on a running Locust writes what Locust says', async () => {
    await locust.startTest({ users: 5, spawnRate: 5 });
    await vi.waitFor(async () => {
      expect((await locust.report()).body).toContain('"running"');
    }, 240_000);
    const summary = await window();
    const clean = { end: 'complete', targets: 1, pointsRejected: 0, pointsLost: 0 };
    expect(summary, collector.output()).toMatchObject(clean);
    const { samples, samplesFailed, missed, skipped } = summary;
    // Every two seconds of a minute, but for one at its end that might leave no time for an answer.
    expect(samples + missed + skipped).toBeGreaterThanOrEqual(29);
    // On a busy machine samples may be missed, and are filled in.
    const totals = (await influxd.rows('locust_total')).filter(({ fields }) => !('filled' in fields));
    expect(new Set(totals.map(({ tags }) => tags['target']))).toEqual(new Set(['shop']));
    expect(totals.at(-1)?.fields).toMatchObject({ state: 'running', user_count: 5 });
    expect(totals.length + (await waitingTotals())).toBe(samples - samplesFailed);
    const runs = await ask({ method: 'GET', path: '/v1/targets/shop/runs', token: adminToken });
    expect(runs.statusCode, runs.body).toBe(200);
    expect(runs.body).toContain(`"${totals[0]?.tags['run'] ?? 'no run'}"`);
    for (const secret of ['not-in-the-table', influxToken]) expect(collector.output()).not.toContain(secret);
  });

  test('reports that look for what is dear are answered by the deployed API, which goes on', async () => {
    await expectCostlyReportsAnswered((call) => ask({ ...call, token: adminToken }));
    expect(platformFailures(admin.output())).toEqual([]);
  });

  const functionOf = (stack: string): Promise<FunctionAsDeployed> => functionAsDeployed({ aws, assembly, stack });
  const deployedFunctions = async (): Promise<{ admin: FunctionAsDeployed; collector: FunctionAsDeployed }> => ({
    admin: await functionOf('locust2influx-admin'),
    collector: await functionOf('locust2influx-collector'),
  });
  const adminTokenSecret = async (): Promise<string> =>
    (await functionOf('locust2influx-admin')).variables['ADMIN_TOKEN_SECRET'] ?? '';
});
