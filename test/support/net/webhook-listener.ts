import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Takes what it is told, and answers as set. */
export interface WebhookListener {
  readonly url: URL;
  readonly bodies: string[];
  answers: (body: string, index: number) => number | 'nothing';
  close(): Promise<void>;
}

/** Starts one on a free port, whose path and query are a secret. */
export async function startWebhookListener(): Promise<WebhookListener> {
  const bodies: string[] = [];
  const listening: Omit<WebhookListener, 'url'> = {
    bodies,
    answers: () => 204,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (data: Buffer) => (body += data.toString()));
    request.on('end', () => {
      const answer = listening.answers(body, bodies.length);
      bodies.push(body);
      if (answer !== 'nothing') response.writeHead(answer, { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(listening, { url: new URL(`http://127.0.0.1:${port}/s3cret?sig=s3cret`) });
}
