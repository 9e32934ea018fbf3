import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { resultsOf } from './run-results.ts';
import type { RunKey } from './run-results.ts';
import { parseRunItem, storedRun } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';

/** What a person writes on a run: null takes it away, undefined leaves it. */
export interface Annotation {
  readonly label?: string | null | undefined;
  readonly note?: string | null | undefined;
}

/** What people do to runs on record. All of it rejects when DynamoDB does. */
export interface RunEdits {
  /** @returns the run as it stands then; undefined where there is none */
  annotate(key: RunKey, annotation: Annotation): Promise<StoredRun | undefined>;
  /** Takes a run's figures and its record away; its points in InfluxDB stay. Doing it again does no harm. */
  remove(key: RunKey): Promise<void>;
}

const names = ['label', 'note'] as const;

/** @param table the name of the `Runs` table */
export function createRunEdits(client: DynamoDBDocumentClient, table: string): RunEdits {
  return {
    async annotate(key, annotation) {
      const set = names.filter((name) => typeof annotation[name] === 'string');
      const removed = names.filter((name) => annotation[name] === null);
      // Who follows the run, and has read it before, reads it again instead of writing over this.
      const assigned = ['revision = if_not_exists(revision, :none) + :one', ...set.map((name) => `${name} = :${name}`)];
      const removes = removed.length === 0 ? '' : ` REMOVE ${removed.join(', ')}`;
      try {
        const { Attributes: item } = await client.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: `SET ${assigned.join(', ')}${removes}`,
            ConditionExpression: 'attribute_exists(#run)',
            ExpressionAttributeNames: { '#run': 'run' },
            ExpressionAttributeValues: {
              ...{ ':none': 0, ':one': 1 },
              ...Object.fromEntries(set.map((name) => [`:${name}`, annotation[name]])),
            },
            ReturnValues: 'ALL_NEW',
          }),
        );
        const parsed = parseRunItem(item);
        return parsed && storedRun.parse(parsed);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },
    async remove({ target, run }) {
      // The figures first: where the second breaks off, the run is still there to be removed.
      for (const key of [
        { target: resultsOf(target), run },
        { target, run },
      ]) {
        await client.send(new DeleteCommand({ TableName: table, Key: key }));
      }
    },
  };
}
