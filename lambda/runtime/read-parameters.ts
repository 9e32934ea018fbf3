import { GetParametersCommand } from '@aws-sdk/client-ssm';
import type { SSMClient } from '@aws-sdk/client-ssm';
import pLimit from 'p-limit';

/** Parameter Store takes so many names in one request. */
const maxNames = 10;
/** It answers 40 requests a second, of the whole account. Four at once are about half of that. */
const maxRequestsAtOnce = 4;

/** The value of a SecureString, decrypted; undefined when there is none of that name. Rejects when the store does. */
export type ReadParameter = (name: string) => Promise<string | undefined>;

interface Waiting {
  readonly resolve: (value: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Names that are asked for together are read together, ten in one request: a thousand targets make a hundred. */
export function createParameterReader(client: SSMClient): ReadParameter {
  const limit = pLimit(maxRequestsAtOnce);
  let waiting = new Map<string, Waiting[]>();

  const readAll = (): void => {
    const batch = [...waiting];
    waiting = new Map();
    for (let first = 0; first < batch.length; first += maxNames) {
      const asked = new Map(batch.slice(first, first + maxNames));
      void limit(() => readTogether(client, asked));
    }
  };

  return (name) =>
    new Promise((resolve, reject) => {
      // Once for all that ask in the same turn of the event loop.
      if (waiting.size === 0) setImmediate(readAll);
      waiting.set(name, [...(waiting.get(name) ?? []), { resolve, reject }]);
    });
}

async function readTogether(client: SSMClient, asked: ReadonlyMap<string, readonly Waiting[]>): Promise<void> {
  try {
    const command = new GetParametersCommand({ Names: [...asked.keys()], WithDecryption: true });
    const { Parameters = [] } = await client.send(command);
    const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
    for (const [name, all] of asked) for (const { resolve } of all) resolve(values.get(name));
  } catch (error) {
    for (const all of asked.values()) for (const { reject } of all) reject(error);
  }
}
