import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Row } from '../dashboard.ts';
import { column, failedColumn, transformation } from '../columns.ts';
import { runOfChosenTarget } from '../links.ts';
import { gapMs, table, trend } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { compareQueries, sideNames } from '../queries/compare.ts';
import { overall } from './overall.ts';

const empty = 'Nothing to lay over each other: choose a run and a baseline that have samples.';
const sinceStart = 'Since start';

/** Both runs as lines over the time since their starts. */
const overlay = (text: Omit<PanelText, 'empty'>) =>
  trend({ ...text, empty }, sinceStart)
    .withTransformation(transformation.without('Time'))
    .withTransformation(transformation.joinedBy(sinceStart))
    // In the unit of the x axis, which is seconds here.
    .spanNulls(gapMs / 1000)
    .overrideByName(sinceStart, [...column.unit('dthms')])
    .overrideByRegexp('/^Baseline /', [column.colour('text')])
    .overrideByRegexp('/^Run /', [column.colour('blue')]);

/** Texts for the numbers that say which side a row is. */
const sides: ValueMap = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(sideNames.map((text, index) => [index, { text, index }])),
};

const totals = () =>
  table({
    title: 'Both runs',
    description:
      'The baseline, and below it the run that is held against it, each as a whole: Locust’s own totals at its last ' +
      'sample, and its mean rate of requests. The name leads to all of the run.',
    empty,
    queries: compareQueries.totals,
  })
    .height(5)
    .withTransformation(transformation.without('Time'))
    .withTransformation(transformation.merged())
    .withTransformation(transformation.converted({ From: 'string', Until: 'string' }))
    .unit('ms')
    .overrideByName('Side', [column.named('Which'), { id: 'mappings', value: [sides] }, column.width(85)])
    .overrideByName('Run', [column.link('Show all of it', runOfChosenTarget)])
    .overrideByName('Started', [...column.unit('dateTimeAsIso'), column.width(165)])
    .overrideByRegexp('/^(From|Until)$/', [column.hidden()])
    .overrideByName('Duration', [...column.unit('dthms'), column.width(85)])
    .overrideByName('Users', [...column.unit('none', 0), column.width(65)])
    .overrideByRegexp('/^(Requests|Failures)$/', [...column.unit('locale', 0), column.width(85)])
    .overrideByName('Requests/s', [...column.unit('reqps', 1), column.width(95)])
    .overrideByRegexp('/^(Mean|Median|p95|p99)$/', [column.width(75)])
    .overrideByName('Failed', [...failedColumn(), column.width(75)]);

const loadPanels = () => [
  overlay({
    title: 'Requests/s',
    description: 'Requests per second of both runs, from their starts.',
    queries: compareQueries.requestRate,
  })
    .unit('reqps')
    .decimals(1),
  overlay({
    title: 'Users',
    description: 'Simulated users of both runs, from their starts.',
    queries: compareQueries.users,
  }).decimals(0),
];

const outcomePanels = () => [
  overlay({
    title: 'Median response time',
    description: 'Median of Locust’s last ten seconds, of both runs, from their starts.',
    queries: compareQueries.p50,
  }).unit('ms'),
  overlay({
    title: '95th percentile',
    description: '95th percentile of Locust’s last ten seconds, of both runs, from their starts.',
    queries: compareQueries.p95,
  }).unit('ms'),
  overlay({
    title: 'Failures/s',
    description: 'Failed requests per second of both runs, from their starts.',
    queries: compareQueries.failureRate,
  })
    .unit('suffix:/s')
    .decimals(1),
  overlay({
    title: 'Failed',
    description: 'Share of all requests so far that failed, of both runs, from their starts.',
    queries: compareQueries.failRatio,
  })
    .unit('percentunit')
    .decimals(2),
];

/** The runs as wholes. */
export const totalsRow = (): Row => ({ title: 'As a whole', panels: [overall(), totals()] });
/** The runs over time. */
export const overlayRow = (): Row => ({ title: 'From their starts', panels: [...loadPanels(), ...outcomePanels()] });
