import type * as S3 from '@aws-sdk/client-s3';
import { awsLimits } from '../../runtime/aws-limits.ts';
import type { SpoolStore } from './spool-store.ts';

export interface S3SpoolOptions {
  readonly bucket: string;
  /** Beyond what the SDK finds in its environment: an endpoint of a test, say. */
  readonly client?: S3.S3ClientConfig;
}

interface OpenBucket {
  readonly sdk: typeof S3;
  readonly client: S3.S3Client;
}

/**
 * Keeps objects in a bucket of S3. The SDK's client is loaded with the first use, because a collector whose InfluxDB
 * answers does not need it and starts sooner without.
 */
export function createS3Spool({ bucket: Bucket, client: config }: S3SpoolOptions): SpoolStore {
  let loading: Promise<OpenBucket> | undefined;
  const open = (): Promise<OpenBucket> => {
    loading ??= load(config).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  return {
    async put(Key, Body) {
      const { sdk, client } = await open();
      await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/gzip' }));
    },
    async list({ prefix, limit: MaxKeys, after: StartAfter }) {
      const { sdk, client } = await open();
      const query = { Bucket, Prefix: `${prefix}/`, MaxKeys, ...(StartAfter !== undefined && { StartAfter }) };
      const page = await client.send(new sdk.ListObjectsV2Command(query));
      const objects = (page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, sizeBytes: Size }));
      return { objects, isComplete: page.IsTruncated !== true };
    },
    get: async (Key) => readObject(await open(), { Bucket, Key }),
    async remove(Key) {
      const { sdk, client } = await open();
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
    },
  };
}

async function readObject({ sdk, client }: OpenBucket, place: S3.GetObjectCommandInput): Promise<Buffer | undefined> {
  try {
    const { Body } = await client.send(new sdk.GetObjectCommand(place));
    return Body === undefined ? undefined : Buffer.from(await Body.transformToByteArray());
  } catch (error) {
    if (error instanceof sdk.NoSuchKey) return undefined;
    throw error;
  }
}

async function load(config: S3.S3ClientConfig = {}): Promise<OpenBucket> {
  const sdk = await import('@aws-sdk/client-s3');
  // The request's time ends with an answer's first bytes; its last ones may never come.
  const requestHandler = { ...awsLimits, socketTimeout: awsLimits.requestTimeout };
  return { sdk, client: new sdk.S3Client({ maxAttempts: 2, requestHandler, ...config }) };
}
