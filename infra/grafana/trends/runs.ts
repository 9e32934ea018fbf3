import { TableSortByFieldStateBuilder, VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { column, failedColumn, transformation } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { runOfRow, trendsOfRow } from '../links.ts';
import { plainTexts, table, timeSeries } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { trendsQueries } from '../queries/trends.ts';
import { outcomeColumn, verdictColumn } from './outcomes.ts';

const empty = 'No run that began in the time range is over: widen it, or choose another project or target.';

// The start is the place on the time axis; texts are for the link, and are not drawn.
const runsAsPoints = () => [
  transformation.without('Time'),
  transformation.converted({ Started: 'time', From: 'string', Until: 'string' }),
  transformation.sortedBy('Started'),
];

/** One point per run, each a link to its run. */
const points = (text: Omit<PanelText, 'empty'>) =>
  timeSeries({ ...text, empty }, ['lastNotNull', 'min', 'max'])
    .transformations(runsAsPoints())
    .overrideByFieldType('string', plainTexts)
    .dataLinks([new DashboardLinkBuilder('Run ${__data.fields.run}').url(runOfRow)])
    .showPoints(VisibilityMode.Always)
    .pointSize(9)
    .lineWidth(1)
    .fillOpacity(0)
    // Runs are days apart: the line between them is the trend.
    .insertNulls(false)
    .spanNulls(true);

const panels = () => [
  points({
    title: 'Requests/s per run',
    description:
      'Requests per second over each whole run; a point at each run’s start. A click on a point leads to the run.',
    queries: trendsQueries.requestRate,
  })
    .unit('reqps')
    .decimals(1),
  points({
    title: 'Mean response time per run',
    description: 'Mean response time over each whole run. A click on a point leads to the run.',
    queries: trendsQueries.mean,
  }).unit('ms'),
  points({
    title: '95th percentile per run',
    description: '95th percentile over each whole run, where Locust reports it. A click on a point leads to the run.',
    queries: trendsQueries.p95,
  }).unit('ms'),
  points({
    title: 'Failed requests per run',
    description: 'Share of requests that failed, over each whole run. A click on a point leads to the run.',
    queries: trendsQueries.failRatio,
  })
    .unit('percentunit')
    .decimals(2),
];

const runs = () =>
  table({
    title: 'Runs',
    description:
      'Every run of the project that began in the time range and is over, newest first: how it ended, its verdict where ' +
      'its target has criteria, and its final figures. ' +
      'The name of a run leads to the run, that of a target to its trends, below.',
    empty,
    queries: trendsQueries.runs,
  })
    .height(12)
    .transformations(runsAsPoints())
    .sortBy([new TableSortByFieldStateBuilder().displayName('Started').desc(true)])
    .unit('ms')
    .overrideByName('Started', [...column.unit('dateTimeAsIso')])
    .overrideByName('target', [column.named('Target'), column.link('Show its trends', trendsOfRow)])
    .overrideByName('run', [column.named('Run'), column.link('Open the run', runOfRow)])
    .overrideByRegexp('/^(From|Until)$/', [column.hidden()])
    .overrideByName('Outcome', outcomeColumn())
    .overrideByName('Verdict', verdictColumn())
    .overrideByName('Duration', [...column.unit('dthms', 0)])
    .overrideByName('Users', [...column.unit('none', 0)])
    .overrideByName('Requests', [...column.unit('locale', 0)])
    .overrideByName('Requests/s', [...column.unit('reqps', 1)])
    .overrideByName('Failed', failedColumn());

/** Whether it was better last time: of each target by itself, for figures of two have no trend in common. */
export const trendsRow = (): Row => ({ title: 'From run to run: ${target}', panels: panels(), repeat: 'target' });
/** All of them. */
export const runsRow = (): Row => ({ title: 'Runs', panels: [runs()] });
