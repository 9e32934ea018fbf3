import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTerminalObserver } from '../../infra/local/terminal/terminal-observer.ts';
import { createTerminalView } from '../../infra/local/terminal/terminal.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const endpoints = Array.from({ length: 500 }, (_, index) => `/item/${index}`);

async function noticeOf(id: string): Promise<unknown> {
  const target = await rig.registry.target(id);
  return (target?.['status'] as { notice?: unknown } | undefined)?.notice;
}

test('what cannot be stored of an answer stands in the status as long as it is so, and is said once per run', async () => {
  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const view = createTerminalView({ env: {} });
  const observer = createTerminalObserver({ view, clock: rig.clock, print });
  const locust = await rig.locust('shop', { state: 'running', requests: 9, endpoints });

  const window = rig.begin({ scheduledTime: new Date(minute).toISOString() }, { ports: { observer } });
  await rig.clock.advanceTo(minute + 25 * second);
  expect(await noticeOf('shop')).toEqual({
    kind: 'locust-cut',
    message: expect.stringMatching(/500 endpoints at most.*name="\/item\/\[id\]"/) as unknown,
  });
  locust.say((_request, response) => response.end(bodyOf({ state: 'running', requests: 99 })));
  await rig.clock.runUntilDone(window);

  expect(await noticeOf('shop')).toBeUndefined();
  expect(printed.filter((text) => text.includes('500 endpoints at most'))).toHaveLength(1);
});
