import { prepareRequest } from '../../locust/fetch/report-request.ts';
import type { Target } from '../../targets/target.ts';
import type { TargetSecrets } from '../../runtime/secrets.ts';
import { maxSecretBytes } from '../../runtime/target-secrets.ts';
import { ProblemError } from '../http/problem.ts';
import type { TargetBody } from './target-body.ts';

/** What of a body goes into the table, and what does not. */
export interface SplitBody {
  readonly settings: Omit<Target, 'id' | 'createdAt' | 'updatedAt' | 'version' | 'owner' | 'secretsRef' | 'status'>;
  /** Undefined when the body has none. */
  readonly secrets: TargetSecrets | undefined;
}

/**
 * Parts a body's settings from its secrets.
 * @throws ProblemError 422 when they cannot be sent as a request, or are more than the store takes
 */
export function splitSecrets({ auth, headers, ...rest }: TargetBody): SplitBody {
  const sendable = rest.url === undefined ? undefined : prepareRequest({ url: rest.url, auth, headers });
  if (sendable?.ok === false) {
    const { message, field = 'headers' } = sendable;
    throw new ProblemError('invalid-request', message, { fields: [{ field, in: 'body', message }] });
  }
  const names = Object.keys(headers);
  requireOneAuthorization(auth, names);
  const secrets: TargetSecrets = { ...(auth && { auth }), ...(names.length > 0 && { headers }) };
  if (Buffer.byteLength(JSON.stringify(secrets)) > maxSecretBytes) {
    const message = `auth and headers take at most ${maxSecretBytes} bytes together`;
    throw new ProblemError('limit-reached', message, { fields: [{ field: 'headers', in: 'body', message }] });
  }
  return {
    settings: { ...rest, headers: names, auth: auth && withoutSecrets(auth) },
    secrets: auth === undefined && names.length === 0 ? undefined : secrets,
  };
}

function withoutSecrets(auth: NonNullable<TargetBody['auth']>): SplitBody['settings']['auth'] {
  if (auth.type === 'basic') return { type: auth.type, username: auth.username };
  if (auth.type === 'bearer') return { type: auth.type };
  return { type: auth.type, url: auth.url, fields: Object.keys(auth.fields) };
}

/** Of two, the one in `auth` would be sent, and the other forgotten in silence. */
function requireOneAuthorization(auth: TargetBody['auth'], names: readonly string[]): void {
  const header = names.find((name) => name.toLowerCase() === 'authorization');
  if (auth === undefined || auth.type === 'form' || header === undefined) return;
  const message = `auth sets the header ${header} already; give one of the two`;
  const field = `headers.${header}`;
  throw new ProblemError('invalid-request', `${field}: ${message}`, { fields: [{ field, in: 'body', message }] });
}
