import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../lambda/locust/failure.ts';
import type { LocustClient } from '../../lambda/locust/fetch/fetch-report.ts';
import { noFigures } from '../../lambda/locust/report/rows.ts';
import { runIdAt } from '../../lambda/runs/run.ts';
import { revealAfterMs, statusForReporter } from '../../lambda/targets/reporter-status.ts';
import type { ReporterStatus } from '../../lambda/targets/reporter-status.ts';
import { storedTarget } from '../../lambda/targets/target.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';

/** How an attempt fails, and after how long. */
interface Way {
  readonly failure: Failure;
  readonly afterMs: number;
}

const refuses: Way = { failure: { kind: 'refused', message: 'nobody listens', isGone: true }, afterMs: 0 };
const isSilent: Way = { failure: { kind: 'timeout', message: 'no connection' }, afterMs: 5_000 };
const hangs: Way = { failure: { kind: 'timeout', message: 'no answer', isBusy: true }, afterMs: 5_000 };
const isOther: Way = { failure: { kind: 'not-locust', message: 'a web page' }, afterMs: 40 };
const hasNoName: Way = { failure: { kind: 'dns', message: 'no such name', isGone: true }, afterMs: 900 };

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

/** What stands at the URL from an instant on: nothing that a Locust would be, or a Locust. */
let course: (atMs: number) => Way | 'Locust';
const ports = () => ({
  openLocust: (): LocustClient => {
    const client = rig.ports.openLocust();
    return {
      ...client,
      async fetchReport(request) {
        const way = course(rig.clock.now());
        if (way === 'Locust') return client.fetchReport(request);
        await rig.clock.sleepUntil(rig.clock.now() + way.afterMs);
        return { ok: false, failure: way.failure, durationMs: way.afterMs };
      },
    };
  },
});

/** What the reporter that made the target sees if it asks all the time, each change once. */
async function seen(
  begun: readonly Promise<unknown>[],
  untilSeconds: number,
  poll?: (seconds: number) => Promise<unknown>,
) {
  const work = [...begun];
  const views: { atSeconds: number; status: ReporterStatus | undefined }[] = [];
  let last = '';
  for (let nowMs = rig.clock.now(); nowMs <= minute + untilSeconds * second; nowMs += 500) {
    await rig.clock.advanceTo(nowMs);
    const seconds = (nowMs - minute) / second;
    if (poll !== undefined && seconds % 10 === 0) work.push(poll(seconds));
    await rig.clock.quiet();
    const { status } = storedTarget.parse(await rig.registry.target('ci-shop'));
    const view = status && statusForReporter(status, nowMs);
    if (JSON.stringify(view) === last) continue;
    last = JSON.stringify(view);
    views.push({ atSeconds: seconds, status: view });
  }
  await rig.clock.runUntilDone(Promise.all(work));
  return views;
}

/** One idle poll every ten seconds. */
const seenIdle = (untilSeconds: number) =>
  seen([], untilSeconds, () => {
    const from = new Date(rig.clock.now()).toISOString();
    return rig.begin({ scheduledTime: from, from }, { ports: ports() });
  });

const target = { owner: 'reporter', sampleSeconds: 2 };

describe('what a reporter sees of its target while nothing runs', () => {
  const never = {
    checkedAt: at(0),
    since: at(0),
    error: { kind: 'unread', message: 'the page shows why.', at: at(0) },
  };

  it.each([
    ['refuses', () => refuses],
    ['is silent', () => isSilent],
    ['is something else', () => isOther],
    ['has no name', () => hasNoName],
    [
      'is one after the other',
      (atMs: number) => [refuses, isSilent, isOther, hangs][((atMs - minute) / 10_000) % 4] ?? refuses,
    ],
  ])('is the same at the same time, whatever is at the URL: what %s', async (_what, ways) => {
    await rig.registry.putTarget({ id: 'ci-shop', url: 'http://10.0.0.7:22', ...target });
    course = ways;

    expect(await seenIdle(60)).toEqual([
      { atSeconds: 0, status: undefined },
      { atSeconds: revealAfterMs / second, status: never },
    ]);
    expect((await rig.registry.target('ci-shop'))?.['status']).toMatchObject({
      error: { kind: expect.any(String) as string },
    });
  });

  it.each([
    ['refuses', refuses],
    ['is silent', isSilent],
  ])('shows no earlier that what was a Locust %s', async (_how, way) => {
    await rig.locust('ci-shop', { state: 'ready' }, target);
    course = (atMs) => (atMs < minute + 25 * second ? 'Locust' : way);
    const read = { state: 'ready', checkedAt: at(0), since: at(0) };

    const error = { ...never.error, at: at(30) };
    expect(await seenIdle(60)).toEqual([
      { atSeconds: 0, status: read },
      { atSeconds: 40, status: { state: 'ready', checkedAt: at(30), since: at(30), error } },
    ]);
  });
});

describe('what a reporter sees of its target in a run', () => {
  const run = runIdAt(minute);

  async function begin(lastGoodAtMs: number, sampleSeconds = 10): Promise<void> {
    const record = { id: run, startedAtMs: minute, lastGoodAtMs, lastState: 'running', total: noFigures };
    await rig.registry.putTarget({ id: 'ci-shop', url: 'http://10.0.0.7:22', ...target, sampleSeconds });
    await rig.registry.runs.save(
      { ...record, peakUsers: 1, timeline: [] },
      { target: 'ci-shop', project: 'shop', owner: 'reporter' },
    );
    const status = { state: 'running', checkedAt: at(0), since: at(0), run };
    await rig.registry.targets.writeStatus('ci-shop', status, undefined);
  }

  it.each([
    ['refuses', 2, refuses],
    ['is silent', 2, isSilent],
    ['hangs', 2, hangs],
    ['refuses', 5, refuses],
    ['is silent', 5, isSilent],
  ])(
    'is when attempts failed, ten seconds late, so that the load test learns of it in time: what %s, read every %i s',
    async (_what, sampleSeconds, way) => {
      await begin(minute, sampleSeconds);
      course = () => way;

      const views = await seen([rig.begin({ scheduledTime: at(0) }, { ports: ports() })], 50);

      const known = { state: 'running', run };
      const shown = (seconds: number) => ({
        ...known,
        ...{ checkedAt: at(seconds), since: at(seconds) },
        error: { kind: 'unread', message: 'the page shows why.', at: at(seconds) },
      });
      expect(views.map(({ status }) => status)).toEqual([
        { ...known, checkedAt: at(0), since: at(0) },
        ...views.slice(1).map(({ atSeconds }) => shown(atSeconds - revealAfterMs / second)),
      ]);
      expect(views.map(({ atSeconds }) => atSeconds)).toEqual([0, 10, 20, 30, 40, 50]);
    },
  );

  it.each([
    ['refuses', refuses],
    ['hangs', hangs],
  ])('is lost after five minutes, whether what is there %s', async (_what, way) => {
    await begin(minute);
    course = () => way;
    await rig.clock.advanceTo(minute + 300 * second);

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(300) }, { ports: ports() }));

    expect(await rig.registry.runsOf('ci-shop')).toMatchObject([{ outcome: 'lost' }]);
  });
});
