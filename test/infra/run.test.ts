import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { project, runner } from '../support/rigs/typescript-program.ts';

let checkout: string;

/** A checkout as it is before `npm ci`. */
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'locust2influx-run-'));
  onTestFinished(() => {
    rmSync(checkout, { recursive: true, force: true });
  });
  for (const name of ['package.json', 'infra', 'lambda'])
    cpSync(join(project, name), join(checkout, name), { recursive: true });
});

function npmStart(): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent', '--', '--help'], { cwd: checkout });
  return { status, out: `${stdout.toString()}${stderr.toString()}` };
}

test('npm start before npm ci says in one line what to do', () => {
  expect(npmStart()).toEqual({ status: 1, out: 'Not installed yet. Run this first: npm ci\n' });
});

test('so it does when a package has come since', () => {
  mkdirSync(join(checkout, 'node_modules'));
  for (const name of ['esbuild', '@esbuild']) {
    symlinkSync(join(project, 'node_modules', name), join(checkout, 'node_modules', name));
  }
  expect(npmStart()).toEqual({ status: 1, out: 'Not installed yet. Run this first: npm ci\n' });
});

/** Runs a program of its own in a checkout with packages. */
async function run(files: Readonly<Record<string, string>>, args: readonly string[] = []) {
  symlinkSync(join(project, 'node_modules'), join(checkout, 'node_modules'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(checkout, 'infra', name), text);
  const words = [join(checkout, 'infra/run.js'), join(checkout, 'infra/program.ts'), ...args];
  return promisify(execFile)(process.execPath, words).catch(
    (error: unknown) => error as { stdout: string; stderr: string },
  );
}

test('a program has its own arguments, and finds what lies beside its source', async () => {
  const { stdout } = await run(
    {
      'program.ts': `
        import { place } from './place.ts';
        console.log(JSON.stringify([process.argv.slice(1), place, 'import.meta.url']));`,
      'place.ts': 'export const place = [import.meta.dirname, new URL("beside.txt", import.meta.url).pathname];',
    },
    ['--data', 'here'],
  );
  const infra = join(checkout, 'infra');
  expect(JSON.parse(stdout)).toEqual([
    [join(infra, 'program.ts'), '--data', 'here'],
    [infra, join(infra, 'beside.txt')],
    'import.meta.url',
  ]);
});

test('a stack trace names the line of the source', async () => {
  const { stderr } = await run({
    'program.ts': '\n\nfunction fails(): never {\n  throw new Error("no");\n}\nfails();\n',
  });
  expect(stderr).toMatch(/fails \(\S*infra\/program\.ts:4:\d+\)/);
});

test('many may start the same program at the same time', async () => {
  const starts = Array.from({ length: 4 }, () =>
    promisify(execFile)(process.execPath, [runner, join(project, 'infra/local/main.ts'), '--help']),
  );
  for (const { stdout } of await Promise.all(starts)) expect(stdout).toContain('Usage: npm start');
});
