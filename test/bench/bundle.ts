import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildCollector, bundleText } from './bundling.ts';
import type { Figure } from './figures.ts';
import { median, quartiles, ratios } from './statistics.ts';
import { inTemporaryFolder } from './surroundings.ts';

const rounds = 20;

/** What any collector of this kind needs: the packages and the commands that this one uses, and nothing done with them. */
const sdkOnly = `
  import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
  import { InfluxDB } from '@influxdata/influxdb-client';
  const used = [ConditionalCheckFailedException, DynamoDBClient, BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand, UpdateCommand, InfluxDB];
  export const handler = () => used;
`;

/** Imports a module and tells how long it took until its handler was there. */
const probe = `
  const startedAt = performance.now();
  const { handler } = await import(process.argv[1]);
  const tookMs = performance.now() - startedAt;
  if (typeof handler !== 'function') throw new Error('no handler');
  process.stdout.write(String(tookMs));
`;

/** The deployed bundle: its size, and its start-up next to that of the packages alone. */
export function bundle(): Promise<readonly Figure[]> {
  return inTemporaryFolder(async (folder) => {
    const built = await buildCollector(folder);
    const collector = pathToFileURL(join(built, 'index.mjs'));
    const floor = await bundleText(sdkOnly, join(folder, 'sdk-only.mjs'));
    const sizes = await Promise.all((await readdir(built)).map(async (name) => (await stat(join(built, name))).size));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const [collectorMs, floorMs]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      floorMs.push(await startUpMs(floor));
      collectorMs.push(await startUpMs(collector));
    }
    const startUp = ratios(collectorMs, floorMs);
    const bench = 'bundle';
    return [
      {
        bench,
        what: 'start-up / SDK only',
        unit: '×',
        goal: 1.3,
        measured: median(startUp),
        spread: quartiles(startUp),
      },
      { bench, what: 'start-up', unit: 'ms', measured: median(collectorMs), spread: quartiles(collectorMs) },
      { bench, what: 'start-up, SDK only', unit: 'ms', measured: median(floorMs), spread: quartiles(floorMs) },
      { bench, what: 'size', unit: 'kB', goal: 450, measured: bytes / 1000 },
      { bench, what: 'size', unit: 'KiB', goal: 450, measured: bytes / 1024 },
      { bench, what: 'size of what a start reads', unit: 'kB', goal: 450, measured: (await startBytes(built)) / 1000 },
      { bench, what: 'size, SDK only', unit: 'kB', measured: (await stat(floor)).size / 1000 },
    ];
  });
}

/** Bytes of `index.mjs` and what it imports at once; `import(…)` comes later. */
async function startBytes(folder: string): Promise<number> {
  const files = new Map<string, number>();
  const read = async (name: string): Promise<void> => {
    if (files.has(name)) return;
    const source = await readFile(join(folder, name));
    files.set(name, source.length);
    for (const [, imported = ''] of source.toString().matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g))
      await read(imported);
  };
  await read('index.mjs');
  return [...files.values()].reduce((sum, size) => sum + size, 0);
}

async function startUpMs(module: URL): Promise<number> {
  const environment = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' };
  const options = ['--input-type=module', '--eval', probe, module.href];
  const { stdout } = await promisify(execFile)(process.execPath, options, { env: environment });
  return Number(stdout);
}
