import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { Row } from '../dashboard.ts';
import { stat } from '../panels.ts';
import { runQueries } from '../queries/run.ts';
import { failRatio } from '../thresholds.ts';
import { chosen } from './chosen.ts';
import { chosenRun } from './empty.ts';

const empty = `no sample in the time range: see “${chosenRun}”`;

/** Locust's states: only what is amiss has a colour that calls. */
export const stateColours: ValueMap = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    [
      ['running', 'green'],
      ['spawning', 'blue'],
      ['hatching', 'blue'],
      ['ready', 'text'],
      ['stopping', 'text'],
      ['cleanup', 'text'],
      ['stopped', 'text'],
      ['missing', 'orange'],
    ].map(([state = '', color = ''], index) => [state, { text: state, color, index }]),
  ),
};

const state = () =>
  stat({
    title: 'State',
    description: 'What Locust last said of itself in the time range. “stopped” is how a test ends.',
    empty,
    queries: runQueries.state,
  })
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('/^State$/').values(false))
    .mappings([stateColours]);

const users = () =>
  stat({
    title: 'Users',
    description: 'Simulated users at the last sample of the time range.',
    empty,
    queries: runQueries.users,
  }).decimals(0);

const requestRate = () =>
  stat({
    title: 'Requests/s',
    description: 'Requests per second at the last sample, as Locust counts them over its last ten seconds.',
    empty,
    queries: runQueries.requestRate,
  })
    .unit('reqps')
    .decimals(1);

const failureRate = () =>
  stat({
    title: 'Failures/s',
    description: 'Failed requests per second at the last sample, as Locust counts them over its last ten seconds.',
    empty,
    queries: runQueries.failureRate,
  })
    .unit('suffix:/s')
    .decimals(1);

const failed = () =>
  stat({
    title: 'Failed',
    description: 'Share of all requests of the run that failed. Orange from 1 %, red from 5 % on.',
    empty,
    queries: runQueries.failRatio,
  })
    .unit('percentunit')
    .decimals(2)
    .thresholds(failRatio());

const requests = () =>
  stat({
    title: 'Requests',
    description: 'Requests of the run so far; since the ramp-up where Locust resets its counters then.',
    empty,
    queries: runQueries.requests,
  })
    .unit('locale')
    .decimals(0);

const failures = () =>
  stat({
    title: 'Failures',
    description: 'Requests of the run so far that failed.',
    empty,
    queries: runQueries.failures,
  })
    .unit('locale')
    .decimals(0);

const workers = () =>
  stat({
    title: 'Workers',
    description: 'Workers that are connected to the master. A Locust that runs as one process has none.',
    empty: `none, or no sample in the time range: see “${chosenRun}”`,
    queries: runQueries.workers,
  }).decimals(0);

/** How the test stands. */
export const nowRow = (): Row => ({
  title: 'How it stands',
  panels: [chosen(), state(), users(), requestRate(), failureRate(), failed(), requests(), failures(), workers()],
});
