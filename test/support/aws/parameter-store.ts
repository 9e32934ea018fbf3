import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSMClient } from '@aws-sdk/client-ssm';

/** What Parameter Store does, as far as secrets need it, on loopback; what else it is asked for is refused. */
export interface ParameterStore {
  readonly client: SSMClient;
  /** Values by name. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Every request by its action. */
  readonly requests: readonly { readonly action: string; readonly body: Readonly<Record<string, unknown>> }[];
  close(): Promise<void>;
}

const throttled = { status: 400, answer: { __type: 'ThrottlingException', message: 'Rate exceeded' } };

/** @param options.isThrottled whether the next request is too many. Its messages repeat the value that they refuse, as those of SSM may. */
export async function startParameterStore(
  options: { readonly isThrottled?: (body: Record<string, unknown>) => boolean; readonly maxAttempts?: number } = {},
): Promise<ParameterStore> {
  const parameters = new Map<string, string>();
  const requests: { action: string; body: Record<string, unknown> }[] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void readJson(request).then((body) => {
      const action = String(request.headers['x-amz-target']).replace('AmazonSSM.', '');
      requests.push({ action, body });
      const { status, answer } = options.isThrottled?.(body) ? throttled : answerTo(action, body, parameters);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new SSMClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: options.maxAttempts ?? 1,
  });
  return {
    client,
    parameters,
    requests,
    async close() {
      client.destroy();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
}

function answerTo(
  action: string,
  body: Readonly<Record<string, unknown>>,
  parameters: Map<string, string>,
): { status: number; answer: object } {
  if (action === 'GetParameters') return getParameters(body, parameters);
  const [name, value] = [String(body['Name']), String(body['Value'])];
  const refused = (type: string) => ({ status: 400, answer: { __type: type, message: `${name}: '${value}' failed` } });
  const isThere = parameters.has(name);
  if (action === 'PutParameter') {
    if (value.length > 4096) return refused('ValidationException');
    if (isThere && body['Overwrite'] !== true) return refused('ParameterAlreadyExists');
    parameters.set(name, value);
    return { status: 200, answer: { Version: 1 } };
  }
  if (!isThere) return refused('ParameterNotFound');
  if (action !== 'DeleteParameter') return refused('UnknownOperationException');
  parameters.delete(name);
  return { status: 200, answer: {} };
}

function getParameters(
  body: Readonly<Record<string, unknown>>,
  parameters: ReadonlyMap<string, string>,
): { status: number; answer: object } {
  const names = body['Names'] as readonly string[];
  if (names.length > 10 || new Set(names).size < names.length) {
    return { status: 400, answer: { __type: 'ValidationException', message: names.join() } };
  }
  const found = names.filter((name) => parameters.has(name));
  return {
    status: 200,
    answer: {
      Parameters: found.map((Name) => ({ Name, Value: parameters.get(Name) })),
      InvalidParameters: names.filter((name) => !parameters.has(name)),
    },
  };
}
