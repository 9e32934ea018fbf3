import { isDeepStrictEqual } from 'node:util';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { watchedIndex } from '../runtime/table-keys.ts';
import { storedTarget } from './target.ts';
import type { Target } from './target.ts';
import { invalidItemProblem } from './unfinished-removal.ts';

/** An item of the table that is no valid target: reported and left alone. */
export interface InvalidItem {
  readonly id: string;
  readonly problem: string;
}

export interface ReadTargets {
  readonly targets: readonly Target[];
  readonly invalid: readonly InvalidItem[];
}

/** Which part of the targets one collector has: segment `shard` of `shards`. */
export interface Share {
  readonly shard: number;
  readonly shards: number;
}

type Item = Readonly<Record<string, unknown>>;
type Outcome = { readonly target: Target } | { readonly invalid: InvalidItem };

interface KnownItem {
  readonly item: Item;
  readonly outcome: Outcome;
}

/**
 * Reads the index, and checks an item against the schema only where it is another than the last time: with thousands of
 * targets the checks would be most of what an idle poll costs. Remembers what it read last of each share, and no more.
 */
export function createWatchedReader(place: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}): (share: Share) => Promise<ReadTargets> {
  const knownByShare = new Map<string, ReadonlyMap<unknown, KnownItem>>();
  return async (share) => {
    const name = `${share.shard} of ${share.shards}`;
    const before = knownByShare.get(name);
    const items = await scanIndex(place, share);
    const known = new Map(items.map((item) => [item['id'], check(item, before?.get(item['id']))]));
    knownByShare.set(name, known);
    return inOrder([...known.values()].map(({ outcome }) => outcome));
  };
}

async function scanIndex(
  { client, table }: { readonly client: DynamoDBDocumentClient; readonly table: string },
  share: Share,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let startKey: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: table,
        IndexName: watchedIndex.name,
        ...segmentOf(share),
        ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
      }),
    );
    items.push(...(page.Items ?? []));
    startKey = page.LastEvaluatedKey;
  } while (startKey !== undefined);
  return items;
}

/** The part of a scan that is one collector's. */
export function segmentOf({ shard, shards }: Share): { Segment?: number; TotalSegments?: number } {
  return shards > 1 ? { Segment: shard, TotalSegments: shards } : {};
}

function check(item: Item, known: KnownItem | undefined): KnownItem {
  return known !== undefined && isDeepStrictEqual(known.item, item) ? known : { item, outcome: outcomeOf(item) };
}

function outcomeOf(item: Item): Outcome {
  const parsed = storedTarget.safeParse(item);
  if (parsed.success) return { target: parsed.data };
  return { invalid: { id: String(item['id']), problem: invalidItemProblem(item, parsed.error) } };
}

/** Items as a reader of targets wants them: those that fit, and what is wrong with the others. */
export function checkItems(items: readonly Item[]): ReadTargets {
  return inOrder(items.map(outcomeOf));
}

function inOrder(outcomes: readonly Outcome[]): ReadTargets {
  const [targets, invalid]: [Target[], InvalidItem[]] = [[], []];
  for (const outcome of outcomes) {
    if ('target' in outcome) targets.push(outcome.target);
    else invalid.push(outcome.invalid);
  }
  return { targets, invalid };
}
