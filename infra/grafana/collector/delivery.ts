import { AxisPlacement } from '@grafana/grafana-foundation-sdk/common';
import { column } from '../columns.ts';
import type { Row } from '../dashboard.ts';
import { counts, timeSeriesByInterval } from '../panels.ts';
import { collectorQueries } from '../queries/collector.ts';
import { noWindow } from './empty.ts';

const lines = () =>
  counts({
    title: 'Lines by what became of them',
    description:
      'Delivered at once; put to wait in the spool while InfluxDB did not take them, and delivered late from there; ' +
      'rejected for good, and kept among the dead letters; lost. All that was put to wait is to come back as delivered late.',
    empty: noWindow,
    queries: collectorQueries.lines,
  })
    .span(24)
    .overrideByName('Delivered', [column.colour('green')])
    .overrideByName('Delivered late', [column.colour('blue')])
    .overrideByName('Put to wait', [column.colour('yellow')])
    .overrideByName('Rejected', [column.colour('orange')])
    .overrideByName('Lost', [column.colour('red')]);

const waiting = () =>
  // Only windows that sampled look, and one of five while nothing runs.
  timeSeriesByInterval({
    title: 'Waiting in the spool',
    description:
      'Batches of lines that wait for InfluxDB at the end of each window, and the age of the oldest (right). It grows ' +
      'while InfluxDB is down or refuses token or bucket, and falls to 0 by itself afterwards. If it does not fall, the ' +
      'log says what InfluxDB answers.',
    empty: 'No window in the time range looked into the spool: no test was running, or nothing is kept here.',
    queries: collectorQueries.waiting,
  })
    .interval('1m')
    .decimals(0)
    .unit('locale')
    .overrideByName('Age of the oldest', [
      ...column.unit('ms'),
      { id: 'custom.axisPlacement', value: AxisPlacement.Right },
      { id: 'custom.fillOpacity', value: 0 },
    ]);

const troubles = () =>
  counts({
    title: 'What failed besides targets',
    description:
      'Denied: InfluxDB answered 401, 403 or 404, so a token or a bucket is to be mended. Failures of the platform: ' +
      'tables, queue, secrets or spool; the log names what was being done. Usual: a role or a key that was changed by hand.',
    empty: noWindow,
    queries: collectorQueries.troubles,
  })
    .overrideByName('Denied by InfluxDB', [column.colour('orange')])
    .overrideByName('Failures of the platform', [column.colour('yellow')]);

/** What became of the lines. */
export const deliveryRow = (): Row => ({ title: 'Delivery', panels: [lines(), waiting(), troubles()] });
