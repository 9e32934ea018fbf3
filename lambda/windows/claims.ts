import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

/** What stands in place of a target's id. No id has an underscore, so that no target's history ever meets it. */
const key = '_claims';

const instant = z.int().min(0);
const count = z.int().min(0);

const part = {
  /** The window that samples the shard. */
  holder: z.string().min(1),
  /** Every instant up to this one is the holder's, or of a window before it, ms. */
  claimedUntilMs: instant,
  /** Up to here every instant is sampled and its lines are safe, or it is counted, ms. */
  doneUntilMs: instant,
  /** Instants that the holder has counted as missed in a summary that it has not published yet. */
  missed: count,
};

const gap = { claimedUntilMs: instant, doneUntilMs: instant };
const open = z.object({
  ...part,
  /** What windows before that one left, and nobody has counted yet. */
  gaps: z.array(z.object(gap)).optional(),
  /** What windows of other numbers of shards had not confirmed when this one began; they may have since. */
  ofOthers: z.array(z.object({ ...gap, shard: z.int().min(0), shards: z.int().min(1), missed: count })).optional(),
});

const claim = z.object({
  ...part,
  /** Goes up with every write. */
  revision: z.int().min(1),
  /** The instant that the holder was scheduled for, ms. */
  scheduledAtMs: instant,
  /** The holder has ended in good order. */
  isOver: z.boolean(),
  /** The holder has ended while runs were under way, for no window followed. */
  hasRuns: z.boolean().optional(),
  /** Windows of another number of shards have taken over. */
  isPassedOn: z.boolean().optional(),
  /** What the window before has not confirmed yet. */
  open: open.optional(),
});

/** What a window before has claimed, but not confirmed as done. */
export type OpenClaim = NonNullable<Claim['open']>;

/** Which window samples a shard now, and how far it has come. */
export type Claim = Readonly<z.output<typeof claim>>;

export interface Share {
  readonly shard: number;
  readonly shards: number;
}

/** A claim with the share that it is of. */
export interface ClaimOfShare {
  readonly share: Share;
  readonly claim: Claim;
}

/** The claims of all shards, kept in the `Runs` table: one small item each. All of it rejects when DynamoDB does. */
export interface Claims {
  /** The claim as it is now; undefined when there is none, or none that is valid. */
  read(share: Share): Promise<Claim | undefined>;
  /** The claims under all other numbers of shards, as from before a deployment changed it. */
  readOthers(shards: number): Promise<readonly ClaimOfShare[]>;
  /** Writes a claim where `before` is what stands there (undefined: none that is valid). False when somebody has written since. */
  replace(share: Share, next: Omit<Claim, 'revision'>, before: Claim | undefined): Promise<Claim | false>;
}

/** An item that lacks something of a claim, as one of another version may, must not keep windows from handing over. */
const isNoClaim = {
  expression: `NOT (${['revision', 'scheduledAtMs', 'claimedUntilMs', 'doneUntilMs', 'missed']
    .map((name) => `attribute_type(${name}, :number)`)
    .join(' AND ')} AND attribute_type(holder, :text) AND attribute_type(isOver, :boolean))`,
  values: { ':number': 'N', ':text': 'S', ':boolean': 'BOOL' },
};

/** @param table the name of the `Runs` table */
export function createClaims(client: DynamoDBDocumentClient, table: string): Claims {
  const keyOf = ({ shard, shards }: Share): object => ({ target: key, run: `shard-${shard}-of-${shards}` });
  const shareOf = (run: string): Share | undefined => {
    const [, shard, shards] = /^shard-(\d+)-of-(\d+)$/.exec(run) ?? [];
    return shard === undefined ? undefined : { shard: Number(shard), shards: Number(shards) };
  };
  return {
    async read(share) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: table, Key: keyOf(share), ConsistentRead: true }),
      );
      return claim.safeParse(item).data;
    },
    async readOthers(shards) {
      const { Items: items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: '#target = :key',
          ExpressionAttributeNames: { '#target': 'target' },
          ExpressionAttributeValues: { ':key': key },
          ConsistentRead: true,
        }),
      );
      return items.flatMap((item) => {
        const share = shareOf(String(item['run']));
        const { data } = claim.safeParse(item);
        return share === undefined || share.shards === shards || data === undefined ? [] : [{ share, claim: data }];
      });
    },
    async replace(share, next, before) {
      const written = { ...next, revision: (before?.revision ?? 0) + 1 };
      const condition =
        before === undefined ? isNoClaim : { expression: 'revision = :before', values: { ':before': before.revision } };
      try {
        await client.send(
          new PutCommand({
            TableName: table,
            Item: { ...keyOf(share), ...written },
            ConditionExpression: condition.expression,
            ExpressionAttributeValues: condition.values,
          }),
        );
        return written;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
