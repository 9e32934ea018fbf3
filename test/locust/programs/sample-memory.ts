import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { sampleLines } from '../../../lambda/influx/points/sample-lines.ts';
import { decodeReport } from '../../../lambda/locust/report/decode-report.ts';
import { plainSizes, textOfSizes } from '../../support/locust/report-of-sizes.ts';

/**
 * Reads the answers on its standard input, a JSON list of Base64, after a plain one, and says for each by how many MB
 * its memory has grown at most so far.
 */
const stdin = 0;

const words = { tooLarge: String, tooManyValues: String, unreadable: String, notLocust: String };
const series = { project: 'p', target: 't', run: '20261122T140500Z', tags: {} };

async function sample(body: Buffer): Promise<void> {
  const decoded = await decodeReport(body, { contentEncoding: 'gzip', words });
  if (!decoded.ok) return;
  const fetched = { ...decoded, sizeBytes: body.length, durationMs: 1 };
  sampleLines({
    fetched,
    series,
    instantMs: 1_795_356_310_000,
    states: [decoded.report.state],
    maxEndpoints: 500,
    maxErrors: 50,
  });
}

const bodies = (JSON.parse(readFileSync(stdin, 'utf8')) as string[]).map((text) => Buffer.from(text, 'base64'));
await sample(gzipSync(textOfSizes(plainSizes, 1_000_000)));
globalThis.gc?.();
const before = process.resourceUsage().maxRSS;
const grown: number[] = [];
for (const body of bodies) {
  await sample(body);
  // What one leaves behind is no need of the next.
  globalThis.gc?.();
  grown.push((process.resourceUsage().maxRSS - before) / 1024);
}
process.stdout.write(JSON.stringify(grown));
