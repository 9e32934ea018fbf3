import { expect, it } from 'vitest';
import { countGap, countProven } from '../../../lambda/collector/hand-over/missed-instants.ts';
import { UnprovenInstants } from '../../../lambda/collector/hand-over/unproven-instants.ts';
import { watch } from '../../../lambda/collector/targets/watched-target.ts';
import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import { stepAfter } from '../../../lambda/runs/run.ts';
import { unrecordedRun } from '../../../lambda/runs/unrecorded-run.ts';
import { isFetched, storedTarget } from '../../../lambda/targets/target.ts';

const minuteMs = 60_000;
const startedAtMs = Date.parse('2026-11-22T14:05:00Z');
const lastGoodAtMs = startedAtMs + minuteMs;
const before = unrecordedRun('20261122T140500Z', { lastGoodAtMs });
const at = (atMs: number): string => new Date(atMs).toISOString();

const target = storedTarget.parse({
  id: 'shop',
  project: 'shop',
  url: 'http://shop.example:8089',
  sampleSeconds: 10,
  createdAt: at(startedAtMs),
  updatedAt: at(startedAtMs),
  version: 1,
  status: { checkedAt: at(lastGoodAtMs), since: at(lastGoodAtMs), state: 'running', run: before.id },
});

it.each([
  ['is reached but too busy to answer, for up to half an hour', { isBusy: true }, 29, 6],
  ['has been too busy for longer, which ends the run', { isBusy: true }, 31, 0],
  ['is not reached', { isBusy: false }, 29, 0],
])('a gap of a minute in the run of a Locust that %s', (_, { isBusy }, minutes, missed) => {
  if (!isFetched(target)) throw new Error('not fetched');
  const untilMs = lastGoodAtMs + minutes * minuteMs;
  const count = { summary: emptySummary({ shard: 0, shards: 1 }), unproven: new UnprovenInstants() };
  const watched = watch(target, new Map([['shop', before]]), untilMs);

  countGap([watched], { previousAtMs: untilMs - minuteMs, untilMs }, count);
  expect([count.summary.missed, count.unproven.total]).toEqual([0, 6]);
  const trouble = { kind: 'timeout', sinceAtMs: lastGoodAtMs, isGone: false, isBusy } as const;
  const step = stepAfter(before, { atMs: untilMs + 10_000, report: undefined, trouble, sampleSeconds: 10 });
  countProven({ id: 'shop', before, after: step.run ?? step.ended }, count);

  expect([count.summary.missed, count.unproven.total]).toEqual([missed, 0]);
});
