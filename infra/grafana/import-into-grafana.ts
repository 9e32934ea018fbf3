import { alertRules, everySeconds, groupName } from './alerting/rules.ts';
import { dashboards } from './build.ts';
import { folder } from './links.ts';

/** A Grafana, and what to do there. */
export interface ImportInto {
  /** Where it is, with a path where it has one. */
  readonly url: string;
  /** Of a service account that may edit dashboards, folders and alert rules. */
  readonly token: string;
  /** The data source that alert rules ask; the only one for InfluxQL, where none is named. */
  readonly datasourceUid?: string | undefined;
  /** Says in a line what was done. */
  readonly say: (line: string) => void;
}

/** What a person can mend. */
export class ImportError extends Error {}

const timeoutMs = 30_000;
const answerLimit = 300;

interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Brings dashboards and alert rules into a Grafana, or up to date. What is there already stays in the folder that it lies
 * in; what is new goes into the folder “Locust”. Other dashboards and rules are left alone.
 * @throws ImportError with what Grafana answered, or what is to be named
 */
export async function importIntoGrafana(into: ImportInto): Promise<void> {
  const ask = asker(into);
  const datasourceUid = into.datasourceUid ?? (await onlyDatasource(ask));
  if ((await ask({ path: `/api/folders/${folder.uid}` })) === undefined) {
    await ask({ method: 'POST', path: '/api/folders', body: folder });
  }
  for (const dashboard of Object.values(dashboards())) {
    const known = await ask({ path: `/api/dashboards/uid/${dashboard.uid}` });
    const meta = known as { readonly meta?: { readonly folderUid?: string } } | undefined;
    const folderUid = known === undefined ? folder.uid : (meta?.meta?.folderUid ?? '');
    await ask({ method: 'POST', path: '/api/dashboards/db', body: { dashboard, folderUid, overwrite: true } });
    into.say(`${dashboard.title}: ${known === undefined ? 'added' : 'brought up to date'}`);
  }
  await importRules(ask, datasourceUid);
  into.say('Alert rules: brought up to date');
}

type Ask = (request: Request) => Promise<unknown>;

/** Rules are of one group, which is replaced as a whole, where it lies. */
async function importRules(ask: Ask, datasourceUid: string): Promise<void> {
  const rules = alertRules(datasourceUid);
  const known = await ask({ path: `/api/v1/provisioning/alert-rules/${rules[0]?.uid}` });
  const at = known as { readonly folderUID?: string; readonly ruleGroup?: string } | undefined;
  const folderUID = at?.folderUID ?? folder.uid;
  const title = at?.ruleGroup ?? groupName;
  const body = {
    ...{ title, folderUid: folderUID, interval: everySeconds },
    rules: rules.map((rule) => ({ ...rule, orgID: 1, folderUID, ruleGroup: title })),
  };
  const path = `/api/v1/provisioning/folder/${encodeURIComponent(folderUID)}/rule-groups/${encodeURIComponent(title)}`;
  await ask({ method: 'PUT', path, body });
}

async function onlyDatasource(ask: Ask): Promise<string> {
  const all = (await ask({ path: '/api/datasources' })) as readonly {
    readonly uid: string;
    readonly type: string;
    readonly jsonData?: { readonly version?: string };
  }[];
  const [one, ...more] = all.filter(
    // Where none is set it is InfluxQL.
    ({ type, jsonData }) => type === 'influxdb' && (jsonData?.version ?? 'InfluxQL') === 'InfluxQL',
  );
  if (one !== undefined && more.length === 0) return one.uid;
  const what = one === undefined ? 'no InfluxDB with the query language InfluxQL' : 'more than one InfluxDB';
  throw new ImportError(
    `This Grafana has ${what}: name the data source that alert rules ask in GRAFANA_DATASOURCE, by its UID.`,
  );
}

/** Asks Grafana as the token; undefined is what is not there. */
function asker({ url, token }: ImportInto): Ask {
  return async ({ method = 'GET', path, body }) => {
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        // So that what was imported can be edited in Grafana.
        'X-Disable-Provenance': 'true',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.status === 404 && method === 'GET') return undefined;
    if (!response.ok) {
      throw new ImportError(`${method} ${path}: Grafana answers ${response.status}: ${text.slice(0, answerLimit)}`);
    }
    return JSON.parse(text) as unknown;
  };
}
