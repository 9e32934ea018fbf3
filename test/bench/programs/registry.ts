import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { startTableServer } from '../../support/aws/table-server.ts';
import { ensureTables } from '../../../infra/local/registry/ensure-tables.ts';
import { tableDefinitions } from '../../../infra/local/registry/table-definitions.ts';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import { stepAfter } from '../../../lambda/runs/run.ts';
import type { Run } from '../../../lambda/runs/run.ts';
import { answerCalls } from './answer-calls.ts';
import { tables } from './table-names.ts';
import { tablesOf } from '../../../lambda/runtime/open-tables.ts';

interface RunningTarget {
  readonly id: string;
  readonly url: string;
}

export interface RegistryCalls {
  /** Starts a DynamoDB with the two tables, its files in `folder`. @returns its endpoint */
  start(input: { readonly folder: string }): Promise<string>;
  /** Puts targets that have been in a run since `startedAtMs`, with what each sample of it left on record. */
  putRunning(input: {
    readonly targets: readonly RunningTarget[];
    readonly sampleSeconds: number;
    readonly startedAtMs: number;
    readonly untilMs: number;
    /** An answer of a Locust as it was while the run went on. */
    readonly body: string;
  }): Promise<void>;
  /** Puts targets that are watched, but in no run. */
  putIdle(input: { readonly targets: readonly RunningTarget[] }): Promise<void>;
  /** Puts targets of tests that are long over, which nobody watches now. */
  putDead(input: { readonly count: number }): Promise<void>;
}

/** DynamoDB's own limit. */
const maxBatch = 25;
const project = 'bench';
const atOnce = 20;

function runUntil(input: Parameters<RegistryCalls['putRunning']>[0]): Run {
  const parsed = parseReport(input.body);
  if (!parsed.ok) throw new Error(parsed.message);
  const { report } = parsed;
  const { sampleSeconds } = input;
  let run: Run | undefined;
  for (let atMs = input.startedAtMs; atMs <= input.untilMs; atMs += sampleSeconds * 1000) {
    run = stepAfter(run, { atMs, report, sampleSeconds }).run;
  }
  if (run === undefined) throw new Error('the body is of no running test');
  return run;
}

let client: DynamoDBDocumentClient | undefined;

const instant = '2026-11-01T00:00:00.000Z';
const made = { project, createdAt: instant, updatedAt: instant, version: 1 };

async function putAll(items: readonly Record<string, unknown>[]): Promise<void> {
  if (client === undefined) throw new Error('not started');
  for (let first = 0; first < items.length; first += maxBatch) {
    const requests = items.slice(first, first + maxBatch).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tables.targets]: requests } }));
  }
}

answerCalls<RegistryCalls>({
  async start({ folder }) {
    const { endpoint } = await startTableServer({ path: folder });
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const plain = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    await ensureTables(plain, tableDefinitions(tables));
    client = tablesOf(plain);
    return endpoint;
  },
  async putIdle({ targets }) {
    await putAll(targets.map(({ id, url }) => ({ ...made, id, url, watched: id })));
  },
  async putDead({ count }) {
    const expired = { url: 'http://ci.example:8089', owner: 'reporter', expiresAt: '2026-11-02T00:00:00.000Z' };
    const status = { state: 'stopped', checkedAt: made.createdAt, since: made.createdAt };
    await putAll(Array.from({ length: count }, (_, index) => ({ ...made, ...expired, status, id: `dead-${index}` })));
  },
  async putRunning(input) {
    if (client === undefined) throw new Error('not started');
    const document = client;
    const run = runUntil(input);
    const runs = createRuns(document, tables.runs);
    const [made, checkedAt] = [new Date(input.startedAtMs).toISOString(), new Date(input.untilMs).toISOString()];
    const status = { state: 'running', run: run.id, checkedAt, since: made };
    const record = {
      project,
      sampleSeconds: input.sampleSeconds,
      createdAt: made,
      updatedAt: made,
      version: 1,
      status,
    };
    const put = async ({ id, url }: RunningTarget): Promise<void> => {
      await document.send(new PutCommand({ TableName: tables.targets, Item: { ...record, id, url, watched: id } }));
      await runs.save(run, { target: id, project });
    };
    for (let first = 0; first < input.targets.length; first += atOnce) {
      await Promise.all(input.targets.slice(first, first + atOnce).map(put));
    }
  },
});
