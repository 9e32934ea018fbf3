import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { startInfluxListener } from './influx-listener.ts';
import type { InfluxRequest } from './influx-listener.ts';

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
  /** For how long the bucket keeps points, s; 0 for ever. */
  readonly retentionSeconds: number;
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
  let retentionSeconds = 0;
  let failing = { times: 0, status: 503 };

  const signIn = (request: InfluxRequest): Answer => {
    const expected = Buffer.from(`${influx2.username}:${influx2.password}`).toString('base64');
    if (request.headers.authorization !== `Basic ${expected}`) return refused;
    const session = randomBytes(16).toString('hex');
    sessions.add(session);
    return { status: 204, cookie: `influxdb-oss-session=${session}; Path=/api/; HttpOnly; SameSite=Strict` };
  };

  const write = ({ headers, query, lines }: InfluxRequest): Answer => {
    const token = /^Token (.+)$/.exec(headers.authorization ?? '')?.[1];
    const found = authorizations.find((each) => each.token === token);
    if (found === undefined) return refused;
    const { org, bucket } = influx2;
    if (query['org'] !== org || query['bucket'] !== bucket) return { status: 404 };
    const hasPoints = lines.some((line) => line !== '' && !line.startsWith('#'));
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

  const inSession = ({ method, path: pathname, query, body }: InfluxRequest): Answer => {
    if (method === 'POST' && pathname === '/api/v2/signout') return { status: 204 };
    if (method === 'GET' && pathname === '/api/v2/buckets') {
      const { name, org } = query;
      if (org !== influx2.org) return { status: 404, body: { code: 'not found' } };
      const bucket = { id: ids.bucket, orgID: ids.orgID, name: influx2.bucket };
      return { status: 200, body: { buckets: name === influx2.bucket ? [bucket] : [] } };
    }
    if (method === 'PATCH' && pathname === `/api/v2/buckets/${ids.bucket}`) {
      const { retentionRules } = JSON.parse(body) as { retentionRules: [{ type: 'expire'; everySeconds: number }] };
      retentionSeconds = retentionRules[0].everySeconds;
      return { status: 200, body: { id: ids.bucket, name: influx2.bucket, retentionRules } };
    }
    if (pathname === '/api/v2/authorizations') {
      return method === 'POST' ? create(body) : { status: 200, body: { authorizations } };
    }
    const id = /^\/api\/v2\/authorizations\/(\w+)$/.exec(pathname)?.[1];
    if (method !== 'DELETE' || id === undefined) return { status: 404 };
    authorizations = authorizations.filter((each) => each.id !== id);
    return { status: 204 };
  };

  const answer = (request: InfluxRequest): Answer => {
    const { method, path } = request;
    if (failing.times > 0) {
      failing = { ...failing, times: failing.times - 1 };
      return { status: failing.status };
    }
    if (method === 'POST' && path === '/api/v2/signin') return signIn(request);
    if (method === 'POST' && path === '/api/v2/write') return write(request);
    const session = /influxdb-oss-session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    return sessions.has(session) ? inSession(request) : refused;
  };

  const respond = (response: ServerResponse, { status, body, cookie }: Answer): void => {
    response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      ...(cookie !== undefined && { 'set-cookie': cookie }),
    });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };

  const listener = await startInfluxListener((request, response) => {
    const answered = answer(request);
    asked.push(`${request.method} ${request.path} ${answered.status}`);
    respond(response, answered);
  });
  return {
    url: listener.url,
    get authorizations() {
      return authorizations;
    },
    get retentionSeconds() {
      return retentionSeconds;
    },
    asked,
    failNext(times, status) {
      failing = { times, status };
    },
    deleteAllTokens() {
      authorizations = [];
    },
    close: () => listener.stop(),
  };
}

const refused: Answer = { status: 401, body: { code: 'unauthorized', message: 'unauthorized access' } };
