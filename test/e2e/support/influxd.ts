import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs } from './parts.ts';
import { answers, freePort, startProcess, waitUntilReady } from './part-process.ts';

/** One series of a query's result. With `GROUP BY *` its tags stand in `tags`, and `columns` are time and fields. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** One array per row, in the columns' order; `time` in ms; null where the row has no such field. */
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** One point as it is stored. */
export interface StoredRow {
  readonly measurement: string;
  readonly atMs: number;
  /** Without those that other series of the measurement have. */
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** InfluxDB 1.6: InfluxData's own parser of the line protocol (through `/write`), and InfluxQL. */
export interface Influxd {
  readonly url: string;
  /** Writes lines with timestamps in ms. 204 is success; 400 is a partial write, `body` names what was refused. */
  write(lines: string): Promise<{ readonly status: number; readonly body: string }>;
  /**
   * Runs one InfluxQL statement.
   * @throws Error with InfluxDB's message.
   */
  query(influxql: string): Promise<readonly InfluxSeries[]>;
  /** Everything that is stored, or one measurement of it, in order of time within each series. */
  rows(measurement?: string): Promise<readonly StoredRow[]>;
  /** Drops everything that was written. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const database = 'e2e';

/** Starts influxd on loopback with an empty database; it reports nothing to anyone. */
export async function startInfluxd(): Promise<Influxd> {
  const [httpPort, backupPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const folder = await mkdtemp(join(tmpdir(), 'influxd-'));
  const configFile = join(folder, 'influxdb.conf');
  await writeFile(configFile, config(folder, httpPort, backupPort));
  const process = startProcess({ program: programs.influxd, args: ['-config', configFile] });
  await waitUntilReady(process, () => answers(`${url}/ping`));
  await query(url, `CREATE DATABASE ${database}`);
  return {
    url,
    async write(lines) {
      const response = await fetch(`${url}/write?db=${database}&precision=ms`, { method: 'POST', body: lines });
      return { status: response.status, body: await response.text() };
    },
    query: (influxql) => query(url, influxql),
    async rows(measurement) {
      const from = measurement === undefined ? '/.*/' : `"${measurement}"`;
      return (await query(url, `SELECT * FROM ${from} GROUP BY *`)).flatMap(rowsOf);
    },
    async clear() {
      await query(url, `DROP DATABASE ${database}`);
      await query(url, `CREATE DATABASE ${database}`);
    },
    async stop() {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function rowsOf({ name, tags = {}, columns, values }: InfluxSeries): readonly StoredRow[] {
  const ownTags = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
  return values.map((row) => {
    const cells = columns.map((column, index) => [column, row[index] ?? null] as const);
    const fields = cells.filter(
      (cell): cell is [string, string | number | boolean] => cell[0] !== 'time' && cell[1] !== null,
    );
    const atMs = Number(row[columns.indexOf('time')]);
    return { measurement: name, atMs, tags: ownTags, fields: Object.fromEntries(fields) };
  });
}

function config(folder: string, httpPort: number, backupPort: number): string {
  return `
reporting-disabled = true
bind-address = "127.0.0.1:${backupPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
max-series-per-database = 0
max-values-per-tag = 0
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:${httpPort}"
log-enabled = false
max-body-size = 0
`;
}

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly { readonly series?: readonly InfluxSeries[]; readonly error?: string }[];
}

async function query(url: string, influxql: string): Promise<readonly InfluxSeries[]> {
  const body = new URLSearchParams({ db: database, epoch: 'ms', q: influxql });
  const response = await fetch(`${url}/query`, { method: 'POST', body });
  const answer = (await response.json()) as QueryAnswer;
  const result = answer.results?.[0];
  const error = answer.error ?? result?.error;
  if (error !== undefined) throw new Error(`${influxql}: ${error}`);
  return result?.series ?? [];
}
