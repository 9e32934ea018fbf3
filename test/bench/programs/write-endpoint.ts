import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { answerCalls } from './answer-calls.ts';

export interface WriteEndpointCalls {
  /** Starts an endpoint that takes everything. @returns its URL */
  start(input: undefined): Promise<string>;
  /** The texts that came to `/api/v2/write` since the last time. */
  takeWrites(input: undefined): readonly string[];
}

let writes: string[] = [];

answerCalls<WriteEndpointCalls>({
  async start() {
    const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
      void buffer(request).then((body) => {
        // Small ones come as they are.
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
        if (request.url?.startsWith('/api/v2/write')) writes.push(text.toString());
        response.writeHead(204).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  takeWrites() {
    const taken = writes;
    writes = [];
    return taken;
  },
});
