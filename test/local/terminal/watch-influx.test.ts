import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkInflux } from '../../../infra/local/terminal/watch-influx.ts';
import type { DeliveryProblem } from '../../../lambda/collector/window-figures/observer.ts';
import { startInfluxServer } from '../../support/influx/influx-server.ts';
import type { InfluxServer } from '../../support/influx/influx-server.ts';
import { patientClock as clock } from '../../support/time/patient-clock.ts';

let influx: InfluxServer;
beforeEach(async () => {
  influx = await startInfluxServer();
});
afterEach(() => influx.close());

async function problemsFound(stop = new AbortController().signal): Promise<readonly DeliveryProblem[]> {
  const problems: DeliveryProblem[] = [];
  const notReady = (problem: DeliveryProblem): void => void problems.push(problem);
  const settings = { url: influx.url, org: 'o', bucket: 'b', token: 'secret-token' };
  await checkInflux(settings, { clock, observer: { notReady }, stop });
  return problems;
}

it.each([204, 200, 400, 422])('an InfluxDB that answers a write of nothing with %i is fine', async (status) => {
  influx.take({ status, body: '{"code":"invalid","message":"writing requires points"}' });

  expect(await problemsFound()).toEqual([]);
});

it.each([401, 403, 404, 503])('an InfluxDB that answers it with %i is reported', async (status) => {
  influx.take({ status, headers: { 'content-type': 'application/json' }, body: '{"message":"so it is"}' });

  expect(await problemsFound()).toEqual([{ outcome: 'retryable', lines: 0, status, reason: 'so it is' }]);
});

it('what is written to ask is a comment in the right place, with the token', async () => {
  await problemsFound();

  expect(influx.requests).toMatchObject([
    { query: { org: 'o', bucket: 'b' }, headers: { authorization: 'Token secret-token' } },
  ]);
  expect(influx.lines).toEqual([expect.stringMatching(/^#/)]);
});

it('a stop meanwhile waits for no answer, and nothing is reported', async () => {
  influx.take('hang');
  const stop = new AbortController();

  const found = problemsFound(stop.signal);
  stop.abort();

  // Nothing else ends it: this clock has no deadlines.
  expect(await found).toEqual([]);
});

it('after a stop it asks nothing', async () => {
  influx.take({ status: 401 });

  expect(await problemsFound(AbortSignal.abort())).toEqual([]);
  expect(influx.requests).toEqual([]);
});
