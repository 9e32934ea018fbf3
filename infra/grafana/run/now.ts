import { ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { column } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import type { PanelText } from '../panels.ts';
import { freshSeconds, nowQueries } from '../queries/now.ts';
import { failRatio } from '../thresholds.ts';
import { chosen } from './chosen.ts';
import { noAnswer, runOutcomes, silence, stateColours, verdictColours } from './states.ts';

const notOn =
  `the run is over, or its last sample is older than ${freshSeconds} seconds. “Chosen run”, below, has figures ` +
  'of the whole run, and the panels below it what was.';

/** A figure of a run that is on. */
const live = (text: Omit<PanelText, 'empty'>) => stat({ ...text, empty: notOn });

const state = () =>
  stat({
    title: 'State',
    description:
      'What came of the last attempt to read Locust: the state that it said, or why there was no answer. After the end, ' +
      `how the run ended. “silent”: the run is on, and nothing has come for ${freshSeconds} seconds; the dashboard ` +
      'Collector and the page say more.',
    empty: 'nothing is stored of the chosen run, or none is chosen.',
    queries: nowQueries.state,
  })
    .span(5)
    // The first query that has an answer.
    .reduceOptions(new ReduceDataOptionsBuilder().calcs([]).fields('/^State$/').values(true).limit(1))
    .mappings([stateColours, noAnswer, ...runOutcomes, silence]);

const lastSample = () =>
  stat({
    title: 'Last sample',
    description: 'How long ago the last figures of the run were taken.',
    empty: 'no sample is stored of the chosen run.',
    queries: nowQueries.lastSample,
  })
    .span(4)
    .unit('dateTimeFromNow')
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^Time$/').values(false));

const users = () =>
  live({ title: 'Users', description: 'Simulated users now.', queries: nowQueries.users }).decimals(0);

const requestRate = () =>
  live({
    title: 'Requests/s',
    description: 'Requests per second now, as Locust counts them over its last ten seconds.',
    queries: nowQueries.requestRate,
  })
    .unit('reqps')
    .decimals(1);

const p95 = () =>
  live({
    title: 'p95',
    description:
      '95th percentile of response times now, of Locust’s last ten seconds. Green below the chosen p95 limit, red from ' +
      'it on.',
    queries: nowQueries.p95,
  })
    .unit('ms')
    .overrideByName('p95', [column.colour('green')])
    .overrideByName('p95 beyond the limit', [column.colour('red')]);

const failed = () =>
  stat({
    title: 'Failed',
    description: 'Share of all requests of the run that failed. Orange from 1 %, red from 5 % on.',
    empty: 'no sample is stored of the chosen run.',
    queries: nowQueries.failRatio,
  })
    .unit('percentunit')
    .decimals(2)
    .thresholds(failRatio('green'));

const verdict = () =>
  stat({
    title: 'Verdict',
    description: 'Whether the run met its target’s criteria. The page and the API say which it did not meet.',
    empty: 'the run is not over, or its target has no criteria.',
    queries: nowQueries.verdict,
  })
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^Verdict$/').values(false))
    .mappings([verdictColours]);

/** How the test stands: whatever the time range is. */
export const nowRow = (): Row => ({
  title: 'How it stands',
  panels: [state(), lastSample(), users(), requestRate(), p95(), failed(), verdict(), chosen()],
});
