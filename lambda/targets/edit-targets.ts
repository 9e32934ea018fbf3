import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { removeAtAttribute, watchedIndex } from '../runtime/table-keys.ts';
import { isBeingRemoved, strippedNames, invalidItemProblem } from './unfinished-removal.ts';
import { storedFields, storedTarget } from './target.ts';
import type { Target } from './target.ts';
import { isToBeWatched, removeAtOf } from './watched.ts';

/** Identifies one version of an item: a new target under an old id was made at another instant. */
export interface VersionMark {
  readonly version: number | undefined;
  readonly createdAt: string | undefined;
  /** The two as they are stored, which in an item that is no target may be anything. */
  readonly stored: { readonly version: unknown; readonly createdAt: unknown };
}

/** What stands under an id. An item that is no valid target can be replaced and removed, by its mark. */
export type FoundTarget =
  | { readonly fits: true; readonly mark: VersionMark; readonly target: Target }
  | {
      readonly fits: false;
      readonly mark: VersionMark;
      readonly problem: string;
      readonly secretsRef?: string;
      /** Its removal has begun, and was not finished. */
      readonly isBeingRemoved: boolean;
    };

/** All that is written of a target but its status. */
type TargetRecord = Omit<Target, 'status'>;

/**
 * Reads and changes single items. Every change is on the condition that the item still is as its mark says, and leaves
 * `status` alone, which collection writes. All of it rejects when DynamoDB does.
 */
export interface TargetEdits {
  /** What stands under the id now (a consistent read). */
  find(id: string): Promise<FoundTarget | undefined>;
  /** Puts a record where `before` is what stands there, undefined: nothing. Answers with the item as it now is. */
  write(record: TargetRecord, before: VersionMark | undefined): Promise<Target | 'conflict'>;
  /**
   * Makes of a target, as one more version, an item that is none: it says where the secrets are, and nothing else.
   * `was` is the target as it stood, `mark` is that of what is left.
   */
  strip(id: string, before: VersionMark): Promise<{ was: FoundTarget; mark: VersionMark } | 'conflict'>;
  /** Removes an item, and answers with what stood there. */
  remove(id: string, before: VersionMark): Promise<FoundTarget | 'conflict'>;
}

const names = [...Object.keys(storedFields.shape), removeAtAttribute];

interface Place {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** The `Targets` table, for edits. @param table its name */
export function createTargetEdits(client: DynamoDBDocumentClient, table: string): TargetEdits {
  const place = { client, table };
  return {
    async find(id) {
      const { Item: item } = await client.send(new GetCommand({ TableName: table, Key: { id }, ConsistentRead: true }));
      return item === undefined ? undefined : toFound(item);
    },
    write: (record, before) => unlessChanged(() => write(place, record, before)),
    strip: (id, before) => unlessChanged(() => strip(place, id, before)),
    remove: (id, before) => unlessChanged(() => remove(place, id, before)),
  };
}

function toFound(item: Record<string, unknown>): FoundTarget {
  const { version, createdAt, secretsRef } = item;
  const mark = {
    version: typeof version === 'number' ? version : undefined,
    createdAt: typeof createdAt === 'string' ? createdAt : undefined,
    stored: { version, createdAt },
  };
  const parsed = storedTarget.safeParse(item);
  if (parsed.success) return { fits: true, mark, target: parsed.data };
  const invalid = { problem: invalidItemProblem(item, parsed.error), isBeingRemoved: isBeingRemoved(item) };
  return { fits: false, mark, ...invalid, ...(typeof secretsRef === 'string' && { secretsRef }) };
}

/** The version to write where `before` stands: from 1 on. An invalid item may hold anything as its version. */
export function nextVersion(before: VersionMark | undefined): number {
  const version = before?.version ?? 0;
  return Number.isSafeInteger(version + 1) && version > 0 ? version + 1 : 1;
}

async function unlessChanged<Result>(write: () => Promise<Result>): Promise<Result | 'conflict'> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'conflict';
    throw error;
  }
}

