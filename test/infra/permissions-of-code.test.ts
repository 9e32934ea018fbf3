import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, vi } from 'vitest';
import { bundleSettings } from '../../infra/build-functions.ts';
import { synthesize } from '../support/aws/synthesize.ts';
import type { StackName } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const project = join(import.meta.dirname, '../..');

/** What a role has to allow for a command of the SDK. */
const actionOf: Readonly<Record<string, string>> = {
  BatchGet: 'dynamodb:BatchGetItem',
  Delete: 'dynamodb:DeleteItem',
  Get: 'dynamodb:GetItem',
  Put: 'dynamodb:PutItem',
  Query: 'dynamodb:Query',
  Scan: 'dynamodb:Scan',
  Update: 'dynamodb:UpdateItem',
  DeleteObject: 's3:DeleteObject',
  GetObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  PutObject: 's3:PutObject',
  GetSecretValue: 'secretsmanager:GetSecretValue',
  PutSecretValue: 'secretsmanager:PutSecretValue',
  SendMessageBatch: 'sqs:SendMessage',
  DeleteParameter: 'ssm:DeleteParameter',
  GetParameters: 'ssm:GetParameters',
  PutParameter: 'ssm:PutParameter',
};

interface FunctionUnderTest {
  readonly stack: StackName;
  readonly role: string;
  /** In its bundle, but asked by another function alone. */
  readonly asksNever: readonly string[];
  /** What Lambda itself does with its role. */
  readonly ofLambda: readonly string[];
}

const ofLogs = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const functions: Readonly<Record<string, FunctionUnderTest>> = {
  collector: {
    stack: 'collector',
    role: 'CollectorRole',
    // It reads credentials; the API changes them.
    asksNever: ['ssm:DeleteParameter', 'ssm:PutParameter'],
    ofLambda: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  },
  api: { stack: 'admin', role: 'AdminRole', asksNever: [], ofLambda: [] },
  'influx-setup': { stack: 'database', role: 'SetupRole', asksNever: [], ofLambda: [] },
};

/** Every command of the SDK in the sources that a function's bundle is made of. */
async function actionsInCode(name: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    ...bundleSettings,
    entryPoints: [`lambda/${name}/handler.ts`],
    absWorkingDir: project,
    outdir: 'dist',
    write: false,
    metafile: true,
    splitting: true,
  });
  const sources = Object.keys(metafile.inputs).filter((path) => path.startsWith('lambda/'));
  const texts = await Promise.all(sources.map((path) => readFile(join(project, path), 'utf8')));
  const commands = texts.flatMap((text) =>
    [...text.matchAll(/new (?:sdk\.)?(\w+)Command\(/g)].map(([, name = '']) => name),
  );
  return new Set(commands.map((command) => actionOf[command] ?? `unknown: ${command}`));
}

interface Policy {
  readonly Properties: {
    readonly Roles: readonly { readonly Ref: string }[];
    readonly PolicyDocument: { readonly Statement: readonly { Effect: string; Action: string | readonly string[] }[] };
  };
}

function actionsAllowed({ stack, role }: FunctionUnderTest): ReadonlySet<string> {
  const found = Object.values(app.template(stack).findResources('AWS::IAM::Policy')) as unknown as readonly Policy[];
  const ofRole = found.filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref.includes(role)));
  const statements = ofRole.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
  return new Set(allowed.filter((action) => !action.startsWith('ec2:')));
}

const app = synthesize({ influxManaged: true });

describe('what a function may do is what its code does, no less and no more', () => {
  it.each(Object.keys(functions))('%s', async (name) => {
    const tested = functions[name];
    if (tested === undefined) throw new Error('no such function');
    const done = await actionsInCode(name);
    const never = new Set(tested.asksNever);
    const needed = [...done].filter((action) => !never.has(action));
    expect(new Set([...needed, ...tested.ofLambda, ...ofLogs])).toEqual(actionsAllowed(tested));
    // What is said to be never asked for is there to be asked for.
    expect([...never].filter((action) => !done.has(action))).toEqual([]);
  });
});
