import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { RegexMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { column, failedColumn, transformation } from '../columns.ts';
import { runOfChosenTarget } from '../links.ts';
import { table } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { chosenRun } from './empty.ts';
import { runOutcomes } from './states.ts';

const showAllOfIt: RegexMap = {
  type: MappingType.RegexToText,
  options: { pattern: '/^.+$/', result: { text: 'show all of it', index: 0 } },
};

/** The chosen run as a whole, of whatever day: how to get to it where the time range does not hold it. */
export const chosen = () =>
  table({
    title: chosenRun,
    description:
      'The chosen run as a whole, whatever the time range is: Locust’s own totals at its last sample, its most users, its ' +
      'mean rate of requests, and how it ended. “show all of it” sets the time range of this dashboard to the run’s.',
    empty: 'No sample is stored of the chosen run, or no run is chosen.',
    queries: runQueries.chosen,
  })
    .height(4)
    .filterable(false)
    .withTransformation(transformation.without('Time', 'Median', 'Failures'))
    .withTransformation(transformation.merged())
    .withTransformation(transformation.converted({ From: 'string', Until: 'string', 'Time range': 'string' }))
    .withTransformation(transformation.ordered('Run', 'Time range', 'Started', 'Duration', 'Ended'))
    .unit('ms')
    .overrideByName('Time range', [
      column.width(120),
      { id: 'mappings', value: [showAllOfIt] },
      column.link('Show all of it', runOfChosenTarget),
    ])
    .overrideByName('Started', [...column.unit('dateTimeAsIso'), column.width(165)])
    .overrideByName('Duration', [...column.unit('dthms'), column.width(85)])
    .overrideByName('Ended', [{ id: 'mappings', value: [...runOutcomes] }, column.width(85)])
    .overrideByName('Users', [...column.unit('none', 0), column.width(65)])
    .overrideByName('Requests', [...column.unit('locale', 0), column.width(85)])
    .overrideByName('Requests/s', [...column.unit('reqps', 1), column.width(95)])
    .overrideByName('Failed', [...failedColumn(), column.width(75)])
    .overrideByRegexp('/^(Mean|p95|p99)$/', [column.width(75)])
    .overrideByRegexp('/^(From|Until)$/', [column.hidden()]);
