import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { TableSortByFieldStateBuilder, VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { column, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { filled, gapMs, missingValue, table } from '../panels.ts';
import { failureKinds } from '../queries/collector.ts';
import { runQueries } from '../queries/run.ts';
import { neutral } from '../thresholds.ts';
import { elsewhere } from './empty.ts';
import { stateColours } from './states.ts';

const kinds: ValueMap = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    Object.entries(failureKinds).map(([kind, text], index) => [
      kind,
      { text: `${kind}: ${text}`, color: 'orange', index },
    ]),
  ),
};

const attempts = () =>
  filled(new StateTimelineBuilder(), {
    title: 'Why there is no sample',
    description:
      'Every attempt to read Locust during the run. “State” is what Locust said: figures are stored while it says ' +
      '“running” (or what the target’s states allow). “No answer” is why an attempt brought nothing. Where both are ' +
      'blank the collector did not ask, or its lines still wait for InfluxDB: the dashboard Collector says which.',
    empty: `No attempt to read Locust for this run in the time range. ${elsewhere}`,
    queries: runQueries.attempts,
  })
    .height(7)
    .span(14)
    .thresholds(neutral())
    .mappings([stateColours, kinds])
    .insertNulls(gapMs)
    .overrideByRegexp('/.*/', missingValue)
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .fillOpacity(60)
    .lineWidth(0);

const events = () =>
  table({
    title: 'What happened',
    description: 'Start, stop and counter resets of the run: what the vertical lines in the pictures mark.',
    empty: `The run neither started nor ended in the time range. ${elsewhere}`,
    queries: runQueries.events,
  })
    .height(7)
    .span(10)
    .withTransformation(transformation.ordered('Time', 'Event', 'What happened'))
    .sortBy([new TableSortByFieldStateBuilder().displayName('Time').desc(true)])
    .overrideByName('Time', [column.width(170)])
    .overrideByName('Event', [column.width(80)]);

/** Gaps explained. */
export const attemptsRow = (): Row => ({ title: 'Samples and events', panels: [attempts(), events()] });
