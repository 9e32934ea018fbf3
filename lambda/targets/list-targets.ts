import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { invalidItemProblem } from './unfinished-removal.ts';
import { storedTarget } from './target.ts';
import type { Target } from './target.ts';
import type { InvalidItem } from './read-watched.ts';

/** Which targets, and from where on. */
interface TargetQuery {
  readonly project?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** At most so many targets, invalid items included; Infinity for all. */
  readonly limit: number;
  /** At most so many bytes of items, but always one; undefined for any. */
  readonly maxBytes?: number;
  /** The id after which to go on, in the table's own order. */
  readonly after?: string | undefined;
}

interface TargetPage {
  readonly targets: readonly Target[];
  /** Items that are no valid targets; only where neither project nor enabled is asked for. */
  readonly invalid: readonly InvalidItem[];
  /** The id to go on after; undefined at the end. */
  readonly last: string | undefined;
}

/** Read at once while filtering: a page of few matches shall not take hundreds of requests. */
const itemsPerFilteredScan = 500;

/** One page of the `Targets` table, in the table's own order, which no person ever sees. Rejects when DynamoDB does. */
export type ListTargets = (query: TargetQuery) => Promise<TargetPage>;

/** @param table the name of the `Targets` table */
export function createTargetList(client: DynamoDBDocumentClient, table: string): ListTargets {
  return async (query) => {
    const isFiltered = query.project !== undefined || query.enabled !== undefined;
    const [targets, invalid]: [Target[], InvalidItem[]] = [[], []];
    let bytes = 0;
    const { limit, maxBytes = Infinity } = query;
    const isFull = (): boolean =>
      targets.length + invalid.length === limit || (bytes > maxBytes && targets.length + invalid.length > 0);
    let last = query.after;
    for (;;) {
      const page = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          ...(query.limit !== Infinity && {
            // One more than asked for shows whether there are more.
            Limit: isFiltered ? itemsPerFilteredScan : query.limit - targets.length - invalid.length + 1,
          }),
          ...(last !== undefined && { ExclusiveStartKey: { id: last } }),
        }),
      );
      for (const item of page.Items ?? []) {
        const parsed = storedTarget.safeParse(item);
        const isWanted = parsed.success ? matches(parsed.data, query) : !isFiltered;
        if (isWanted && maxBytes !== Infinity) bytes += answeredBytes(item);
        if (isWanted && isFull()) return { targets, invalid, last };
        last = String(item['id']);
        if (!isWanted) continue;
        if (parsed.success) targets.push(parsed.data);
        else invalid.push({ id: last, problem: invalidItemProblem(item, parsed.error) });
      }
      if (page.LastEvaluatedKey === undefined) return { targets, invalid, last: undefined };
      last = String(page.LastEvaluatedKey['id']);
    }
  };
}

/** Lambda's answer is JSON that holds the body as a text: every quote in an item is escaped twice. */
const answeredBytes = (item: object): number => Buffer.byteLength(JSON.stringify(JSON.stringify(item)));

function matches(target: Target, { project, enabled }: TargetQuery): boolean {
  return (project === undefined || target.project === project) && (enabled === undefined || target.enabled === enabled);
}
