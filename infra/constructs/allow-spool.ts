import { Stack } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { deadLetterPrefix } from '../../lambda/influx/spool/stored-object.ts';
import { acknowledge } from './acknowledge.ts';
import type { BundledFunction } from './bundled-function.ts';

/** What the bucket's keys begin with: lines that wait, and lines that InfluxDB refused. */
const prefixes = ['waiting', deadLetterPrefix] as const;

/** Lets a function of another stack keep, list, read and remove lines in the bucket. */
export function allowSpool(lambda: BundledFunction, bucket: Bucket): void {
  const { bucketArn } = bucket;
  lambda.allow(['s3:ListBucket'], [bucketArn]);
  const keys = prefixes.map((prefix) => `${prefix}/*`);
  lambda.allow(
    ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    keys.map((key) => bucket.arnForObjects(key)),
  );
  // The finding's name holds the name under which the bucket's stack exports it.
  const exported = Stack.of(bucket).resolve(Stack.of(bucket).exportValue(bucketArn)) as { 'Fn::ImportValue': string };
  for (const key of keys) {
    const resource = `${exported['Fn::ImportValue']}/${key}`;
    acknowledge(lambda, `IAM5[Resource::${resource}]`, 'A key is made up whenever lines have to wait.');
  }
}
