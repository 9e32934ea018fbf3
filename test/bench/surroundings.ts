import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleProgram } from './bundling.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';
import type { Calls } from './programs/answer-calls.ts';
import type { CollectorCalls } from './programs/collector.ts';
import type { LocustsCalls } from './programs/locusts.ts';
import type { RegistryCalls } from './programs/registry.ts';
import type { WriteEndpointCalls } from './programs/write-endpoint.ts';

/** What a collector works with, in processes of their own. */
export interface Surroundings {
  readonly locusts: Program<LocustsCalls>;
  readonly registry: Program<RegistryCalls>;
  readonly writeEndpoint: Program<WriteEndpointCalls>;
  readonly influxUrl: string;
  /** Starts one more process, which ends with the others. */
  start: StartProgram;
  /** Starts a collector, bundled as it is deployed. */
  startCollector(node: 'as-in-lambda' | 'by-default'): Promise<Program<CollectorCalls>>;
}

type StartProgram = <C extends Calls<C>>(file: URL, execArgv?: readonly string[]) => Program<C>;

/** How Lambda starts Node in a function of 256 MB: 5 % for each half of the young generation, 90 % for the old one. */
const lambdaOptions = ['--max-semi-space-size=12', '--max-old-space-size=230'];

const programs = new URL('programs/', import.meta.url);

/** Does something in a folder that is gone afterwards. */
export async function inTemporaryFolder<Result>(action: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-bench-'));
  try {
    return await action(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does something among processes that have ended afterwards. */
export function inSurroundings<Result>(action: (around: Surroundings) => Promise<Result>): Promise<Result> {
  return inTemporaryFolder(async (folder) => {
    const running: { stop(): Promise<void> }[] = [];
    const start: StartProgram = <C extends Calls<C>>(file: URL, execArgv?: readonly string[]): Program<C> => {
      const program = startProgram<C>(file, execArgv);
      running.push(program);
      return program;
    };
    try {
      return await action(await surroundingsIn(folder, start));
    } finally {
      await Promise.all(running.map((program) => program.stop()));
    }
  });
}

async function surroundingsIn(folder: string, start: StartProgram): Promise<Surroundings> {
  const registry = start<RegistryCalls>(new URL('registry.ts', programs));
  const writeEndpoint = start<WriteEndpointCalls>(new URL('write-endpoint.ts', programs));
  const locusts = start<LocustsCalls>(new URL('locusts.ts', programs));
  const dynamoDbEndpoint = await registry.call('start', { folder: join(folder, 'registry') });
  const influxUrl = await writeEndpoint.call('start', undefined);
  const bundle = await bundleProgram(new URL('collector.ts', programs), join(folder, 'collector.mjs'));
  return {
    locusts,
    registry,
    writeEndpoint,
    influxUrl,
    start,
    async startCollector(node) {
      const collector = start<CollectorCalls>(bundle, node === 'as-in-lambda' ? lambdaOptions : []);
      await collector.call('open', { dynamoDbEndpoint, influxUrl });
      return collector;
    },
  };
}
