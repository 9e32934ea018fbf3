import * as z from 'zod';

/** A request that InfluxDB refused or did not answer. Its message shows neither password nor token. */
export class InfluxSetupError extends Error {
  override readonly name = 'InfluxSetupError';
  /** The HTTP status; undefined when no answer came. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface SignIn {
  readonly username: string;
  readonly password: string;
}

/** One bucket, as InfluxDB's API knows it. */
export interface BucketIds {
  readonly id: string;
  readonly orgID: string;
}

/** InfluxDB's API for somebody who has signed in. All of it rejects with InfluxSetupError. */
export interface InfluxSession {
  /** Rejects when there is no such bucket. */
  findBucket(org: string, bucket: string): Promise<BucketIds>;
  /** Ids of the organisation's tokens with this description. */
  tokensDescribed(description: string, orgID: string): Promise<readonly string[]>;
  /** Makes a token that may write one bucket and do nothing else. */
  createWriteToken(description: string, bucket: BucketIds): Promise<{ readonly id: string; readonly token: string }>;
  deleteToken(id: string): Promise<void>;
  /** Has a bucket keep its points for so many seconds, 0 for ever. What is older then goes. */
  keepFor(bucketId: string, seconds: number): Promise<void>;
  signOut(): Promise<void>;
}

const answerTimeoutMs = 10_000;
const buckets = z.object({ buckets: z.array(z.object({ id: z.string(), orgID: z.string(), name: z.string() })) });
const authorization = z.object({ id: z.string(), token: z.string().min(1) });
const authorizations = z.object({
  authorizations: z.array(z.object({ id: z.string(), description: z.string().optional() })),
});

/** Signs in to an InfluxDB 2. @param url without a slash at its end. @throws InfluxSetupError */
export async function signIn(url: string, { username, password }: SignIn): Promise<InfluxSession> {
  const basic = Buffer.from(`${username}:${password}`).toString('base64');
  const answer = await ask(`${url}/api/v2/signin`, { method: 'POST', headers: { authorization: `Basic ${basic}` } });
  const cookie = answer.headers.getSetCookie().map((text) => text.split(';')[0]);
  if (cookie.length === 0) throw new InfluxSetupError('POST /api/v2/signin gave no session');
  const call = async (method: string, path: string, body?: object): Promise<unknown> => {
    const headers = { cookie: cookie.join('; '), ...(body !== undefined && { 'content-type': 'application/json' }) };
    const text = await (
      await ask(url + path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
    ).text();
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    async findBucket(org, bucket) {
      const query = new URLSearchParams({ org, name: bucket });
      const found = buckets.parse(await call('GET', `/api/v2/buckets?${query.toString()}`));
      const match = found.buckets.find(({ name }) => name === bucket);
      if (match === undefined) throw new InfluxSetupError(`there is no bucket ${bucket} in ${org}`, 404);
      return match;
    },
    async tokensDescribed(description, orgID) {
      const found = authorizations.parse(await call('GET', `/api/v2/authorizations?orgID=${orgID}`));
      return found.authorizations.filter((each) => each.description === description).map(({ id }) => id);
    },
    async createWriteToken(description, { id, orgID }) {
      const permissions = [{ action: 'write', resource: { type: 'buckets', id, orgID } }];
      return authorization.parse(await call('POST', '/api/v2/authorizations', { orgID, description, permissions }));
    },
    async deleteToken(id) {
      await call('DELETE', `/api/v2/authorizations/${id}`);
    },
    async keepFor(bucketId, everySeconds) {
      const retentionRules = [{ type: 'expire', everySeconds }];
      await call('PATCH', `/api/v2/buckets/${bucketId}`, { retentionRules });
    },
    async signOut() {
      await call('POST', '/api/v2/signout');
    },
  };
}

/** Whether a token may write a bucket, by writing nothing: a comment line. @throws InfluxSetupError */
export async function tryToWrite(
  influx: { readonly url: string; readonly org: string; readonly bucket: string },
  token: string,
): Promise<boolean> {
  const query = new URLSearchParams({ org: influx.org, bucket: influx.bucket, precision: 'ms' });
  const headers = { authorization: `Token ${token}`, 'content-type': 'text/plain; charset=utf-8' };
  try {
    await ask(`${influx.url}/api/v2/write?${query.toString()}`, { method: 'POST', headers, body: '# nothing' });
    return true;
  } catch (error) {
    const status = error instanceof InfluxSetupError ? error.status : undefined;
    // 400 says that there is no point in it, which InfluxDB looks for after the token.
    if (status === 400) return true;
    if (status === 401 || status === 403 || status === 404) return false;
    throw error;
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const what = `${init.method ?? 'GET'} ${new URL(url).pathname}`;
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerTimeoutMs) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new InfluxSetupError(`${what} was not answered: ${cause}`);
  }
  if (answer.ok) return answer;
  await answer.body?.cancel();
  throw new InfluxSetupError(`${what} was answered with ${answer.status}`, answer.status);
}
