import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import type { AnnotationQuery, Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboardIds, linksOf } from './links.ts';
import type { DashboardName } from './links.ts';

/** A builder of any of the panels. */
export interface PanelOfRow extends Builder<Panel> {
  id(id: number): unknown;
}

/** Panels under one heading. */
export interface Row {
  readonly title: string;
  readonly panels: readonly PanelOfRow[];
  /** The row is there once for each chosen value of this variable. */
  readonly repeat?: string;
}

export interface DashboardParts {
  readonly name: DashboardName;
  readonly title: string;
  readonly description: string;
  readonly from: string;
  /** How often it refreshes; empty for never. */
  readonly refresh: string;
  /** Whether figures are of the time range: where they are not, it is not shown. */
  readonly hasTimeRange: boolean;
  readonly variables: readonly Builder<VariableModel>[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  readonly rows: readonly Row[];
}

/** One dashboard, its panels numbered in the order in which they stand. */
export function dashboard(parts: DashboardParts): Dashboard {
  const builder = new DashboardBuilder(parts.title)
    .uid(dashboardIds[parts.name])
    .description(parts.description)
    .tags(['locust2influx', 'locust'])
    .time({ from: parts.from, to: 'now' })
    .refresh(parts.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...parts.variables])
    .annotations([...(parts.annotations ?? [])])
    .links(linksOf(parts.name));
  let id = 0;
  for (const row of parts.rows) {
    const heading = new RowBuilder(row.title).id((id += 1));
    builder.withRow(row.repeat === undefined ? heading : heading.repeat(row.repeat));
    for (const panel of row.panels) {
      panel.id((id += 1));
      builder.withPanel(panel);
    }
  }
  const built = inSight(builder.build());
  return parts.hasTimeRange ? built : { ...built, timepicker: { hidden: true } };
}

/** The SDK puts links and switches of annotations into a menu, where Grafana 12 hides them behind three dots. */
function inSight(built: Dashboard): Dashboard {
  const text = JSON.stringify(built, (_, value: unknown) => (value === 'inControlsMenu' ? undefined : value));
  return JSON.parse(text) as Dashboard;
}
