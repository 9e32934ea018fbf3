import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programs } from '../parts.ts';
import { answers, freePort, startProcess, waitUntilReady } from '../part-process.ts';
import { askInfluxql, storedRows } from './influxd.ts';
import type { Influxd, InfluxSeries } from './influxd.ts';

const database = 'e2e';

/** Starts InfluxDB 1.6, which takes `/write` alone, on loopback with an empty database; it reports nothing to anyone. */
export async function startInfluxd1(): Promise<Influxd> {
  const [httpPort, backupPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${httpPort}`;
  const folder = await mkdtemp(join(tmpdir(), 'influxd-'));
  const configFile = join(folder, 'influxdb.conf');
  await writeFile(configFile, config(folder, httpPort, backupPort));
  const process = startProcess({ program: programs.influxd1, args: ['-config', configFile] });
  await waitUntilReady(process, () => answers(`${url}/ping`));
  const query = (influxql: string): Promise<readonly InfluxSeries[]> => askInfluxql({ url, database }, influxql);
  await query(`CREATE DATABASE ${database}`);
  return {
    url,
    async write(lines) {
      const response = await fetch(`${url}/write?db=${database}&precision=ms`, { method: 'POST', body: lines });
      return { status: response.status, body: await response.text() };
    },
    query,
    rows: (measurement) => storedRows(query, measurement),
    async clear() {
      await query(`DROP DATABASE ${database}`);
      await query(`CREATE DATABASE ${database}`);
    },
    async stop() {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
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
