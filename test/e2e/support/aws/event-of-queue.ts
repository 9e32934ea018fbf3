import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { expect, vi } from 'vitest';

/** The event with which Lambda hands out the only message of a queue, once it may be received. */
export async function eventOfQueue(client: SQSClient, queueUrl: string): Promise<object> {
  const messages = await vi.waitFor(async () => {
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 });
    const { Messages: received = [] } = await client.send(receive);
    expect(received).toHaveLength(1);
    return received;
  }, 120_000);
  return { Records: messages.map(({ Body: body }) => ({ body })) };
}
