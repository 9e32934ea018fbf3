import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { startCollectorRig } from '../../support/rigs/collector-rig.ts';
import { playSchedule } from '../../support/rigs/schedule-play.ts';

const readme = readFileSync(new URL('../../../infra/README.md', import.meta.url), 'utf8');

it('windows that hand over cost no more than the README says of an hour', async () => {
  const rig = await startCollectorRig({ idleSeconds: 60 });
  onTestFinished(() => rig.close());
  const minutes = 6;
  const calls = [400, 300, 1_600, 200, 900, 500].map((lateMs, minute) => ({ minute, lateMs }));

  const played = await playSchedule(rig, { sampleSeconds: 10, calls, stopMs: (minutes - 0.5) * 60_000 });

  const inAnHour = (figure: number): number => (figure * 60) / (minutes - 1);
  const said = (words: RegExp): number => Number(words.exec(readme)?.[1]?.replace(',', ''));
  expect(inAnHour(played.overlapSeconds)).toBeLessThan(said(/3,600 s, and (\d+) s in which windows hand over/));
  const { writes, reads } = played.claimRequests;
  expect(inAnHour(writes)).toBeLessThan(said(/and ([\d,]+) of claims, × 0\.625/));
  expect(inAnHour(reads)).toBeLessThan(said(/and ([\d,]+) of claims, × 0\.125/));
});
