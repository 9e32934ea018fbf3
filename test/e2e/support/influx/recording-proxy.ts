import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One answer of `/stats/requests` that went through. */
export interface Recorded {
  readonly askedAtMs: number;
  readonly body: string;
  /** No other answer has the same. */
  readonly sizeBytes: number;
}

/**
 * Stands before a Locust and keeps every report that the collector got. To each answer it adds as many spaces as it takes to give
 * it a size of its own: the size that is stored of a sample tells which answer that was, however late it came.
 */
export interface RecordingProxy {
  readonly url: string;
  readonly recorded: readonly Recorded[];
  stop(): Promise<void>;
}

export async function startRecordingProxy(upstreamUrl: string): Promise<RecordingProxy> {
  const recorded: Recorded[] = [];
  const sizes = new Set<number>();
  const server = createServer((request, response) => {
    const askedAtMs = Date.now();
    const pass = async (): Promise<void> => {
      const answer = await fetch(`${upstreamUrl}${request.url ?? ''}`);
      let body = await answer.text();
      let sizeBytes = Buffer.byteLength(body);
      for (; sizes.has(sizeBytes); sizeBytes += 1) body += ' ';
      sizes.add(sizeBytes);
      if (request.url === '/stats/requests') recorded.push({ askedAtMs, body, sizeBytes });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
    };
    pass().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
