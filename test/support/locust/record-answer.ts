import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReport } from '../../../lambda/locust/report/report.ts';

const maxWaitMs = 10_000;

/**
 * Records what a Locust answers now as a fixture, byte for byte: `<label>.<state>.json`.
 * @param options.url the web UI's, as it is typed into a browser
 * @param options.label the release and how it runs, `2.48.0-local`
 * @returns the new file's path
 * @throws Error in one sentence where the Locust does not answer as one, or the file is there already
 */
export async function recordAnswer(options: {
  readonly url: string;
  readonly label: string;
  readonly folder: string;
}): Promise<string> {
  const { url, label, folder } = options;
  if (!/^\d+\.\d+\.\d+-[a-z0-9-]+$/.test(label)) {
    throw new Error(`"${label}" is no label: give the release and how it runs, such as 2.48.0-local or 2.48.0-dist`);
  }
  const asked = `${url.replace(/\/+$/, '')}/stats/requests`;
  const response = await fetch(asked, { signal: AbortSignal.timeout(maxWaitMs) }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at ${asked}`, { cause });
  });
  const text = await response.text();
  const parsed = parseReport(text);
  if (!parsed.ok)
    throw new Error(`What answers at ${asked} (status ${response.status}) is no Locust: ${parsed.message}`);
  const path = join(folder, `${label}.${parsed.report.state}.json`);
  await writeFile(path, text, { flag: 'wx' }).catch((cause: unknown) => {
    throw new Error(`${path} cannot be written; a recording is never replaced`, { cause });
  });
  return path;
}
