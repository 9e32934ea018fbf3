import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SQSClient } from '@aws-sdk/client-sqs';

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
}

/** What SQS does with batches, on loopback; what else it is asked for is refused. */
export interface QueueServer {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** The entries of each batch, in order. */
  readonly batches: readonly (readonly Entry[])[];
  /** How many entries of each batch to come are refused, the last ones. */
  refuse(entries: number): void;
  close(): Promise<void>;
}

/** SQS's own limit of a batch. */
const maxEntries = 10;

export async function startQueueServer(): Promise<QueueServer> {
  const batches: Entry[][] = [];
  let refused = 0;
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void readEntries(request).then((entries) => {
      const isBatch = request.headers['x-amz-target'] === 'AmazonSQS.SendMessageBatch';
      if (isBatch) batches.push(entries);
      const fits = isBatch && entries.length > 0 && entries.length <= maxEntries;
      const answer = fits ? taken(entries, refused) : { __type: 'com.amazonaws.sqs#TooManyEntriesInBatchRequest' };
      response.writeHead(fits ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SQSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  return {
    client,
    queueUrl: `${endpoint}/000000000000/looks`,
    batches,
    refuse(entries) {
      refused = entries;
    },
    async close() {
      client.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readEntries(request: IncomingMessage): Promise<Entry[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { Entries: entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries?: Entry[] };
  return entries ?? [];
}

function taken(entries: readonly Entry[], refused: number): object {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const good = entries.slice(0, entries.length - refused);
  return {
    Successful: good.map(({ Id, MessageBody }) => ({ Id, MessageId: Id, MD5OfMessageBody: md5(MessageBody) })),
    Failed: entries.slice(good.length).map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false })),
  };
}
