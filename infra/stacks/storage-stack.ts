import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import type { Attribute } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { BucketProps, IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { deadLetterDays, deadLetterPrefix } from '../../lambda/influx/dead-letters.ts';
import { runsKey, targetsKey } from '../../lambda/registry/tables.ts';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { Settings } from '../settings.ts';

/** All that must not be lost: the registry, the runs, lines on their way, the tokens. Nothing here runs. */
export class StorageStack extends Stack {
  readonly targets: Table;
  readonly runs: Table;
  readonly waitingLines: Bucket;
  readonly adminToken: Secret;
  readonly reporterToken: Secret;
  /** SSM Parameter Store: the admin API keeps the targets' credentials below it. */
  readonly targetSecretsPrefix: string;

  constructor(scope: Construct, id: string, { retain, logRetentionDays }: Settings) {
    super(scope, id, {
      description: 'locust2influx: registry, runs, waiting lines, tokens',
    });
    // With the first, a stack that could not be created leaves nothing behind; what was in use stays.
    // A protected table cannot be deleted, which would hold up such a stack: tables stay, and cost nothing empty.
    const removalPolicy = retain ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    const key = (name: string): Attribute => ({ name, type: AttributeType.STRING });
    const table = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.DEFAULT,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    };
    this.targets = new Table(this, 'Targets', { ...table, partitionKey: key(targetsKey.partition) });
    this.runs = new Table(this, 'Runs', {
      ...table,
      partitionKey: key(runsKey.partition),
      sortKey: key(runsKey.sort),
    });
    this.waitingLines = this.createBuckets({ removalPolicy, autoDeleteObjects: !retain }, logRetentionDays);
    this.adminToken = this.createToken('AdminToken', 'may do all', removalPolicy);
    this.reporterToken = this.createToken('ReporterToken', 'may put and report its own targets', removalPolicy);
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
        // Of dead letters alone: what waits for InfluxDB waits as long as it takes.
        { prefix: `${deadLetterPrefix}/`, expiration: Duration.days(deadLetterDays) },
      ],
    });
  }

  private createToken(id: string, may: string, removalPolicy: RemovalPolicy): Secret {
    const secret = new Secret(this, id, {
      description: `locust2influx: a token of the admin API that ${may}`,
      generateSecretString: { passwordLength: 48, excludePunctuation: true },
      removalPolicy,
    });
    acknowledge(
      secret,
      'SMG4',
      'People and load generators hold this token; a new one is put by hand, and works at once.',
    );
    return secret;
  }
}
