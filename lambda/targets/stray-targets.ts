import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import pLimit from 'p-limit';
import { removeAtAttribute, watchedIndex } from '../runtime/table-keys.ts';
import { checkItems, segmentOf } from './read-watched.ts';
import type { ReadTargets, Share } from './read-watched.ts';
import { removeAtOf } from './watched.ts';

/** So many items of the table are looked at in one request; DynamoDB itself ends a page at 1 MB. */
export const straysPageItems = 1_000;
/** Ten thousand targets of an older version shall not cost one window ten thousand writes; the next round goes on. */
const maxRemovalDates = 50;
const maxWritesAtOnce = 16;

/** What one page of the table had. */
export interface AdoptedStrays extends ReadTargets {
  /** The id after which to go on; undefined at the table's end. */
  readonly after: string | undefined;
}

interface Place {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

type Item = Readonly<Record<string, unknown>>;

interface Change {
  readonly name: string;
  readonly value: unknown;
}

/**
 * The items of one page that ought to be watched but are not, now put into the index. They were written by an older
 * version or by hand. DynamoDB itself drops all others, so that of thousands of finished targets none is sent or read.
 * Targets of an older version that may be removed some time are given the instant for it as well.
 */
export async function adoptStrays(
  place: Place,
  share: Share,
  { after, nowMs }: { readonly after: string | undefined; readonly nowMs: number },
): Promise<AdoptedStrays> {
  const now = new Date(nowMs).toISOString();
  const page = await place.client.send(
    new ScanCommand({
      TableName: place.table,
      Limit: straysPageItems,
      ...segmentOf(share),
      ...(after !== undefined && { ExclusiveStartKey: { id: after } }),
      FilterExpression: `(${lacksWatched} AND ${hasToBeWatched}) OR ${lacksRemovalDate}`,
      ExpressionAttributeNames: {
        '#watched': watchedIndex.partition,
        '#removeAt': removeAtAttribute,
        '#status': 'status',
        '#run': 'run',
        '#source': 'source',
        '#owner': 'owner',
      },
      ExpressionAttributeValues: { ':false': false, ':report': 'report', ':reporter': 'reporter', ':now': now },
    }),
  );
  const items: readonly Item[] = page.Items ?? [];
  const strays = items.filter((item) => isStray(item, now));
  const removalDates = items.filter((item) => item[removeAtAttribute] === undefined).slice(0, maxRemovalDates);
  const limit = pLimit(maxWritesAtOnce);
  const write = (item: Item, name: string, value: unknown): Promise<void> =>
    limit(() => set(place, item, { name, value }));
  await Promise.all([
    ...strays.map((item) => write(item, watchedIndex.partition, item['id'])),
    ...removalDates.map(async (item) => {
      const removeAt = removeAtOf(item);
      if (removeAt !== undefined) await write(item, removeAtAttribute, removeAt);
    }),
  ]);
  const last: unknown = page.LastEvaluatedKey?.['id'];
  return { ...checkItems(strays), after: typeof last === 'string' ? last : undefined };
}

const lacksWatched = 'attribute_not_exists(#watched)';
/** What is missing, or of another type than it should be, is equal to nothing: such an item is reported as invalid. */
const hasToBeWatched =
  '(attribute_exists(#status.#run) OR (NOT enabled = :false AND NOT #source = :report AND NOT expiresAt <= :now))';
const lacksRemovalDate =
  '(attribute_not_exists(#removeAt) AND #owner = :reporter AND attribute_exists(expiresAt)' +
  ' AND attribute_not_exists(secretsRef))';

/** The first half of the filter once more: the table does not say which half an item came by. */
function isStray(item: Item, now: string): boolean {
  const { status, enabled, source, expiresAt } = item;
  if (item[watchedIndex.partition] !== undefined) return false;
  const isInRun = typeof status === 'object' && status !== null && 'run' in status;
  const isOver = typeof expiresAt === 'string' && expiresAt <= now;
  return isInRun || (enabled !== false && source !== 'report' && !isOver);
}

/** Not where the item is gone; and no date where it was renewed or given credentials meanwhile. */
async function set({ client, table }: Place, item: Item, change: Change): Promise<void> {
  const isDate = change.name === removeAtAttribute;
  try {
    await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { id: item['id'] },
        UpdateExpression: 'SET #name = :value',
        ConditionExpression: isDate
          ? 'expiresAt = :expiresAt AND attribute_not_exists(secretsRef)'
          : 'attribute_exists(id)',
        ExpressionAttributeNames: { '#name': change.name },
        ExpressionAttributeValues: {
          ':value': change.value,
          ...(isDate && { ':expiresAt': item['expiresAt'] }),
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
