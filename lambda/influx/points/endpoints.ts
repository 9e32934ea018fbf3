import { markedTag, normalTag } from './normal-form.ts';

/** The name of the one point that holds the sums of everything beyond a limit. */
export const otherName = '(other)';

/** The tags under which an endpoint is stored, in their normal form. */
interface StoredEndpoint {
  readonly method: string;
  readonly name: string;
}

/** Gives the tags of an endpoint: the same object each time it is asked. */
export type EndpointNaming = (method: string, name: string) => StoredEndpoint;

/**
 * Tags for the endpoints of one report, so that no point overwrites another: where two different endpoints have the
 * same normal form, the one asked for later gets `~` and a short hash at the end of its name.
 * `(other)` without a method is taken from the start.
 */
export function createEndpointNaming(): EndpointNaming {
  const storedByMethod = new Map<string, Map<string, StoredEndpoint>>();
  const takenByMethod = new Map([['', new Set([otherName])]]);
  const store = (rawMethod: string, rawName: string): StoredEndpoint => {
    const method = normalTag(rawMethod);
    const taken = getOrAdd(takenByMethod, method, () => new Set());
    let name = normalTag(rawName);
    // A marked name may, in theory, be somebody's own: hence the loop.
    for (let attempt = 1; taken.has(name); attempt += 1) {
      name = markedTag(rawName, JSON.stringify([rawMethod, rawName, attempt]));
    }
    taken.add(name);
    return { method, name };
  };
  return (method, name) => {
    const storedByName = getOrAdd(storedByMethod, method, () => new Map<string, StoredEndpoint>());
    return getOrAdd(storedByName, name, () => store(method, name));
  };
}

/** The first row of each key, in the given order. */
export function firstOfEach<Row>(rows: readonly Row[], keyOf: (row: Row) => unknown): readonly Row[] {
  const seen = new Set<unknown>();
  return rows.filter((row) => {
    const key = keyOf(row);
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
}

/** The `max` largest rows, the first of equals, and the rest. */
export function largest<Row>(
  rows: readonly Row[],
  max: number,
  sizeOf: (row: Row) => number,
): { readonly kept: readonly Row[]; readonly rest: readonly Row[] } {
  if (rows.length <= max) return { kept: rows, rest: [] };
  const sorted = rows.toSorted((one, other) => sizeOf(other) - sizeOf(one));
  return { kept: sorted.slice(0, max), rest: sorted.slice(max) };
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
