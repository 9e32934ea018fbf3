import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { createS3Spool } from '../../../lambda/influx/spool/s3-spool.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';

/** How it fails: with a status, with no answer at all, or with an answer whose last bytes never come. */
type Failing = number | 'hangs' | 'stalls';

/** A real server on 127.0.0.1 that keeps objects as S3 does, as far as the spool needs it; it throws on anything else. */
export interface S3Server {
  /** What is kept, by key. */
  readonly objects: Map<string, Buffer>;
  /** `PUT waiting/…`, in order. */
  readonly requests: readonly string[];
  /** From now on every request fails like this; undefined ends that. */
  fail(how: Failing | undefined): void;
  /** Opens the bucket through the AWS SDK, without a time limit: what works is never too late. */
  store(): SpoolStore;
  /** Opens it with the time limits of the product, for a bucket that hangs. */
  limitedStore(): SpoolStore;
  close(): Promise<void>;
}

const bucket = 'spool-of-a-test';
const codes: Readonly<Record<number, string>> = { 403: 'AccessDenied', 404: 'NoSuchBucket', 503: 'SlowDown' };

export async function startS3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  let failing: Failing | undefined;
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void buffer(request).then((body) => {
      const url = new URL(request.url ?? '', 'http://localhost');
      const key = decodeURIComponent(url.pathname.slice(`/${bucket}/`.length));
      requests.push(`${request.method} ${key === '' ? (url.searchParams.get('prefix') ?? '') : key}`);
      if (failing === 'hangs') return;
      if (failing === 'stalls') response.writeHead(200, { 'content-length': '100' }).write('<');
      else if (failing !== undefined) sendError(response, failing, codes[failing] ?? 'InternalError');
      else if (key === '') sendList(response, objects, url.searchParams);
      else answerObject({ request, response, key, body }, objects);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = { endpoint, credentials, region: 'us-east-1', forcePathStyle: true };
  return {
    objects,
    requests,
    fail: (how) => (failing = how),
    store: () => createS3Spool({ bucket, client: { ...client, requestHandler: {} } }),
    limitedStore: () => createS3Spool({ bucket, client }),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function answerObject(
  { request, response, key, body }: { request: IncomingMessage; response: ServerResponse; key: string; body: Buffer },
  objects: Map<string, Buffer>,
): void {
  if (request.method === 'PUT') {
    if (request.headers['content-encoding'] === 'aws-chunked') throw new Error('this server takes whole bodies only');
    objects.set(key, body);
    response.writeHead(200, { etag: '"x"' }).end();
  } else if (request.method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else if (request.method === 'GET') {
    const object = objects.get(key);
    if (object === undefined) sendError(response, 404, 'NoSuchKey');
    else response.writeHead(200, { 'content-type': 'application/gzip' }).end(object);
  } else throw new Error(`this server knows no ${request.method}`);
}

function sendList(response: ServerResponse, objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): void {
  const [prefix, after] = [query.get('prefix') ?? '', query.get('start-after') ?? ''];
  const max = Math.min(1000, Number(query.get('max-keys') ?? 1000));
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const contents = keys
    .slice(0, max)
    .map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length ?? 0}</Size></Contents>`);
  const isTruncated = keys.length > max;
  response.writeHead(200, { 'content-type': 'application/xml' });
  response.end(
    `<?xml version="1.0"?><ListBucketResult><Name>${bucket}</Name><KeyCount>${contents.length}</KeyCount>` +
      `<IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}</ListBucketResult>`,
  );
}

function sendError(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as the test says</Message></Error>`);
}
