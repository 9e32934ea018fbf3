import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import type { DynaliteStore } from 'dynalite/db/index.js';
import validations from 'dynalite/validations/index.js';
import { catchThrows } from './catch-throws.ts';

/** What DynamoDB answers. */
export interface TableAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** All that locust2influx asks of its tables. */
const operations: readonly string[] = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
  'UpdateTable',
];

const readingOperations: readonly string[] = [
  'BatchGetItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'Query',
  'Scan',
];

/** Whether an operation leaves the tables as they are. */
export const isReading = (operation: string): boolean => readingOperations.includes(operation);

type Action = (
  store: DynaliteStore,
  input: object,
  answered: (error: Error | null | undefined, output?: unknown) => void,
) => void;

interface Validation {
  readonly types: object;
  readonly custom: unknown;
}

const require = createRequire(import.meta.url);

/**
 * Does what one request asks for in dynalite's store, without dynalite's server: that one throws, for the whole
 * process, whatever its store fails with; and so do some callbacks of the store.
 * @throws Error when the store fails; what is wrong with a request is an answer of status 400
 */
export async function answerOperation(store: DynaliteStore, operation: string, body: string): Promise<TableAnswer> {
  if (!operations.includes(operation)) {
    return { status: 400, body: { __type: 'com.amazon.coral.service#UnknownOperationException' } };
  }
  const name = operation.charAt(0).toLowerCase() + operation.slice(1);
  const { types, custom } = require(`dynalite/validations/${name}.js`) as Validation;
  const act = require(`dynalite/actions/${name}.js`) as Action;
  try {
    const input = validations.checkTypes(parseObject(body), types);
    validations.checkValidations(input, types, custom, store);
    const output = await catchThrows((answered) => {
      act(store, input, answered);
    });
    if (changesTables.includes(operation)) await waitUntilSettled(store, body);
    return { status: 200, body: output };
  } catch (error) {
    const refusal = refusalIn(error);
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** Dynalite makes and removes tables right behind its answer, some turns of the event loop later. */
const changesTables: readonly string[] = ['CreateTable', 'UpdateTable', 'DeleteTable'];
const mostTurns = 10_000;

async function waitUntilSettled(store: DynaliteStore, body: string): Promise<void> {
  const { TableName } = parseObject(body) as { TableName?: unknown };
  for (let turn = 0; turn < mostTurns; turn += 1) {
    const found = await answerOperation(store, 'DescribeTable', JSON.stringify({ TableName }));
    const status = (found.body as { Table?: { TableStatus?: unknown } }).Table?.TableStatus;
    if (found.status !== 200 || status === 'ACTIVE') return;
    await setImmediate();
  }
}

function parseObject(body: string): object {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  throw Object.assign(new Error('not an object'), {
    statusCode: 400,
    body: { __type: 'com.amazon.coral.service#SerializationException' },
  });
}

/** Dynalite's own errors hold the answer. */
function refusalIn(error: unknown): TableAnswer | undefined {
  if (!(error instanceof Error && 'statusCode' in error && 'body' in error)) return undefined;
  return typeof error.statusCode === 'number' ? { status: error.statusCode, body: error.body } : undefined;
}
