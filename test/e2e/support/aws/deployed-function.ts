import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { deployPrograms } from './deploy-parts.ts';
import { region } from './emulated-aws.ts';
import type { EmulatedAws } from './emulated-aws.ts';
import { startProcess } from '../part-process.ts';
import { startRuntimeApi } from './runtime-api.ts';

/** A function as CloudFormation would make it. */
export interface FunctionAsDeployed {
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Of the network that it is in; empty when in none. */
  readonly subnetIds: readonly string[];
  /** Where the bundle is that was uploaded. */
  readonly bundleFolder: string;
}

/** One execution environment of a function, run by Amazon's runtime interface client. */
export interface RunningFunction {
  /** From the process's start until it asks for work, ms. */
  readonly coldStartMs: number;
  invoke(event: unknown): Promise<unknown>;
  /** What it printed: its logs. */
  output(): string;
  stop(): Promise<void>;
}

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Metadata?: Readonly<Record<string, string>> }>
  >;
}

/** The folder of the only function's bundle in a stack, as the synthesized template names it. */
function bundleFolderOf(assembly: string, stack: string): string {
  const { Resources } = JSON.parse(readFileSync(join(assembly, `${stack}.template.json`), 'utf8')) as Template;
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const asset = functions[0]?.Metadata?.['aws:asset:path'];
  if (functions.length !== 1 || asset === undefined) throw new Error(`${stack} has not one function`);
  return join(assembly, asset);
}

interface ListedFunction {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
  readonly VpcConfig?: { readonly SubnetIds?: readonly string[] };
}

/** What CloudFormation made of a stack's function: its environment with every reference filled in, and its bundle. */
export async function functionAsDeployed(input: {
  readonly aws: EmulatedAws;
  /** The folder that was synthesized into. */
  readonly assembly: string;
  readonly stack: string;
}): Promise<FunctionAsDeployed> {
  const { aws, assembly, stack } = input;
  const scope = `emulated/20261122/${region}/lambda/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${scope}` };
  const response = await fetch(`${aws.url}/2015-03-31/functions`, { headers });
  const { Functions } = (await response.json()) as { readonly Functions: readonly ListedFunction[] };
  const found = Functions.find(({ FunctionName }) => FunctionName.startsWith(stack));
  if (found === undefined) throw new Error(`no function of ${stack}`);
  const { Timeout: timeoutSeconds, MemorySize: memoryMb, Environment, VpcConfig } = found;
  return {
    variables: Environment.Variables,
    timeoutSeconds,
    memoryMb,
    subnetIds: VpcConfig?.SubnetIds ?? [],
    bundleFolder: bundleFolderOf(assembly, stack),
  };
}

/** Starts an execution environment. Rejects when the bundle cannot be loaded, with what it printed. */
export async function startFunction(input: {
  readonly deployed: FunctionAsDeployed;
  /** What Lambda itself adds to the environment: region and credentials. */
  readonly env: Readonly<Record<string, string>>;
  /** A free port, for the Runtime API. */
  readonly port: number;
  readonly before: readonly string[];
}): Promise<RunningFunction> {
  const { deployed, port } = input;
  const api = await startRuntimeApi(port);
  const startedAt = performance.now();
  const process = startProcess({
    program: deployPrograms.node,
    args: [deployPrograms.runtimeClient, 'index.handler'],
    cwd: deployed.bundleFolder,
    before: input.before,
    env: {
      PATH: globalThis.process.env['PATH'] ?? '',
      ...input.env,
      ...deployed.variables,
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
      AWS_LAMBDA_FUNCTION_NAME: 'proof',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(deployed.memoryMb),
      AWS_LAMBDA_LOG_GROUP_NAME: 'proof',
      AWS_LAMBDA_LOG_STREAM_NAME: 'proof',
      LAMBDA_TASK_ROOT: deployed.bundleFolder,
      _HANDLER: 'index.handler',
    },
  });
  const stop = async (): Promise<void> => {
    await process.stop();
    await api.stop();
  };
  const tooLong = new Promise<never>((_, reject) => {
    setTimeout(reject, 180_000, new Error('did not ask for work')).unref();
  });
  try {
    await Promise.race([api.ready, tooLong]);
  } catch (error) {
    await stop();
    throw new Error(`${String(error)}\n${process.output()}`, { cause: error });
  }
  return {
    coldStartMs: performance.now() - startedAt,
    async invoke(event) {
      try {
        return await api.invoke(event, deployed.timeoutSeconds);
      } catch (error) {
        throw new Error(`${String(error)}\n${process.output()}`, { cause: error });
      }
    },
    output: () => process.output(),
    stop,
  };
}

/** The same function with some other variables. */
export function withVariables(
  deployed: FunctionAsDeployed,
  variables: FunctionAsDeployed['variables'],
): FunctionAsDeployed {
  return { ...deployed, variables: { ...deployed.variables, ...variables } };
}
