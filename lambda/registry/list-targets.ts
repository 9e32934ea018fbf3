import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { unfitProblem } from './leftover.ts';
import { storedTarget } from './target.ts';
import type { Target } from './target.ts';
import type { UnfitTarget } from './targets.ts';

/** Which targets, and from where on. */
interface TargetQuery {
  readonly project?: string | undefined;
  readonly enabled?: boolean | undefined;
  /** At most so many targets, unfit items included; Infinity for all. */
  readonly limit: number;
  /** The id after which to go on, in the table's own order. */
  readonly after?: string | undefined;
}

interface TargetPage {
  readonly targets: readonly Target[];
  /** Items that are no targets (any more); only where neither project nor enabled is asked for. */
  readonly unfit: readonly UnfitTarget[];
  /** The id to go on after; undefined at the end. */
  readonly last: string | undefined;
}

/** Read at once while filtering: a page of few matches shall not take hundreds of requests. */
const itemsPerFilteredScan = 500;

/** One page of the `Targets` table, in the table's own order, which is none that a person knows. Rejects when DynamoDB does. */
export type ListTargets = (query: TargetQuery) => Promise<TargetPage>;

/** @param table the name of the `Targets` table */
export function createTargetList(client: DynamoDBDocumentClient, table: string): ListTargets {
  return async (query) => {
    const isFiltered = query.project !== undefined || query.enabled !== undefined;
    const [targets, unfit]: [Target[], UnfitTarget[]] = [[], []];
    const isFull = (): boolean => targets.length + unfit.length === query.limit;
    let last = query.after;
    for (;;) {
      const page = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          ...(query.limit !== Infinity && {
            // One more than asked for tells whether there are more.
            Limit: isFiltered ? itemsPerFilteredScan : query.limit - targets.length - unfit.length + 1,
          }),
          ...(last !== undefined && { ExclusiveStartKey: { id: last } }),
        }),
      );
      for (const item of page.Items ?? []) {
        const parsed = storedTarget.safeParse(item);
        const isWanted = parsed.success ? matches(parsed.data, query) : !isFiltered;
        if (isWanted && isFull()) return { targets, unfit, last };
        last = String(item['id']);
        if (!isWanted) continue;
        if (parsed.success) targets.push(parsed.data);
        else unfit.push({ id: last, problem: unfitProblem(item, parsed.error) });
      }
      if (page.LastEvaluatedKey === undefined) return { targets, unfit, last: undefined };
      last = String(page.LastEvaluatedKey['id']);
    }
  };
}

function matches(target: Target, { project, enabled }: TargetQuery): boolean {
  return (project === undefined || target.project === project) && (enabled === undefined || target.enabled === enabled);
}
