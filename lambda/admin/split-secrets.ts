import { prepareRequest } from '../locust/report-request.ts';
import type { Target } from '../registry/target.ts';
import type { TargetSecrets } from '../runtime/secrets.ts';
import { maxSecretBytes } from '../runtime/target-secrets.ts';
import { ProblemError } from './problem.ts';
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
    const fields = [{ field: 'headers', in: 'body' as const, message: sendable.message }];
    throw new ProblemError('invalid-request', sendable.message, { fields });
  }
  const names = Object.keys(headers);
  const secrets: TargetSecrets = { ...(auth && { auth }), ...(names.length > 0 && { headers }) };
  if (Buffer.byteLength(JSON.stringify(secrets)) > maxSecretBytes) {
    const message = `auth and headers take at most ${maxSecretBytes} bytes together`;
    throw new ProblemError('limit-reached', message, { fields: [{ field: 'headers', in: 'body', message }] });
  }
  const shownAuth = auth?.type === 'basic' ? { type: auth.type, username: auth.username } : auth && { type: auth.type };
  return {
    settings: { ...rest, headers: names, auth: shownAuth },
    secrets: auth === undefined && names.length === 0 ? undefined : secrets,
  };
}
