import { lookup } from 'node:dns/promises';

/** All addresses of a name, as the connections of the collector see them. Rejects when there is none. */
export async function resolveName(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address }) => address);
}
