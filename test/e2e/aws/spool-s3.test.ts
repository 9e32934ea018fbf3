import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketEncryptionCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createS3Spool } from '../../../lambda/influx/spool/s3-spool.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { spoolContract } from '../../influx/spool/spool-contract.ts';
import { describeWithDeployParts } from '../support/aws/deploy-parts.ts';
import { region, startEmulatedAws } from '../support/aws/emulated-aws.ts';
import type { EmulatedAws } from '../support/aws/emulated-aws.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');

describeWithDeployParts('The spool in the S3 of an emulated account', () => {
  let aws: EmulatedAws;
  let s3: S3Client;
  beforeAll(async () => {
    aws = await startEmulatedAws();
    s3 = new S3Client(clientConfig());
  });
  afterAll(async () => {
    s3.destroy();
    await aws.stop();
  });

  const clientConfig = (): S3ClientConfig => ({
    endpoint: aws.url,
    region,
    credentials: { accessKeyId: 'emulated', secretAccessKey: 'emulated' },
    forcePathStyle: true,
  });
  let buckets = 0;
  /** Encrypted, as the stack makes it; versioned, as an organisation's rules may make every bucket. */
  async function makeBucket({ versioned }: { versioned: boolean }): Promise<string> {
    buckets += 1;
    const Bucket = `waiting-lines-${buckets}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const ApplyServerSideEncryptionByDefault = { SSEAlgorithm: 'AES256' } as const;
    const ServerSideEncryptionConfiguration = { Rules: [{ ApplyServerSideEncryptionByDefault }] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    if (versioned) {
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    return Bucket;
  }

  for (const versioned of [false, true]) {
    spoolContract(versioned ? 'a versioned bucket' : 'a bucket', async () => {
      const bucket = await makeBucket({ versioned });
      return () => Promise.resolve(createS3Spool({ bucket, client: clientConfig() }));
    });
  }

  it('lists 1,250 entries in order, none twice, among as many that are gone', async () => {
    const bucket = await makeBucket({ versioned: true });
    const spool = createSpool(createS3Spool({ bucket, client: clientConfig() }));
    const count = 1_250;
    // A gap of a millisecond for each that goes again.
    for (let index = 0; index < 2 * count; index += 25) {
      const some = Array.from({ length: 25 }, (_, offset) => index + offset);
      await Promise.all(some.map((each) => spool.put(toLines([`m f=${each}i 1`]), noon + each)));
    }
    const all = await spool.list();
    const gone = all.filter((_, index) => index % 2 === 1);
    for (let index = 0; index < gone.length; index += 25) {
      await Promise.all(gone.slice(index, index + 25).map(({ key }) => spool.remove(key)));
    }

    const entries = await spool.list();
    expect(entries.map(({ writtenAtMs }) => writtenAtMs - noon)).toEqual(
      Array.from({ length: count }, (_, i) => 2 * i),
    );
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'waiting/20261122T120000.00' }),
    );
    // The bucket does keep what is removed.
    expect([Versions.length, DeleteMarkers.length]).toEqual([10, 5]);
  });

  it('keeps 1,200 dead letters in pages that a person can turn', async () => {
    const bucket = await makeBucket({ versioned: false });
    const store = createS3Spool({ bucket, client: clientConfig() });
    const letters = createDeadLetters(store);
    for (let index = 0; index < 1_200; index += 25) {
      const some = Array.from({ length: 25 }, (_, offset) => index + offset);
      await Promise.all(
        some.map((each) => letters.add({ lines: [`m f=${each}i 1`], status: 422, reason: 'conflict' }, noon + each)),
      );
    }
    const seen: number[] = [];
    for (let after: string | undefined; ;) {
      const { letters: page, last } = await letters.list({ limit: 100, after });
      seen.push(...page.map(({ atMs }) => atMs - noon));
      if (last === undefined) break;
      after = last;
    }
    expect(seen).toEqual(Array.from({ length: 1_200 }, (_, index) => index));
  });

  it('fails every call where the bucket is gone, and takes none of it for an entry that is gone', async () => {
    const spool = createSpool(createS3Spool({ bucket: 'no-such-bucket', client: clientConfig() }));
    const calls = [spool.list(), spool.put(toLines(['m f=1 1']), noon), spool.read('waiting/x')];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'NoSuchBucket' } });
    }
  });

  it('tells an object that somebody cut short', async () => {
    const bucket = await makeBucket({ versioned: false });
    const spool = createSpool(createS3Spool({ bucket, client: clientConfig() }));
    await spool.put(toLines(['m f=1 1', 'm f=2 2']), noon);
    const [entry] = await spool.list();
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: entry?.key, Body: Buffer.from([0x1f, 0x8b, 8, 0]) }));
    await expect(spool.read(entry?.key ?? '')).rejects.toMatchObject({ name: 'DamagedEntry' });
  });
});
