import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { describeWithInfluxd2, describeWithParts } from '../parts.ts';

const partsFolder = join(import.meta.dirname, '../../.parts');

/** Paths of what install.sh put there for the proofs of the deployment. */
export const deployPrograms = {
  /** A Python that has moto. */
  motoPython: join(partsFolder, 'moto/bin/python'),
  cfnLint: join(partsFolder, 'cfn-lint/bin/cfn-lint'),
  /** The Node of the functions' runtime. */
  node: join(partsFolder, 'node/bin/node'),
  /** Amazon's runtime interface client for Node. */
  runtimeClient: join(partsFolder, 'aws-lambda-ric/node_modules/aws-lambda-ric/index.mjs'),
} as const;

/** As `describeWithParts`, for suites that need these as well. @throws Error in CI, when one is missing */
export function describeWithDeployParts(name: string, suite: () => void): void {
  describeDeployed({ name, suite, describeOthers: describeWithParts });
}

/** The same for suites that need InfluxDB 2, too. @throws Error in CI, when one is missing */
export function describeDeployedWithInfluxd2(name: string, suite: () => void): void {
  describeDeployed({ name, suite, describeOthers: describeWithInfluxd2 });
}

function describeDeployed(of: {
  readonly name: string;
  readonly suite: () => void;
  readonly describeOthers: typeof describeWithParts;
}): void {
  const { name, suite, describeOthers } = of;
  const missing = Object.values(deployPrograms).filter((path) => !existsSync(path));
  if (missing.length > 0 && process.env['CI'] !== undefined) {
    throw new Error(`${name}: missing ${missing.join(', ')}; run test/e2e/install.sh`);
  }
  if (missing.length === 0) describeOthers(name, suite);
  else describe.skip(`${name} (missing ${missing.join(', ')}; run test/e2e/install.sh)`, suite);
}
