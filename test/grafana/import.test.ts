import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importIntoGrafana } from '../../infra/grafana/import-into-grafana.ts';

const token = 'glsa_of-a-service-account';
const influxDb = { uid: 'of-2', type: 'influxdb', jsonData: { version: 'InfluxQL' } };

interface Import {
  readonly dashboard: { readonly uid: string };
  readonly folderUid: string;
}

/** What Grafana's API keeps, as far as an import asks for it. */
let datasources: readonly unknown[];
let folders: string[];
let dashboards: Map<string, string>;
let ruleGroups: Map<string, { readonly rules: readonly Readonly<Record<string, unknown>>[] }>;
let grafana: Server;

const notThere = { status: 404, said: { message: 'not found' } };

function answer(method: string, path: string, body: unknown): { status: number; said: unknown } {
  const [, uid = ''] = /\/([^/]+)$/.exec(path) ?? [];
  if (path === '/api/datasources') return { status: 200, said: datasources };
  if (path === '/api/folders') folders.push((body as { readonly uid: string }).uid);
  else if (path.startsWith('/api/folders/')) return folders.includes(uid) ? { status: 200, said: {} } : notThere;
  else if (path === '/api/dashboards/db') {
    const { dashboard, folderUid } = body as Import;
    dashboards.set(dashboard.uid, folderUid);
  } else if (path.startsWith('/api/dashboards/uid/')) {
    const folderUid = dashboards.get(uid);
    return folderUid === undefined ? notThere : { status: 200, said: { meta: { folderUid } } };
  } else if (method === 'PUT') ruleGroups.set(path, body as { rules: [] });
  else {
    const known = [...ruleGroups.values()].flatMap(({ rules }) => rules).find((rule) => rule['uid'] === uid);
    return known === undefined ? notThere : { status: 200, said: known };
  }
  return { status: 200, said: {} };
}

beforeEach(async () => {
  datasources = [influxDb];
  folders = [];
  dashboards = new Map();
  ruleGroups = new Map();
  grafana = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    void text(request).then((body) => {
      const isKnown = headers.authorization === `Bearer ${token}`;
      const refusal = { status: 401, said: { message: 'Invalid API key' } };
      const { status, said } = isKnown ? answer(method, url, body === '' ? undefined : JSON.parse(body)) : refusal;
      response.statusCode = status;
      response.end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await once(grafana, 'listening');
});
afterEach(() => {
  grafana.closeAllConnections();
  grafana.close();
});

const run = (settings: { readonly token?: string; readonly datasourceUid?: string } = {}): Promise<void> => {
  const url = `http://127.0.0.1:${(grafana.address() as AddressInfo).port}/`;
  return importIntoGrafana({ url, token, say: () => undefined, ...settings });
};

test('a first import makes the folder and puts everything there', async () => {
  await run();
  expect(folders).toEqual(['locust2influx']);
  expect([...dashboards.values()]).toEqual(Array(4).fill('locust2influx'));
  expect([...ruleGroups.keys()]).toEqual(['/api/v1/provisioning/folder/locust2influx/rule-groups/Load%20tests']);
  expect(JSON.stringify([...ruleGroups.values()])).toContain('"datasourceUid":"of-2"');
});

test('a later one leaves dashboards and rules in the folders to which they were moved', async () => {
  await run();
  dashboards.set('locust2influx-run', 'team-shop').set('locust2influx-compare', '');
  const [[path, group] = expect.fail()] = ruleGroups;
  ruleGroups.clear();
  const moved = group.rules.map((rule) => ({ ...rule, folderUID: 'alerts', ruleGroup: 'ours' }));
  ruleGroups.set('moved', { rules: moved });
  await run();
  expect(folders).toHaveLength(1);
  expect(Object.fromEntries(dashboards)).toMatchObject({
    'locust2influx-run': 'team-shop',
    'locust2influx-compare': '',
    'locust2influx-trends': 'locust2influx',
  });
  expect([...ruleGroups.keys()]).toEqual([
    'moved',
    path.replace('locust2influx', 'alerts').replace('Load%20tests', 'ours'),
  ]);
});

test('what cannot be done is said, with what to do', async () => {
  await expect(run({ token: 'another' })).rejects.toThrow(
    'GET /api/datasources: Grafana answers 401: {"message":"Invalid',
  );
  const flux = { ...influxDb, uid: 'flux', jsonData: { version: 'Flux' } };
  datasources = [flux];
  await expect(run()).rejects.toThrow('no InfluxDB with the query language InfluxQL: name');
  datasources = [influxDb, flux, { ...influxDb, uid: 'of-1' }];
  await expect(run()).rejects.toThrow('more than one InfluxDB: name the data source');
  await run({ datasourceUid: 'of-1' });
  expect(JSON.stringify([...ruleGroups.values()])).toContain('"datasourceUid":"of-1"');
});