async function write(place: Place, record: TargetRecord, before: VersionMark | undefined): Promise<Target> {
  const { id, ...rest } = record;
  // As an object, tags that have one called `constructor` would be taken for a class instance and refused by the SDK.
  const attributes = {
    ...rest,
    tags: new Map(Object.entries(rest.tags)),
    [removeAtAttribute]: removeAtOf(record),
    // Never removed here: a target in a run is watched until a window has ended it.
    ...(isToBeWatched(record) && { [watchedIndex.partition]: id }),
  };
  const entries = Object.entries(attributes).map(([name, value], index) => ({ name, value, index }));
  const set = entries.filter(({ value }) => value !== undefined);
  // What a record lacks is removed; the status is not a record's.
  const others = new Set(['id', 'status', ...set.map(({ name }) => name)]);
  const absent = names.filter((name) => !others.has(name));
  const condition = conditionOf(before);
  const setting = `SET ${set.map(({ index }) => `#n${index} = :v${index}`).join(', ')}`;
  const removing = absent.length === 0 ? '' : ` REMOVE ${absent.map((_, index) => `#r${index}`).join(', ')}`;
  const { Attributes: written } = await place.client.send(
    new UpdateCommand({
      TableName: place.table,
      Key: { id },
      UpdateExpression: setting + removing,
      ConditionExpression: condition.expression,
      ExpressionAttributeNames: {
        ...Object.fromEntries(set.map(({ name, index }) => [`#n${index}`, name])),
        ...Object.fromEntries(absent.map((name, index) => [`#r${index}`, name])),
        ...condition.names,
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(set.map(({ value, index }) => [`:v${index}`, value])),
        ...condition.values,
      },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return storedTarget.parse(written);
}

async function strip(place: Place, id: string, before: VersionMark): Promise<{ was: FoundTarget; mark: VersionMark }> {
  const condition = conditionOf(before);
  const version = nextVersion(before);
  const { Attributes: was = {} } = await place.client.send(
    new UpdateCommand({
      TableName: place.table,
      Key: { id },
      UpdateExpression: `SET #version = :next REMOVE ${strippedNames.map((_, index) => `#r${index}`).join(', ')}`,
      ConditionExpression: condition.expression,
      ExpressionAttributeNames: {
        '#version': 'version',
        ...Object.fromEntries(strippedNames.map((name, index) => [`#r${index}`, name])),
        ...condition.names,
      },
      ExpressionAttributeValues: { ':next': version, ...condition.values },
      ReturnValues: 'ALL_OLD',
    }),
  );
  return { was: toFound(was), mark: { ...before, version, stored: { ...before.stored, version } } };
}

async function remove(place: Place, id: string, before: VersionMark): Promise<FoundTarget> {
  const condition = conditionOf(before);
  const { Attributes: removed = {} } = await place.client.send(
    new DeleteCommand({
      TableName: place.table,
      Key: { id },
      ReturnValues: 'ALL_OLD',
      ConditionExpression: condition.expression,
      ExpressionAttributeNames: condition.names,
      ...(Object.keys(condition.values).length > 0 && { ExpressionAttributeValues: condition.values }),
    }),
  );
  return toFound(removed);
}

interface Condition {
  readonly expression: string;
  readonly names: Record<string, string>;
  readonly values: Record<string, unknown>;
}

function conditionOf(before: VersionMark | undefined): Condition {
  if (before === undefined) {
    return { expression: 'attribute_not_exists(#key)', names: { '#key': 'id' }, values: {} };
  }
  const parts = ['attribute_exists(#key)'];
  const names: Record<string, string> = { '#key': 'id' };
  const values: Record<string, unknown> = {};
  for (const name of ['version', 'createdAt'] as const) {
    names[`#was${name}`] = name;
    const value = before.stored[name];
    // Not every DynamoDB compares lists and the like, which only somebody who went past this code can have written.
    const isComparable = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
    if (isComparable) values[`:was${name}`] = value;
    const exists = value === undefined ? 'attribute_not_exists' : 'attribute_exists';
    parts.push(isComparable ? `#was${name} = :was${name}` : `${exists}(#was${name})`);
  }
  return { expression: parts.join(' AND '), names, values };
}
