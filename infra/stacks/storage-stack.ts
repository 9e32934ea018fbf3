import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Attribute } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { BucketProps, IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { deadLetterDays } from '../../lambda/influx/spool/dead-letters.ts';
import { deadLetterPrefix } from '../../lambda/influx/spool/stored-object.ts';
import { removeAtAttribute, runsKey, targetsKey, watchedIndex } from '../../lambda/runtime/table-keys.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import { WakeQueue } from '../constructs/wake-queue.ts';
import type { Settings } from '../settings/settings.ts';

/** Everything that must not be lost: the registry, the runs, waiting lines, the tokens. Nothing here runs. */
export class StorageStack extends Stack {
  readonly targets: Table;
  readonly runs: Table;
  readonly waitingLines: Bucket;
  /** Idle polls, of which the collector asks itself and the API it. What is lost with it, a minute later comes again. */
  readonly wake: Queue;
  readonly adminToken: Secret;
  readonly reporterToken: Secret;
  /** SSM Parameter Store: the admin API keeps the targets' credentials below it. */
  readonly targetSecretsPrefix: string;

  constructor(scope: Construct, id: string, { retain, logRetentionDays }: Settings) {
    super(scope, id, {
      description: 'locust2influx: registry, runs, waiting lines, tokens',
    });
    // RETAIN_ON_UPDATE_OR_DELETE leaves nothing behind if the stack could not be created, and keeps what was in use.
    // Deletion protection would block such a roll-back, so tables are always retained; an empty one costs nothing.
    const removalPolicy = retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    const key = (name: string): Attribute => ({ name, type: AttributeType.STRING });
    const table = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.targets = new Table(this, 'Targets', {
      ...table,
      partitionKey: key(targetsKey.partition),
      timeToLiveAttribute: removeAtAttribute,
    });
    this.targets.addGlobalSecondaryIndex({
      indexName: watchedIndex.name,
      partitionKey: key(watchedIndex.partition),
      projectionType: ProjectionType.ALL,
    });
    this.runs = new Table(this, 'Runs', {
      ...table,
      partitionKey: key(runsKey.partition),
      sortKey: key(runsKey.sort),
    });
    this.waitingLines = this.createBuckets({ removalPolicy, autoDeleteObjects: !retain }, logRetentionDays);
    this.wake = new WakeQueue(this, 'Wake').queue;
    // Exported for good: with `idleSeconds=60` nobody uses it, and an export that is gone cannot be deployed before.
    for (const value of [this.wake.queueArn, this.wake.queueUrl]) this.exportValue(value);
    this.adminToken = this.createToken('AdminToken', 'may do everything', removalPolicy);
    this.reporterToken = this.createToken(
      'ReporterToken',
      'may register its own targets and report for them',
      removalPolicy,
    );
    this.targetSecretsPrefix = `/${this.stackName}/targets`;
  }

  private createBuckets(removal: Partial<BucketProps>, logRetentionDays: number): Bucket {
    const bucket: BucketProps = {
      ...removal,
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
    };
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...bucket,
      lifecycleRules: [{ expiration: Duration.days(logRetentionDays) }],
    });
    return new Bucket(this, 'WaitingLines', {
      ...bucket,
      serverAccessLogsBucket: accessLogs as IBucket,
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        // Only dead letters expire; lines that wait for InfluxDB wait as long as it takes.
        { prefix: `${deadLetterPrefix}/`, expiration: Duration.days(deadLetterDays) },
      ],
    });
  }

  private createToken(id: string, may: string, removalPolicy: RemovalPolicy): Secret {
    const secret = new Secret(this, id, {
      description: `locust2influx: token of the admin API; it ${may}`,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy,
    });
    acknowledge(secret, 'SMG4', 'People and load generators use this token; it is replaced by hand and works at once.');
    return secret;
  }
}
