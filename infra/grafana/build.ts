import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { collectorDashboard } from './collector/collector.ts';
import { compareDashboard } from './compare/compare.ts';
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

/** Writes one JSON file per dashboard. The same sources give the same bytes. */
export async function buildDashboards(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = Object.entries(dashboards());
  await Promise.all(
    files.map(([name, dashboard]) => writeFile(join(folder, `${name}.json`), dashboardJson(dashboard))),
  );
}
