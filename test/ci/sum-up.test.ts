import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const program = join(import.meta.dirname, '../../.ci/sum-up.js');

async function sumUp(reports: Readonly<Record<string, string>>, ...failedSteps: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-reports-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(reports)) await writeFile(join(folder, name), text);
  return execFileSync(process.execPath, [program, folder, ...failedSteps], { encoding: 'utf8' });
}

interface Test {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

const passed: Test = { fullName: 'a run ends', status: 'passed', failureMessages: [] };

/** As Vitest writes it, of one file. */
function vitestReport(
  tests: readonly Test[],
  file: { readonly status?: string; readonly message?: string } = {},
): string {
  const count = (status: string): number => tests.filter((test) => test.status === status).length;
  const isFailed = count('failed') > 0;
  return JSON.stringify({
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    testResults: [
      {
        ...{ name: resolve('test/runs/run.test.ts'), status: isFailed ? 'failed' : 'passed', message: '' },
        ...{ ...file, assertionResults: tests },
      },
    ],
  });
}

const unittest = `.FE
======================================================================
ERROR: test_unreadable (test_names.Names.test_unreadable)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "test_names.py", line 9, in test_unreadable
    raise KeyError("name")
KeyError: 'name'

======================================================================
FAIL: test_long (test_names.Names.test_long)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "test_names.py", line 5, in test_long
    self.assertEqual(1, 2)
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 4 tests in 0.010s

FAILED (failures=1, errors=1, skipped=1)
`;

it('ends with the sum of all tests, Python’s included', async () => {
  const said = await sumUp({
    'test.json': vitestReport([passed, passed]),
    'e2e.json': vitestReport([passed, { ...passed, status: 'skipped' }]),
    'python.txt':
      '...\n----------------------------------------------------------------------\nRan 3 tests in 0.010s\n\nOK\n',
  });
  expect(said).toBe('\n6 passed, 0 failed, 1 skipped\n');
});

it('names each test that failed before that, with the head of its message', async () => {
  const lines = Array.from({ length: 30 }, (_, index) => `    at line ${index}`);
  const failed = {
    ...{ fullName: 'a run is lost after five minutes', status: 'failed' },
    failureMessages: [`\u001B[31mAssertionError: expected 5 to be 6\u001B[39m\n${lines.join('\n')}`],
  };
  const said = await sumUp({ 'test.json': vitestReport([passed, failed]) }, 'npm test');
  expect(said).toContain(
    'Failed: test/runs/run.test.ts: a run is lost after five minutes\n    AssertionError: expected 5 to be 6\n',
  );
  expect(said).not.toContain('at line 20');
  expect(said.endsWith('\nFailed: npm test\n1 passed, 1 failed, 0 skipped\n')).toBe(true);
});

it('names a file that failed as a whole', async () => {
  const file = { status: 'failed', message: 'Cannot find module ./run.ts' };
  expect(await sumUp({ 'test.json': vitestReport([], file) })).toContain(
    'Failed: test/runs/run.test.ts\n    Cannot find module ./run.ts\n',
  );
  const hook = await sumUp({ 'test.json': vitestReport([{ ...passed, status: 'skipped' }], { status: 'failed' }) });
  expect(hook).toContain('Failed: test/runs/run.test.ts\n    a hook failed\n');
});

it('names what failed in Python', async () => {
  const said = await sumUp({ 'python.txt': unittest });
  expect(said).toContain('Failed: Python: FAIL: test_long (test_names.Names.test_long)\n');
  expect(said).toContain('    AssertionError: 1 != 2\n');
  expect(said).toContain('Failed: Python: ERROR: test_unreadable (test_names.Names.test_unreadable)\n');
  expect(said).toContain("    KeyError: 'name'\n");
  expect(said.endsWith('\n1 passed, 2 failed, 1 skipped\n')).toBe(true);
});

it('says of a run without any report which step it ended in', async () => {
  expect(await sumUp({}, 'npm run check')).toBe('\nFailed: npm run check\n0 passed, 0 failed, 0 skipped\n');
});
