import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deployPrograms } from './deploy-parts.ts';
import { answers, freePort, startProcess, waitUntilReady } from '../part-process.ts';

/** An empty AWS account, emulated by moto on loopback. It checks no permissions. */
export interface EmulatedAws {
  readonly url: string;
  readonly port: number;
  /** Credentials, region and endpoint, for any program or function that calls AWS. */
  readonly env: Readonly<Record<string, string>>;
  /** Resource types of templates that were accepted, and of which nothing was made. */
  notMade(): readonly string[];
  stop(): Promise<void>;
}

export const account = '123456789012';
export const region = 'us-east-1';

export async function startEmulatedAws(): Promise<EmulatedAws> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = startProcess({
    program: deployPrograms.motoPython,
    args: [join(import.meta.dirname, 'moto-server.py'), String(port)],
  });
  await waitUntilReady(process, () => answers(`${url}/moto-api/`));
  const notMade = new Set(['AWS::ApiGatewayV2::Api', 'AWS::CloudWatch::Alarm']);
  return {
    url,
    port,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'emulated',
      AWS_SECRET_ACCESS_KEY: 'emulated',
      AWS_REGION: region,
    },
    notMade() {
      for (const [, type = ''] of process.output().matchAll(/No Moto CloudFormation support for (\S+)/g)) {
        notMade.add(type);
      }
      return [...notMade].filter((type) => type !== 'AWS::CDK::Metadata').toSorted();
    },
    stop: () => process.stop(),
  };
}

/** Runs the project's `cdk` as `npx cdk` does, with an emulated AWS. Rejects when it fails, with what it printed. */
export async function runCdk(aws: EmulatedAws, args: readonly string[]): Promise<string> {
  const project = join(import.meta.dirname, '../../../..');
  const env = {
    ...process.env,
    ...aws.env,
    // moto takes a template's address for a bucket's with this name alone.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: `http://localhost:${aws.port}`,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_VERSION_CHECK: '1',
    NO_COLOR: '1',
  };
  const options = { cwd: project, env, maxBuffer: 64 * 1024 * 1024 };
  const words = ['--no', 'cdk', ...args, '--no-notices', '--ci'];
  try {
    const { stdout } = await promisify(execFile)('npx', words, options);
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`cdk ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
