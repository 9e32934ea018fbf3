import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../../runtime/clock.ts';

/** SQS delays by whole seconds; by then every index shows the edit. */
const delaySeconds = 1;
/** Edits of this time are seen by one poll. */
const sharedMs = 500;
/** SQS takes so many messages in one request. */
const maxMessagesPerRequest = 10;

/**
 * Asks for an idle poll of every shard through the collector's queue, a second from now: which shard has a target is
 * known to DynamoDB alone. While one is asked for, edits of the next half second ask for no other.
 * @returns rejects when the queue does not take all of them
 */
export function createCollectorWake(options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly shards: number;
  readonly clock: Pick<Clock, 'now'>;
}): () => Promise<void> {
  const { clock } = options;
  let last: { readonly atMs: number; readonly sent: Promise<void> } | undefined;
  return async () => {
    const nowMs = clock.now();
    const isShared = last !== undefined && nowMs >= last.atMs && nowMs < last.atMs + sharedMs;
    if (!isShared || last === undefined) {
      const sent = send(options, nowMs);
      const asked = { atMs: nowMs, sent };
      last = asked;
      sent.catch(() => {
        // The next edit asks again.
        if (last === asked) last = undefined;
      });
    }
    await last.sent;
  };
}

async function send(
  { client, queueUrl, shards }: { readonly client: SQSClient; readonly queueUrl: string; readonly shards: number },
  nowMs: number,
): Promise<void> {
  const from = new Date(nowMs + delaySeconds * 1000).toISOString();
  for (let first = 0; first < shards; first += maxMessagesPerRequest) {
    const count = Math.min(maxMessagesPerRequest, shards - first);
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Array.from({ length: count }, (_, index) => ({
          Id: String(index),
          // Without a scheduled time: no window asks for it.
          MessageBody: JSON.stringify({ from, shard: first + index, shards }),
          DelaySeconds: delaySeconds,
        })),
      }),
    );
    const failed = answer.Failed ?? [];
    if (failed.length > 0) throw new Error(`the queue refused ${failed.length} of ${count} idle polls`);
  }
}
