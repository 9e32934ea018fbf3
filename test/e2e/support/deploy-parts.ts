import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';
import { describeWithParts } from './parts.ts';

const partsFolder = join(dirname(import.meta.dirname), '.parts');

/** Paths of what install.sh put there for the proofs of the deployment. */
export const deployPrograms = {
  /** A Python that has moto. */
  motoPython: join(partsFolder, 'moto/bin/python'),
  cfnLint: join(partsFolder, 'cfn-lint/bin/cfn-lint'),
  /** Amazon's runtime interface client for Node. */
  runtimeClient: join(partsFolder, 'aws-lambda-ric/node_modules/aws-lambda-ric/index.mjs'),
} as const;

/** As `describeWithParts`, for suites that need these as well. @throws Error in CI, when one is missing */
export function describeWithDeployParts(name: string, suite: () => void): void {
  const missing = Object.values(deployPrograms).filter((path) => !existsSync(path));
  if (missing.length > 0 && process.env['CI'] !== undefined) {
    throw new Error(`${name}: missing ${missing.join(', ')}; run test/e2e/install.sh`);
  }
  if (missing.length === 0) describeWithParts(name, suite);
  else describe.skip(`${name} (missing ${missing.join(', ')}; run test/e2e/install.sh)`, suite);
}
