import { join } from 'node:path';
import { recordAnswer } from '../record-answer.ts';

const folder = join(import.meta.dirname, '../../../fixtures/locust-reports');
const [url, label] = process.argv.slice(2);
if (url === undefined || label === undefined) {
  process.stderr.write('Usage: npm run record-fixture -- <url> <release>-<local or dist>\n');
  process.exitCode = 1;
} else {
  try {
    const path = await recordAnswer({ url, label, folder });
    process.stdout.write(`${path}\nLook through it before you commit it: it holds host names and error texts.\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
