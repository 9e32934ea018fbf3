import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs } from './parts.ts';
import { answers, freePort, startProcess, waitUntilReady } from './part-process.ts';

/** One stored series: `<measurement>_<field>` with the point's tags as labels. Strings are stored as 0. */
export interface StoredSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** In order of time. */
  readonly samples: readonly { readonly atMs: number; readonly value: number }[];
}

/** A database that takes `/api/v2/write` as InfluxDB 2 does. It checks neither token, organisation nor bucket. */
export interface VictoriaMetrics {
  /** What to give as INFLUX_URL. */
  readonly url: string;
  /** Everything stored so far under names that start with `prefix`, such as `locust_total_`. */
  stored(prefix?: string): Promise<readonly StoredSeries[]>;
  stop(): Promise<void>;
}

/** Starts VictoriaMetrics on loopback with an empty store. */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'victoria-metrics-'));
  const process = startProcess({
    program: programs.victoriaMetrics,
    args: [
      ...[`-httpListenAddr=127.0.0.1:${port}`, `-storageDataPath=${folder}`, '-retentionPeriod=100y'],
      // A line that is written again, because the answer came too late, is one point, as in InfluxDB.
      '-dedup.minScrapeInterval=1ms',
    ],
  });
  await waitUntilReady(process, () => answers(`${url}/health`));
  return {
    url,
    stored: (prefix = '') => exportSeries(url, prefix),
    async stop() {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ExportedLine {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

async function exportSeries(url: string, prefix: string): Promise<readonly StoredSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  const match = encodeURIComponent(`{__name__=~"${prefix}.+"}`);
  const response = await fetch(`${url}/api/v1/export?match[]=${match}`);
  const body = await response.text();
  if (!response.ok) throw new Error(`export: ${response.status} ${body}`);
  return body
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => series(JSON.parse(line) as ExportedLine));
}

function series({ metric, values, timestamps }: ExportedLine): StoredSeries {
  const { __name__: name = '', ...labels } = metric;
  const samples = timestamps.map((atMs, index) => ({ atMs, value: values[index] ?? Number.NaN }));
  return { name, labels, samples: samples.toSorted((a, b) => a.atMs - b.atMs) };
}
