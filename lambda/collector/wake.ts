import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Clock } from '../runtime/clock.ts';

/** A later poll of a window's idle targets: the input of the invocation that it asks for. */
export interface IdlePoll {
  /** When the window began that asked, ISO 8601. */
  readonly scheduledTime: string;
  /** The instant of the poll, ISO 8601. */
  readonly from: string;
  readonly shard: number;
  readonly shards: number;
}

/** Asks that the collector be invoked again at the instants of these polls. Rejects when that cannot be promised. */
export interface Wake {
  request(polls: readonly IdlePoll[]): Promise<void>;
}

/** SQS takes so many messages in one request. */
const maxMessagesPerRequest = 10;

/** Wakes through delayed messages of a queue that invokes the collector. */
export function createQueueWake(options: { client: SQSClient; queueUrl: string; clock: Clock }): Wake {
  const { client, queueUrl, clock } = options;
  return {
    async request(polls) {
      for (let first = 0; first < polls.length; first += maxMessagesPerRequest) {
        const batch = polls.slice(first, first + maxMessagesPerRequest);
        const answer = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((poll, index) => ({
              Id: String(index),
              MessageBody: JSON.stringify(poll),
              // Rounded up: a poll that comes early would sleep, and sleep is billed.
              DelaySeconds: Math.max(0, Math.ceil((Date.parse(poll.from) - clock.now()) / 1000)),
            })),
          }),
        );
        const failed = answer.Failed ?? [];
        if (failed.length > 0) {
          throw new Error(
            `the queue refused ${failed.length} of ${batch.length} idle polls: ${failed[0]?.Code ?? 'unknown'}`,
          );
        }
      }
    },
  };
}

/** Where nothing can wake the collector but its schedule. */
export const noWake: Wake = { request: () => Promise.resolve() };
