import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventsOf, firstRun as run, instant, running, startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';
import { bodyOf, recorded } from '../support/locust/report-text.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: ReportRig;
/** What happens between the API's next look at the runs and what it makes of it. */
let afterRead: (() => Promise<void>) | undefined;
beforeAll(async () => {
  rig = await startReportRig('in process', ({ runs }) => ({
    runs: {
      ...runs,
      async read(keys) {
        const read = await runs.read(keys);
        const after = afterRead;
        afterRead = undefined;
        await after?.();
        return read;
      },
    },
  }));
});
beforeEach(async () => {
  await rig.reset();
  await rig.register('ci-shop');
});
afterAll(() => rig.close());

const deleteRun = (target: string) => new DeleteCommand({ TableName: 'Runs', Key: { target, run } });

describe('a report that was sent', () => {
  it.each(recorded.map((name, index) => [name, `twin-${index}`] as const))(
    'is written as the same lines as when the collector fetches it: %s',
    async (name, twin) => {
      const body = bodyOf(name);
      const locust = await startScriptedLocust();
      // In a run both, so that a state that is at rest is one that ends it.
      const linesOf = async (take: () => Promise<unknown>): Promise<readonly string[]> => {
        const start = rig.sent.length;
        await take();
        return rig.sent
          .slice(start)
          .filter((line) => !line.startsWith('locust2influx_'))
          .map((line) => line.replace(/duration=[\d.]+/, 'duration=0'));
      };
      const settings = { states: ['spawning', 'running'], sampleSeconds: 60, tags: { env: 'ci', 'a b': 'c,d' } };
      const begin = async (id: string): Promise<unknown> => {
        rig.setSeconds(0);
        return rig.report(id, 0, running(0));
      };
      await rig.register(twin, settings);
      await begin(twin);
      rig.setSeconds(60);
      const sent = await linesOf(() => rig.report(twin, 60, body));
      await rig.admin.ask(`DELETE /v1/targets/${twin}`);
      await rig.admin.registry.client.send(deleteRun(twin));
      await rig.register(twin, { ...settings, source: 'fetch', url: locust.url });
      await begin(twin);
      locust.say((_request, response) => response.end(body));
      rig.setSeconds(60);

      const fetched = await linesOf(() => rig.window());

      await locust.close();
      const { state } = JSON.parse(body) as { state: string };
      // The one difference there is meant to be: the report that ends a run has its final figures.
      const isFinal = !['running', 'spawning', 'hatching'].includes(state);
      expect(fetched.length).toBeGreaterThan(isFinal ? 1 : 5);
      if (!isFinal) expect(sent).toEqual(fetched);
      else {
        expect(sent).toEqual(expect.arrayContaining([...fetched]));
        expect(sent.some((line) => line.startsWith('locust_total'))).toBe(true);
      }
    },
  );
});

describe('the last report of a target that is fetched', () => {
  it('ends its run with the final figures, once, whichever way the end was seen', async () => {
    const locust = await startScriptedLocust(running(10));
    await rig.register('web-ui', { source: 'fetch', url: locust.url, sampleSeconds: 60 });
    await rig.window();
    locust.say({ state: 'stopped', requests: 90 });
    rig.setSeconds(60);

    const [answer] = await Promise.all([rig.report('web-ui', 59.5, { state: 'stopped', requests: 99 }), rig.window()]);

    await locust.close();
    expect(answer).toMatchObject({ status: 202, json: { run } });
    expect(await rig.runs('web-ui')).toMatchObject([{ run, outcome: 'finished' }]);
    expect(eventsOf(rig).filter(([kind]) => kind === 'stop')).toHaveLength(1);
    expect((await rig.admin.registry.target('web-ui'))?.['status']).not.toHaveProperty('run');
  });

  it('that comes after the collector has seen the end brings the final figures', async () => {
    const locust = await startScriptedLocust(running(10));
    await rig.register('web-ui', { source: 'fetch', url: locust.url, sampleSeconds: 60 });
    await rig.window();
    locust.say({ state: 'stopped', requests: 90 });
    rig.setSeconds(60);
    await rig.window();
    rig.setSeconds(62);

    const answer = await rig.report('web-ui', 61, { state: 'stopped', requests: 99 });

    await locust.close();
    expect(answer).toMatchObject({ status: 202, json: { run, points: 5 } });
    expect(await rig.runs('web-ui')).toMatchObject([
      { run, outcome: 'finished', endedAt: instant(60), total: { numRequests: 99 } },
    ]);
    expect(eventsOf(rig).filter(([kind]) => kind === 'stop')).toHaveLength(1);
  });

  it('that comes while the collector sees the end brings the final figures', async () => {
    const locust = await startScriptedLocust(running(10));
    await rig.register('web-ui', { source: 'fetch', url: locust.url, sampleSeconds: 60 });
    await rig.window();
    locust.say({ state: 'stopped', requests: 90 });
    rig.setSeconds(60);
    afterRead = async () => {
      await rig.window();
      rig.setSeconds(62);
    };

    const answer = await rig.report('web-ui', 61, { state: 'stopped', requests: 99 });

    await locust.close();
    expect(answer).toMatchObject({ status: 202, json: { run, points: 5 } });
    expect(await rig.runs('web-ui')).toMatchObject([{ run, endedAt: instant(60), total: { numRequests: 99 } }]);
    expect(eventsOf(rig).filter(([kind]) => kind === 'stop')).toHaveLength(1);
  });
});
