import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { withResolvers } from '../../../../lambda/runtime/with-resolvers.ts';

/** One execution environment's side of AWS Lambda: hands out invocations and takes their results. */
export interface RuntimeApi {
  /** Resolves when the function's code is loaded and asks for work; rejects when it failed to load. */
  readonly ready: Promise<void>;
  /** Invokes the function and gives its result. Rejects with its error. */
  invoke(event: unknown, timeoutSeconds: number): Promise<unknown>;
  stop(): Promise<void>;
}

interface Invocation {
  readonly id: string;
  readonly body: string;
  readonly timeoutSeconds: number;
  readonly settle: (result: { readonly ok: boolean; readonly body: string }) => void;
}

const runtime = '/2018-06-01/runtime';

/** Starts Lambda's Runtime API on a port of loopback, as AWS documents it for custom runtimes. */
export async function startRuntimeApi(port: number): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const underWay = new Map<string, Invocation>();
  const loaded = withResolvers<undefined>();
  loaded.promise.catch(() => undefined);
  let asking: ServerResponse | undefined;
  let count = 0;

  const handOut = (): void => {
    const next = asking === undefined ? undefined : waiting.shift();
    if (next === undefined || asking === undefined) return;
    underWay.set(next.id, next);
    asking.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': next.id,
      'lambda-runtime-deadline-ms': String(Date.now() + next.timeoutSeconds * 1000),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:123456789012:function:proof:live',
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    });
    asking.end(next.body);
    asking = undefined;
  };

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === `${runtime}/invocation/next`) {
      loaded.resolve(undefined);
      asking = response;
      handOut();
      return;
    }
    void text(request).then((body) => {
      const [, id = '', what] = /\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
      if (path === `${runtime}/init/error`) loaded.reject(new Error(body));
      underWay.get(id)?.settle({ ok: what === 'response', body });
      underWay.delete(id);
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
    });
  });
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    ready: loaded.promise,
    invoke(event, timeoutSeconds) {
      const { promise, resolve, reject } = withResolvers<unknown>();
      count += 1;
      const id = `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
      const tooLong = setTimeout(() => {
        reject(new Error(`the function did not end within ${timeoutSeconds} s`));
      }, timeoutSeconds * 1000);
      waiting.push({
        id,
        body: JSON.stringify(event),
        timeoutSeconds,
        settle({ ok, body }) {
          clearTimeout(tooLong);
          if (ok) resolve(JSON.parse(body));
          else reject(new Error(body));
        },
      });
      handOut();
      return promise;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
