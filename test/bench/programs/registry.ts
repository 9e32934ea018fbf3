import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { startEmbeddedDynamoDb } from '../../../infra/local/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/ensure-tables.ts';
import { tableDefinitions } from '../../../infra/local/table-definitions.ts';
import { parseReport } from '../../../lambda/locust/report.ts';
import { createRuns } from '../../../lambda/registry/runs.ts';
import { observe } from '../../../lambda/runs/run.ts';
import type { Run } from '../../../lambda/runs/run.ts';
import { answerCalls } from './answer-calls.ts';
import { tables } from './table-names.ts';

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
}

const project = 'bench';
const atOnce = 20;

function runUntil(input: Parameters<RegistryCalls['putRunning']>[0]): Run {
  const parsed = parseReport(input.body);
  if (!parsed.ok) throw new Error(parsed.message);
  const { report } = parsed;
  const { sampleSeconds } = input;
  let run: Run | undefined;
  for (let atMs = input.startedAtMs; atMs <= input.untilMs; atMs += sampleSeconds * 1000) {
    run = observe(run, { atMs, report, sampleSeconds }).run;
  }
  if (run === undefined) throw new Error('the body is of no running test');
  return run;
}

let client: DynamoDBDocumentClient | undefined;

answerCalls<RegistryCalls>({
  async start({ folder }) {
    const { endpoint } = await startEmbeddedDynamoDb({ folder });
    const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
    const plain = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    await ensureTables(plain, tableDefinitions(tables));
    client = DynamoDBDocumentClient.from(plain, { marshallOptions: { removeUndefinedValues: true } });
    return endpoint;
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
      await document.send(new PutCommand({ TableName: tables.targets, Item: { ...record, id, url } }));
      await runs.save(run, { target: id, project });
    };
    for (let first = 0; first < input.targets.length; first += atOnce) {
      await Promise.all(input.targets.slice(first, first + atOnce).map(put));
    }
  },
});
