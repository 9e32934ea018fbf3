import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Authorization {
  readonly id: string;
  readonly token: string;
  readonly description: string;
  readonly permissions: readonly unknown[];
}

/** A server that answers for users, buckets and tokens as InfluxDB 2.7 does, with one organisation and one bucket. */
export interface Influx2Server {
  readonly url: string;
  /** The tokens that there are. */
  readonly authorizations: readonly Authorization[];
  /** Requests so far, as `POST /api/v2/signin 204`. */
  readonly asked: readonly string[];
  /** Answers the next requests so, as an instance that is still starting does. */
  failNext(times: number, status: number): void;
  /** What somebody does in InfluxDB's page. */
  deleteAllTokens(): void;
  close(): Promise<void>;
}

export const influx2 = { org: 'load-tests', bucket: 'locust', username: 'admin', password: 'first-password' } as const;
const ids = { orgID: '0a0a0a0a0a0a0a0a', bucket: '0b0b0b0b0b0b0b0b' };

interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly cookie?: string;
}

export async function startInflux2Server(): Promise<Influx2Server> {
  const sessions = new Set<string>();
  const asked: string[] = [];
  let authorizations: Authorization[] = [];
  let failing = { times: 0, status: 503 };

  const signIn = (request: IncomingMessage): Answer => {
    const expected = Buffer.from(`${influx2.username}:${influx2.password}`).toString('base64');
    if (request.headers.authorization !== `Basic ${expected}`) return refused;
    const session = randomBytes(16).toString('hex');
    sessions.add(session);
    return { status: 204, cookie: `influxdb-oss-session=${session}; Path=/api/; HttpOnly; SameSite=Strict` };
  };

  const write = (request: IncomingMessage, url: URL, body: string): Answer => {
    const token = /^Token (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const found = authorizations.find((each) => each.token === token);
    if (found === undefined) return refused;
    const { org, bucket } = influx2;
    if (url.searchParams.get('org') !== org || url.searchParams.get('bucket') !== bucket) return { status: 404 };
    const hasPoints = body.split('\n').some((line) => line !== '' && !line.startsWith('#'));
    return hasPoints ? { status: 204 } : { status: 400, body: { code: 'invalid', message: 'writing requires points' } };
  };

  const create = (body: string): Answer => {
    const { description, permissions } = JSON.parse(body) as Pick<Authorization, 'description' | 'permissions'>;
    const made = {
      id: randomBytes(8).toString('hex'),
      token: randomBytes(32).toString('base64url'),
      description,
      permissions,
    };
    authorizations = [...authorizations, made];
    return { status: 201, body: { ...made, orgID: ids.orgID, status: 'active' } };
  };

  const inSession = (method: string, url: URL, body: string): Answer => {
    const { pathname } = url;
    if (method === 'POST' && pathname === '/api/v2/signout') return { status: 204 };
    if (method === 'GET' && pathname === '/api/v2/buckets') {
      const { name, org } = Object.fromEntries(url.searchParams);
      if (org !== influx2.org) return { status: 404, body: { code: 'not found' } };
      const bucket = { id: ids.bucket, orgID: ids.orgID, name: influx2.bucket };
      return { status: 200, body: { buckets: name === influx2.bucket ? [bucket] : [] } };
    }
    if (pathname === '/api/v2/authorizations') {
      return method === 'POST' ? create(body) : { status: 200, body: { authorizations } };
    }
    const id = /^\/api\/v2\/authorizations\/(\w+)$/.exec(pathname)?.[1];
    if (method !== 'DELETE' || id === undefined) return { status: 404 };
    authorizations = authorizations.filter((each) => each.id !== id);
    return { status: 204 };
  };

  const answer = (request: IncomingMessage, body: string): Answer => {
    const { method = '' } = request;
    const url = new URL(request.url ?? '', 'http://influx');
    if (failing.times > 0) {
      failing = { ...failing, times: failing.times - 1 };
      return { status: failing.status };
    }
    if (method === 'POST' && url.pathname === '/api/v2/signin') return signIn(request);
    if (method === 'POST' && url.pathname === '/api/v2/write') return write(request, url, body);
    const session = /influxdb-oss-session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    return sessions.has(session) ? inSession(method, url, body) : refused;
  };

  const respond = (response: ServerResponse, { status, body, cookie }: Answer): void => {
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void text(request).then((body) => {
      const answered = answer(request, body);
      asked.push(`${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')} ${answered.status}`);
      respond(response, answered);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get authorizations() {
      return authorizations;
    },
    asked,
    failNext(times, status) {
      failing = { times, status };
    },
    deleteAllTokens() {
      authorizations = [];
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const refused: Answer = { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } };
