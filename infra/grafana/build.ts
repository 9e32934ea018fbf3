import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertRules, everySeconds, groupName } from './alerting/rules.ts';
import { collectorDashboard } from './collector/collector.ts';
import { compareDashboard } from './compare/compare.ts';
import { folder } from './links.ts';
import { runDashboard } from './run/run.ts';
import { trendsDashboard } from './trends/trends.ts';

/** The committed JSON, by the name of its file: what one imports into Grafana. */
export const dashboardsFolder = join(import.meta.dirname, 'dashboards');

/** Every dashboard by the name of its file, without an extension. */
export function dashboards(): Readonly<Record<string, Dashboard>> {
  return {
    run: runDashboard(),
    compare: compareDashboard(),
    trends: trendsDashboard(),
    collector: collectorDashboard(),
  };
}

/** What stands in the file of a dashboard. */
export function dashboardJson(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

/** The alert rules as a file that Grafana reads when it starts, in the folder for such files of the stack on one machine. */
export const alertingFile = join(import.meta.dirname, '../local/provisioning/alerting/locust2influx.json');

/** What stands in that file. */
export function alertingJson(): string {
  // The data source of that stack.
  const rules = alertRules('locust2influx');
  const group = { orgId: 1, name: groupName, folder: folder.title, interval: `${everySeconds}s`, rules };
  return `${JSON.stringify({ apiVersion: 1, groups: [group] }, undefined, 2)}\n`;
}

/** Writes the file of alert rules. */
export async function buildAlerting(): Promise<void> {
  await mkdir(dirname(alertingFile), { recursive: true });
  await writeFile(alertingFile, alertingJson());
}

/** Writes one JSON file per dashboard. The same sources give the same bytes. */
export async function buildDashboards(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = Object.entries(dashboards());
  await Promise.all(
    files.map(([name, dashboard]) => writeFile(join(folder, `${name}.json`), dashboardJson(dashboard))),
  );
}
