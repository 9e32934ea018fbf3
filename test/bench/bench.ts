import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { isMet, tableOf } from './figures.ts';
import type { Figure } from './figures.ts';
import { idlePolls } from './idle-polls.ts';
import { largeReports } from './large-reports.ts';
import { reportToLines } from './report-to-lines.ts';
import { thousandTargets } from './thousand-targets.ts';

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  'report-to-lines': reportToLines,
  'thousand-targets': thousandTargets,
  'large-reports': largeReports,
  'idle-polls': idlePolls,
  bundle,
};

const resultsFolder = new URL('../../dist/', import.meta.url);

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const unknown = positionals.filter((name) => !(name in benches));
  if (unknown.length > 0) {
    throw new Error(`no such bench: ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  }
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    process.stderr.write(`${name} …\n`);
    try {
      figures.push(...(await bench()));
    } catch (error) {
      // What the others measure is not lost.
      process.stderr.write(
        `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      process.exitCode = 1;
    }
  }
  process.stdout.write(`\n${tableOf(figures)}`);
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
  const results = { machine, figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })) };
  await mkdir(resultsFolder, { recursive: true });
  await writeFile(new URL('bench.json', resultsFolder), `${JSON.stringify(results, undefined, 2)}\n`);
}

await main();
