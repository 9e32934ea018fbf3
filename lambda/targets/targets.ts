import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { watchedIndex } from '../runtime/table-keys.ts';
import { createWatchedReader } from './read-watched.ts';
import type { ReadTargets, Share } from './read-watched.ts';
import { adoptStrays } from './stray-targets.ts';
import type { AdoptedStrays } from './stray-targets.ts';
import { storedTarget } from './target.ts';
import type { Target, TargetStatus } from './target.ts';

/** What became of a status: written; the target is gone; or another window has moved the run on, and how. */
export type StatusWrite =
  | { readonly result: 'written' }
  | { readonly result: 'gone' }
  | { readonly result: 'conflict'; readonly status: TargetStatus | undefined };

/** The `Targets` table, for the collector. All of it rejects when DynamoDB does. */
export interface Targets {
  /**
   * The watched targets of one share: those that are switched on and fetched, and all that are in a run. It may take a
   * second until a write is seen here. An item that did not change since the last time is the same object as then.
   */
  readWatched(share: Share): Promise<ReadTargets>;
  /** Looks through one page of the table for items that ought to be watched but are not. */
  adoptStrays(
    share: Share,
    round: { readonly after: string | undefined; readonly nowMs: number },
  ): Promise<AdoptedStrays>;
  /** Takes a target that nobody has to watch out of the index, unless it was changed or a run began since it was read. */
  unwatch(target: Target): Promise<void>;
  /**
   * Writes the status alone, where the target still exists and its run is `knownRun` (undefined: in no run),
   * so that of two windows that see the same start or end only one makes it.
   */
  writeStatus(id: string, status: TargetStatus, knownRun: string | undefined): Promise<StatusWrite>;
}

/** The `Targets` table. @param table its name */
export function createTargets(client: DynamoDBDocumentClient, table: string): Targets {
  const place = { client, table };
  return {
    readWatched: createWatchedReader(place),
    adoptStrays: (share, round) => adoptStrays(place, share, round),
    unwatch: (target) => unwatch(place, target),
    writeStatus: (id, status, knownRun) => writeStatus({ ...place, id, status, knownRun }),
  };
}

interface Place {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

async function unwatch({ client, table }: Place, { id, version, createdAt }: Target): Promise<void> {
  try {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        UpdateExpression: 'REMOVE #watched',
        ConditionExpression: '#version = :version AND createdAt = :createdAt AND attribute_not_exists(#status.#run)',
        ExpressionAttributeNames: {
          '#watched': watchedIndex.partition,
          '#version': 'version',
          '#status': 'status',
          '#run': 'run',
        },
        ExpressionAttributeValues: { ':version': version, ':createdAt': createdAt },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

interface StatusUpdate extends Place {
  readonly id: string;
  readonly status: TargetStatus;
  readonly knownRun: string | undefined;
}

async function writeStatus(update: StatusUpdate): Promise<StatusWrite> {
  const { client, table, id, status, knownRun } = update;
  const sameRun = knownRun === undefined ? 'attribute_not_exists(#status.#run)' : '#status.#run = :knownRun';
  // A target in a run is watched until the run has ended, whatever is done to the target meanwhile.
  const isWatched = status.run !== undefined;
  try {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { id },
        UpdateExpression: `SET #status = :status${isWatched ? ', #watched = :id' : ''}`,
        ConditionExpression: `attribute_exists(id) AND ${sameRun}`,
        ExpressionAttributeNames: {
          '#status': 'status',
          '#run': 'run',
          ...(isWatched && { '#watched': watchedIndex.partition }),
        },
        ExpressionAttributeValues: {
          ':status': status,
          ...(isWatched && { ':id': id }),
          ...(knownRun !== undefined && { ':knownRun': knownRun }),
        },
      }),
    );
    return { result: 'written' };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return conflict(update);
    throw error;
  }
}

/** Asks again rather than for the item with the refusal, which not every DynamoDB gives. */
async function conflict({ client, table, id }: StatusUpdate): Promise<StatusWrite> {
  const { Item: item } = await client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
  if (item === undefined) return { result: 'gone' };
  const parsed = storedTarget.safeParse(item);
  return { result: 'conflict', status: parsed.success ? parsed.data.status : undefined };
}
