// node .ci/sum-up.js <folder of reports> [step that failed …]
//
// Prints what failed, then the sum of all tests, so that the end of a log says why a run failed. Reads the JSON reports
// of Vitest (*.json) and the output of Python's unittest (*.txt).
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** So many lines of each message; the whole of it is further up in the log. */
const maxLines = 8;
/** So many failures; a build that is wholly broken needs no more to be understood. */
const maxFailures = 50;

/** What one report says: how many tests passed, failed and were skipped, and the name and message of what failed. */
function readVitest(report) {
  const failures = report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => ({ name: `${file}: ${test.fullName}`, message: test.failureMessages.join('\n') }));
    // A hook failed, or the file could not be loaded.
    if (failed.length === 0 && status === 'failed') return [{ name: file, message: message || 'a hook failed' }];
    return failed;
  });
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report;
  return { passed, failed, skipped, failures };
}

/** It ends with "Ran 12 tests in 0.1s" and "OK", or "FAILED (failures=1, errors=1, skipped=1)". */
function readUnittest(text) {
  const end = text.slice(text.lastIndexOf('\nRan ') + 1);
  const count = (word) => Number(new RegExp(`\\b${word}=(\\d+)`).exec(end)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const skipped = count('skipped');
  const ran = Number(/^Ran (\d+) tests?/m.exec(end)?.[1] ?? 0);
  const blocks = text.split(/^={70}$/m).slice(1);
  const failures = blocks.map((block) => {
    const [, name = '', , ...rest] = block.split('\n');
    const message = rest
      .join('\n')
      .split(/^-{70}$/m)[0]
      .trim();
    // A traceback says what is wrong at its end.
    return { name: `Python: ${name}`, message: message.split('\n').slice(-maxLines).join('\n') };
  });
  return { passed: ran - failed - skipped, failed, skipped, failures };
}

function read(path) {
  const text = readFileSync(path, 'utf8');
  return path.endsWith('.json') ? readVitest(JSON.parse(text)) : readUnittest(text);
}

const [, , folder, ...failedSteps] = process.argv;
const reports = readdirSync(folder)
  .sort()
  .map((name) => read(join(folder, name)));
const failures = reports.flatMap((report) => report.failures);
for (const { name, message } of failures.slice(0, maxFailures)) {
  const lines = stripVTControlCharacters(message).trimEnd().split('\n').slice(0, maxLines);
  console.log(`\nFailed: ${name}\n${lines.map((line) => `    ${line}`).join('\n')}`);
}
if (failures.length > maxFailures) console.log(`\n… and ${failures.length - maxFailures} more.`);
const sum = (key) => reports.reduce((total, report) => total + report[key], 0);
console.log('');
for (const step of failedSteps) console.log(`Failed: ${step}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
