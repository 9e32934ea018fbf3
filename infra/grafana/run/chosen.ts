import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { RegexMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { column, transformation } from '../columns.ts';
import { runOfChosenTarget } from '../links.ts';
import { table } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { chosenRun } from './empty.ts';

const showAllOfIt: RegexMap = {
  type: MappingType.RegexToText,
  options: { pattern: '/^.+$/', result: { text: 'show all of it', index: 0 } },
};

/** The chosen run, of whatever day: how to get to it where the time range does not hold it. */
export const chosen = () =>
  table({
    title: chosenRun,
    description:
      'When the chosen run started, how long it was sampled, and how it ended, whatever the time range is. ' +
      '“show all of it” sets the time range of this dashboard to the run’s.',
    empty: 'No sample is stored of the chosen run, or no run is chosen.',
    queries: runQueries.chosen,
  })
    .height(4)
    .filterable(false)
    .withTransformation(transformation.without('Time'))
    .withTransformation(transformation.merged())
    .withTransformation(transformation.converted({ From: 'string', Until: 'string', 'Time range': 'string' }))
    .withTransformation(transformation.ordered('Run', 'Time range', 'Started', 'Duration', 'Ended'))
    .overrideByName('Run', [column.width(200)])
    .overrideByName('Time range', [
      column.width(160),
      { id: 'mappings', value: [showAllOfIt] },
      column.link('Show all of it', runOfChosenTarget),
    ])
    .overrideByName('Started', [...column.unit('dateTimeAsIso'), column.width(200)])
    .overrideByName('Duration', [...column.unit('dthms'), column.width(120)])
    .overrideByRegexp('/^(From|Until)$/', [column.hidden()]);
