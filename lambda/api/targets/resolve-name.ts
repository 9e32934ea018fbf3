import { createNameResolver } from '../../runtime/name-resolver.ts';

/** All addresses of a name, as the connections of the collector see them. Rejects when there is none. */
export async function resolveName(name: string): Promise<readonly string[]> {
  const found = await createNameResolver().resolve(name);
  return found.map(({ address }) => address);
}
