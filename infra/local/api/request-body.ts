import type { IncomingMessage } from 'node:http';
import { ReadableStream } from 'node:stream/web';

/** A request's body, which stays with its sender until somebody reads it. */
export interface WaitingBody {
  readonly stream: ReadableStream<Uint8Array>;
  /**
   * Reads and forgets what is left of it, so that the sender gets to see the answer. A sender of more than
   * `maxDroppedBytes` is cut off.
   */
  drop(): void;
}

/** Four times the largest body that is ever taken. */
const maxDroppedBytes = 16 * 1024 * 1024;

/**
 * Takes the body in as it is read, one chunk at a time.
 * @param request nobody else reads it
 * @param askFor called once, before the first read: a sender may wait until it is asked
 */
export function waitingBody(request: IncomingMessage, askFor: () => void): WaitingBody {
  let droppedBytes: number | undefined;
  let isAskedFor = false;
  request.pause();
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        request.on('data', (chunk: Buffer<ArrayBuffer>) => {
          if (droppedBytes === undefined) {
            controller.enqueue(chunk);
            request.pause();
            return;
          }
          droppedBytes += chunk.length;
          if (droppedBytes > maxDroppedBytes) request.destroy();
        });
        request.once('end', () => {
          if (droppedBytes === undefined) controller.close();
        });
        request.once('error', (error) => {
          controller.error(error);
        });
        request.once('close', () => {
          if (!request.complete) controller.error(new Error('the sender went away'));
        });
      },
      pull() {
        if (!isAskedFor) askFor();
        isAskedFor = true;
        request.resume();
      },
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    drop() {
      droppedBytes ??= 0;
      request.resume();
    },
  };
}
