import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { instant, running, startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: ReportRig;
let locust: ScriptedLocust;
/** Another for each test: windows remember a target's run, also that of one whose table is gone. */
let id: string;
let tests = 0;
beforeAll(async () => {
  rig = await startReportRig('in process');
  locust = await startScriptedLocust();
});
beforeEach(async () => {
  await rig.reset();
  tests += 1;
  id = `web-ui-${tests}`;
  locust.say((_request, response) => response.writeHead(302, { location: '/login' }).end());
  await rig.register(id, { source: 'fetch', url: locust.url, sampleSeconds: 60 });
});
afterAll(() => Promise.all([rig.close(), locust.close()]));

const statusOf = async () => (await rig.admin.registry.target(id))?.['status'];

describe('a Locust that reports of an instant at which the collector cannot read it', () => {
  it('has a point of its own: in none a failure stands beside what was reported', async () => {
    await rig.report(id, 0, running(1));

    await rig.window();

    const points = rig.stored('locust_scrape').map(([series, fields]) => [series.split(' ')[1], fields]);
    expect(points).toEqual([
      [String(Date.parse(instant(0))), expect.stringMatching(/^up=true,(?!.*reason).*state="running"/)],
      [String(Date.parse(instant(0)) + 1), expect.stringMatching(/^up=false,(?!.*state).*reason="redirected"/)],
    ]);
  });

  it('keeps on its status why it cannot be read and when that was seen, until it can', async () => {
    await rig.report(id, 0, running(1));
    await rig.window();
    const error = { kind: 'redirected', at: instant(0) };
    expect(await statusOf()).toMatchObject({ error });
    rig.setSeconds(10);

    await rig.report(id, 10, { ...running(2), users: 7 });

    expect(await statusOf()).toMatchObject({ error, userCount: 7, checkedAt: instant(10) });
    rig.setSeconds(60);
    await rig.window();
    expect(await statusOf()).toMatchObject({ error: { ...error, at: instant(60) } });
    locust.say(running(3));
    rig.setSeconds(120);
    await rig.window();
    expect(await statusOf()).not.toHaveProperty('error');
  });

  it('loses the failure with the report that says that it reports by itself now', async () => {
    await rig.report(id, 0, running(1));
    await rig.window();
    await rig.register(id, { source: 'report' });
    rig.setSeconds(10);

    await rig.report(id, 10, running(2));

    expect(await statusOf()).not.toHaveProperty('error');
  });
});
