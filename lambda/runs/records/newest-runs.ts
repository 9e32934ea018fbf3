import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import type { RunKey } from './run-results.ts';
import { runSummary, summaryProjection } from './run-history.ts';
import type { RunSummary } from './run-history.ts';

export interface NewestRunsQuery {
  readonly targets: readonly string[];
  /** Ids of the oldest and the newest run that are wanted, both included. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
  /** The run after which, going back in time, to go on. */
  readonly after?: RunKey | undefined;
  readonly isWanted: (run: RunSummary) => boolean;
}

interface NewestRunsPage {
  /** The newest first; of those that began in the same second, by target. */
  readonly runs: readonly RunSummary[];
  /** The run to go on after, wanted or not; undefined at the end. */
  readonly last: RunKey | undefined;
}

/** Runs of many targets. Items that are no valid runs are left out. Rejects when DynamoDB does. */
export type ListNewestRuns = (query: NewestRunsQuery) => Promise<NewestRunsPage>;

/** Looked at for one page: a filter that fits none must not read all there is. */
export const maxRunsPerPage = 1_000;
/** Most targets have nothing among the newest: their first query brings few. */
const [firstRead, nextRead] = [2, 25] as const;
const maxReadsAtOnce = 16;
/** Before and after every run's id. */
const [first, last] = ['0', ':'] as const;

/** @param table the name of the `Runs` table */
export function createNewestRuns(client: DynamoDBDocumentClient, table: string): ListNewestRuns {
  return async ({ targets, from = first, to = last, limit, after, isWanted }) => {
    const until = after !== undefined && after.run < to ? after.run : to;
    if (until < from) return { runs: [], last: undefined };
    const walks = targets.map((target) => new Walk({ client, table, target, from, after }, until));
    const reading = pLimit(maxReadsAtOnce);
    await reading.map(walks, (walk) => walk.next());
    const runs: RunSummary[] = [];
    let at = after;
    for (let looked = 0; looked < maxRunsPerPage && runs.length < limit; looked += 1) {
      const walk = newestOf(walks);
      if (walk?.head === undefined) return { runs, last: undefined };
      at = keyOf(walk.head);
      const parsed = runSummary.safeParse(walk.head);
      if (parsed.success && isWanted(parsed.data)) runs.push(parsed.data);
      await walk.next();
    }
    return { runs, last: newestOf(walks) === undefined ? undefined : at };
  };
}

type Item = Readonly<Record<string, unknown>>;

interface WalkPlace {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly target: string;
  readonly from: string;
  readonly after: RunKey | undefined;
}

/** One target's runs, back in time. */
class Walk {
  readonly #place: WalkPlace;
  readonly #until: string;
  #read: Item[] = [];
  /** Where the next query begins; undefined before the first, null when there is nothing more. */
  #startKey: Item | null | undefined;
  /** The newest that was not taken yet. */
  head: Item | undefined;

  constructor(place: WalkPlace, until: string) {
    this.#place = place;
    this.#until = until;
  }

  async next(): Promise<void> {
    const { after } = this.#place;
    do {
      while (this.#read.length === 0 && this.#startKey !== null) await this.#readMore();
      this.head = this.#read.shift();
    } while (this.head !== undefined && after !== undefined && compare(keyOf(this.head), after) <= 0);
  }

  async #readMore(): Promise<void> {
    const { client, table, target, from } = this.#place;
    const { ProjectionExpression, ExpressionAttributeNames } = summaryProjection;
    const page = await client.send(
      new QueryCommand({
        ...{ TableName: table, ProjectionExpression, ExpressionAttributeNames, ScanIndexForward: false },
        KeyConditionExpression: '#target = :target AND #run BETWEEN :from AND :until',
        ExpressionAttributeValues: { ':target': target, ':from': from, ':until': this.#until },
        Limit: this.#startKey === undefined ? firstRead : nextRead,
        ...(this.#startKey !== undefined && this.#startKey !== null && { ExclusiveStartKey: this.#startKey }),
      }),
    );
    this.#read = page.Items ?? [];
    this.#startKey = page.LastEvaluatedKey ?? null;
  }
}

function newestOf(walks: readonly Walk[]): Walk | undefined {
  let newest: Walk | undefined;
  for (const walk of walks) {
    if (walk.head === undefined) continue;
    if (newest?.head === undefined || compare(keyOf(walk.head), keyOf(newest.head)) < 0) newest = walk;
  }
  return newest;
}

function keyOf({ target, run }: Item): RunKey {
  return { target: String(target), run: String(run) };
}

/** Below 0 where the first comes first: it is newer, or of the same second and of a target that comes first. */
function compare(one: RunKey, other: RunKey): number {
  if (one.run !== other.run) return one.run > other.run ? -1 : 1;
  if (one.target === other.target) return 0;
  return one.target < other.target ? -1 : 1;
}
