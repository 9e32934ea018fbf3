import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AdminVariables } from '../../lambda/api/env.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { allowSpool } from '../constructs/allow-spool.ts';
import { BundledFunction } from '../constructs/bundled-function.ts';
import type { FunctionSurroundings } from '../constructs/bundled-function.ts';
import { influxVariables } from '../constructs/influx-destination.ts';
import type { InfluxDestination, InfluxVariables } from '../constructs/influx-destination.ts';
import { describeNetwork, joinNetwork } from '../constructs/private-network.ts';
import type { Settings } from '../settings/settings.ts';
import type { StorageStack } from './storage-stack.ts';

export interface AdminStackProps {
  readonly settings: Settings;
  readonly surroundings: Omit<FunctionSurroundings, 'network'>;
  readonly storage: StorageStack;
  /** Where the reports go that Locusts send. */
  readonly influx: InfluxDestination;
}

/** A check waits for a Locust up to 5 s; API Gateway gives up after 30. */
const timeoutSeconds = 29;
const memoryMb = 512;
/** Enough for a hundred open pages; a script that loops is slowed down. */
const throttle = { rateLimit: 50, burstLimit: 100 };

/** The admin API and its page. */
export class AdminStack extends Stack {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: AdminStackProps) {
    super(scope, id, { description: 'locust2influx: admin API and page' });
    const { settings, storage } = props;
    const network = joinNetwork(this, settings, props.influx.inNetwork);
    const admin = new BundledFunction(this, 'Admin', {
      ...props.surroundings,
      network,
      bundle: 'api',
      description: 'Registers Locusts, shows targets and runs, takes reports',
      memoryMb,
      timeoutSeconds,
      variables: variablesOf(props),
    });
    this.grant(admin, props);
    this.api = new HttpApi(this, 'Api', {
      createDefaultStage: false,
      defaultIntegration: new HttpLambdaIntegration('Admin', admin.function, {
        timeout: Duration.seconds(timeoutSeconds),
      }),
    });
    acknowledge(this.api, 'APIG4', 'The function checks a bearer token itself, and the page has to load without one.');
    const stage = this.createStage(settings);
    this.describe(stage.url, storage);
    if (network !== undefined) describeNetwork(this, network);
  }

  private grant(admin: BundledFunction, { settings, storage, influx }: AdminStackProps): void {
    const change = ['dynamodb:Scan', 'dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
    admin.allow(change, [storage.targets.tableArn]);
    const runs = ['Query', 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
    const ofRuns = runs.map((action) => `dynamodb:${action}`);
    admin.allow(ofRuns, [storage.runs.tableArn]);
    allowSpool(admin, storage.waitingLines);
    const tokens = [storage.adminToken.secretArn, storage.reporterToken.secretArn, influx.tokenSecretArn];
    admin.allow(['secretsmanager:GetSecretValue'], tokens);
    if (wakesCollector(settings)) admin.allow(['sqs:SendMessage'], [storage.wake.queueArn]);
    const keep = ['ssm:GetParameters', 'ssm:PutParameter', 'ssm:DeleteParameter'];
    const parameters = `parameter${storage.targetSecretsPrefix}/*`;
    admin.allowByPrefix(keep, 'ssm', parameters, 'Each target has its own parameters, named by its id.');
  }

  private createStage(settings: Settings): HttpStage {
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Default', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLogs),
        // Without the query and the headers, which may hold anything.
        format: AccessLogFormat.custom(
          JSON.stringify({
            at: '$context.requestTime',
            request: '$context.requestId',
            ip: '$context.identity.sourceIp',
            method: '$context.httpMethod',
            path: '$context.path',
            status: '$context.status',
            tookMs: '$context.responseLatency',
            error: '$context.integrationErrorMessage',
          }),
        ),
      },
    });
  }

  private describe(url: string, { adminToken, reporterToken }: StorageStack): void {
    const ask = (secretArn: string): string =>
      `aws secretsmanager get-secret-value --secret-id ${secretArn} --query SecretString --output text --region ${this.region}`;
    new CfnOutput(this, 'Page', { description: 'The page; it asks for the admin token', value: url });
    new CfnOutput(this, 'ShowAdminToken', { value: ask(adminToken.secretArn) });
    new CfnOutput(this, 'ShowReporterToken', { value: ask(reporterToken.secretArn) });
    new CfnOutput(this, 'RegisterTarget', {
      description: 'Registers a Locust as shop; replace its URL',
      value:
        `curl -X PUT ${url}v1/targets/shop -H "authorization: Bearer $(${ask(adminToken.secretArn)})"` +
        ` -H 'content-type: application/json' -d '{"url":"http://locust.example.com:8089"}'`,
    });
  }
}

/** Without idle polls, the next window sees an edit. */
const wakesCollector = ({ idleSeconds }: Settings): boolean => idleSeconds < 60;

function variablesOf({ settings, storage, influx }: AdminStackProps): AdminVariables & InfluxVariables {
  return {
    TARGETS_TABLE: storage.targets.tableName,
    RUNS_TABLE: storage.runs.tableName,
    ...influxVariables(influx),
    TARGET_SECRETS_PREFIX: storage.targetSecretsPrefix,
    ADMIN_TOKEN_SECRET: storage.adminToken.secretArn,
    REPORTER_TOKEN_SECRET: storage.reporterToken.secretArn,
    SPOOL_BUCKET: storage.waitingLines.bucketName,
    WAKE_QUEUE_URL: wakesCollector(settings) ? storage.wake.queueUrl : undefined,
    SHARDS: String(settings.shards),
    ALLOW_PRIVATE_ADDRESSES: settings.allowPrivateAddresses ? 'true' : 'false',
  };
}
