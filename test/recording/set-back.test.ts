import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { historyPage } from '../support/locust/history-page.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';
import { at, storedEvents } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

/** What Locust's page says of a test: users asked for, whether a load shape makes them, and who was there at its history's start. */
interface Asked {
  readonly users: number;
  readonly hasShape?: boolean;
  readonly firstUsers?: number;
  readonly firstAtSeconds?: number;
}
const pageOf = ({ users, hasShape = false, firstUsers = users, firstAtSeconds = 0 }: Asked): string =>
  historyPage([{ atMs: minute + firstAtSeconds * second, users: firstUsers }], {
    num_users: hasShape ? null : users,
    hide_common_options: hasShape ? true : null,
    shape_use_common_options: hasShape ? false : null,
  });

/** @property isUnread its page cannot be read */
type Answer = Omit<Saying, 'page'> & { readonly asked: Asked; readonly isUnread?: boolean };

/** The runs on record after answers 10 s apart, each of which stays what the Locust says until the next. */
async function runsAfter(...answers: readonly Answer[]): Promise<readonly unknown[]> {
  const sayings = answers.map(({ asked, isUnread = false, ...saying }) => ({
    ...saying,
    ...(!isUnread && { page: pageOf(asked) }),
  }));
  const locust = await rig.locust('shop', sayings[0]);
  const window = rig.begin({ scheduledTime: at(0) });
  for (const [index, saying] of sayings.entries()) {
    locust.say(saying);
    await rig.clock.advanceTo(minute + (10 * index + 9) * second);
  }
  await rig.clock.runUntilDone(window);
  return rig.registry.runsOf('shop');
}

const running = (users: number, requests: number, more: Partial<Answer> = {}): Answer => ({
  ...{ state: 'running', users, requests, asked: { users } },
  ...more,
});
const spawning = (users: number, requests: number, more: Partial<Answer> = {}): Answer =>
  running(users, requests, { state: 'spawning', ...more });
const shape = (users: number): Pick<Answer, 'asked'> => ({ asked: { users, hasShape: true } });
/** A test of 100 users that are not all there yet. */
const rampUp = spawning(60, 900, { asked: { users: 100 } });

describe('counters that were set back are another test’s', () => {
  it.each<[string, Answer, Answer]>([
    ['where no load shape could have set them back', running(10, 900), running(4, 60)],
    ['where no load shape could have, whatever their number', running(10, 60), running(40, 59)],
    ['where users are made again, without a shape', running(10, 900), spawning(14, 60)],
    ['while users were made: others are asked for', rampUp, running(20, 60)],
    ['while users were made: users are made again', rampUp, spawning(12, 60, { asked: { users: 100 } })],
    [
      'while users were made: its counters began with fewer users',
      rampUp,
      running(100, 60, { asked: { users: 100, firstUsers: 5, firstAtSeconds: 4 } }),
    ],
  ])('%s', async (_, first, next) => {
    expect(await runsAfter(first, next)).toMatchObject([
      { startedAt: at(0), endedAt: at(0), outcome: 'finished', total: { numRequests: first.requests } },
      { startedAt: at(10), total: { numRequests: next.requests } },
    ]);
    expect(storedEvents(await rig.sink.points()).map(([event]) => event)).not.toContain('reset');
  });

  it('of a load shape that has not set them back at its steps', async () => {
    const step = (users: number, seconds: number): Answer =>
      running(users, 10 * seconds, { ageSeconds: seconds, ...shape(users) });

    expect(await runsAfter(step(10, 40), step(20, 50), step(5, 2), step(5, 12))).toMatchObject([
      { startedAt: at(0), endedAt: at(10) },
      { startedAt: at(20) },
    ]);
  });
});

describe('counters that were set back are of the same test', () => {
  it.each<[string, readonly Answer[]]>([
    ['at the end of its ramp-up', [rampUp, running(100, 60, { asked: { users: 100, firstAtSeconds: 8 } })]],
    ['at a step of a load shape', [running(10, 900, shape(10)), running(40, 60, shape(40))]],
    [
      'where it is edited, and its Locust has set them back before',
      [rampUp, running(100, 60), running(100, 900), running(40, 60)],
    ],
    [
      'at each step of a load shape that is spawned slowly',
      [
        spawning(5, 400, shape(5)),
        running(10, 20, shape(10)),
        spawning(14, 5, shape(14)),
        spawning(19, 2, shape(19)),
        running(20, 90, shape(20)),
        spawning(18, 3, shape(18)),
      ],
    ],
    ['where its page cannot be read', [running(10, 900), running(4, 60)].map((each) => ({ ...each, isUnread: true }))],
  ])('%s', async (_, answers) => {
    const runs = await runsAfter(...answers);
    expect(runs).toHaveLength(1);
    expect(runs).toMatchObject([{ startedAt: at(0), total: { numRequests: answers.at(-1)?.requests } }]);
    expect(storedEvents(await rig.sink.points()).map(([event]) => event)).toContain('reset');
  });
});
