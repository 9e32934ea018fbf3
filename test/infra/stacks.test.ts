import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const byDefault = synthesize(ownInflux);
const anything = Match.anyValue();

describe('storage', () => {
  const storage = byDefault.template('storage');

  it('two tables on demand, which can be set back to any second and outlive their stack', () => {
    storage.resourceCountIs('AWS::DynamoDB::Table', 2);
    // Not RetainExceptOnCreate: a protected table cannot be deleted, and would hold up a first deployment that failed.
    storage.allResources('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
      }),
    });
    const watched = [{ AttributeName: 'watched', KeyType: 'HASH' }];
    storage.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [{ IndexName: 'Watched', KeySchema: watched, Projection: { ProjectionType: 'ALL' } }],
      TimeToLiveSpecification: { AttributeName: 'removeAt', Enabled: true },
    });
    storage.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'target', KeyType: 'HASH' },
        { AttributeName: 'run', KeyType: 'RANGE' },
      ],
    });
  });

  it('buckets are private, encrypted, take TLS only, and outlive their stack', () => {
    const blocked = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
    storage.allResources('AWS::S3::Bucket', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: Match.objectLike({
        BucketEncryption: anything,
        PublicAccessBlockConfiguration: Object.fromEntries(blocked.map((name) => [name, true])),
      }),
    });
    const denied = Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
    storage.allResourcesProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([denied]) }),
    });
  });

  it('dead letters go after 30 days, and what waits for InfluxDB never by itself', () => {
    storage.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [
          {
            Status: 'Enabled',
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            ExpirationInDays: Match.absent(),
          },
          { Status: 'Enabled', Prefix: 'rejected/', ExpirationInDays: 30 },
        ],
      },
      LoggingConfiguration: anything,
    });
  });

  it('tokens are made up by Secrets Manager, and in no template', () => {
    storage.resourceCountIs('AWS::SecretsManager::Secret', 2);
    storage.allResourcesProperties('AWS::SecretsManager::Secret', {
      GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true },
      SecretString: Match.absent(),
    });
  });

  it('with retain=false everything goes with its stack, waiting lines too', () => {
    const template = synthesize({ ...ownInflux, retain: 'false' }).template('storage');
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret']) {
      template.allResources(type, { DeletionPolicy: 'Delete' });
    }
    template.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 2);
  });
});

describe('collector', () => {
  const collector = byDefault.template('collector');

  it('is called once for each minute, with the time that was meant, and never again for the same', () => {
    collector.resourceCountIs('AWS::Scheduler::Schedule', 1);
    collector.hasResourceProperties('AWS::Scheduler::Schedule', {
      ScheduleExpression: 'cron(* * * * ? *)',
      ScheduleExpressionTimezone: 'Etc/UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: Match.objectLike({
        Arn: { Ref: Match.stringLikeRegexp('^Live') },
        Input: '{"scheduledTime":"<aws.scheduler.scheduled-time>","shard":0,"shards":1}',
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      }),
    });
    collector.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      Qualifier: anything,
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
  });

  it('each share of the targets has a schedule of its own, without overlap or gap', () => {
    const template = synthesize({ ...ownInflux, shards: 3 }).template('collector');
    const inputs = Object.values(template.findResources('AWS::Scheduler::Schedule')).map((schedule) => {
      const { Target } = (schedule as { Properties: { Target: { Input: string } } }).Properties;
      return JSON.parse(Target.Input) as { shard: number; shards: number };
    });
    expect(inputs.map(({ shard }) => shard)).toEqual([0, 1, 2]);
    expect(inputs.every(({ shards }) => shards === 3)).toBe(true);
  });

  it('runs on arm64 and Node 24, longer than a minute that begins late, without reserved concurrency', () => {
    collector.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      MemorySize: 256,
      Timeout: 135,
      ReservedConcurrentExecutions: Match.absent(),
    });
    const large = synthesize({ ...ownInflux, memoryMb: '1024' }).template('collector');
    large.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 1024 });
  });

  it('gets the token by the name of its secret, and no token', () => {
    collector.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          INFLUX_URL: 'https://influx.example.com',
          INFLUX_ORG: 'my-org',
          INFLUX_BUCKET: 'locust',
          INFLUX_TOKEN_SECRET: 'my/influx-token',
          INFLUX_TOKEN: Match.absent(),
          IDLE_SECONDS: '10',
          ALLOW_PRIVATE_ADDRESSES: 'false',
        }),
      },
    });
  });

  it('logs are kept as long as the settings say', () => {
    collector.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 14 });
    const longer = synthesize({ ...ownInflux, logRetentionDays: 90 });
    for (const stack of ['collector', 'admin'] as const) {
      longer.template(stack).allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
    }
  });
});

describe('admin', () => {
  const admin = byDefault.template('admin');

  it('gets the address of InfluxDB under the same names as the collector', () => {
    const variablesOf = (stack: 'admin' | 'collector'): Record<string, unknown> => {
      const [lambda] = Object.values(byDefault.template(stack).findResources('AWS::Lambda::Function'));
      return (lambda as { Properties: { Environment: { Variables: Record<string, unknown> } } }).Properties.Environment
        .Variables;
    };
    const names = ['INFLUX_URL', 'INFLUX_ORG', 'INFLUX_BUCKET', 'INFLUX_TOKEN_SECRET', 'SPOOL_BUCKET'];
    for (const name of names) expect(variablesOf('admin')[name]).toEqual(variablesOf('collector')[name]);
    expect(variablesOf('admin')['INFLUX_TOKEN_SECRET']).toBe('my/influx-token');
  });

  it('is throttled and logs every request, without query and headers', () => {
    admin.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 },
      AccessLogSettings: { DestinationArn: anything, Format: Match.not(Match.stringLikeRegexp('query|header')) },
    });
    admin.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
  });

  it('its outputs are commands to paste', () => {
    for (const name of ['Page', 'ShowAdminToken', 'ShowReporterToken', 'RegisterTarget']) admin.hasOutput(name, {});
  });
});
