import { beforeEach, describe, expect, test } from 'vitest';
import type { Chosen, OpenDashboard } from '../support/grafana/grafana.ts';
import { linesOfRun, nameOf, ofNow, project } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';

const [minuteMs, dayMs] = [60_000, 86_400_000];

/** What the tiles of Run show of a run that is on, or was a moment ago. */
export function testsOfNow(rig: {
  readonly open: (uid: string, range?: Partial<Chosen>) => Promise<OpenDashboard>;
  readonly write: (lines: string) => Promise<void>;
}): void {
  describe('a run that began two minutes ago', () => {
    let endAtMs: number;
    let run: Omit<StoredRun, 'durationMs'>;
    let tags: string;
    beforeEach(() => {
      endAtMs = Date.now();
      run = { target: 'shop', startedAtMs: endAtMs - 2 * minuteMs, sampleMs: 10_000, currentP95Ms: 1220 };
      tags = `project=${project},target=shop,run=${nameOf(run.startedAtMs)}`;
    });
    /** What was sampled of its first so many ms, without its end. */
    const sampledFor = (durationMs: number): string =>
      linesOfRun({ ...run, durationMs })
        .split('\n')
        .slice(0, -2)
        .join('\n');
    const tiles = async (...lines: readonly string[]): Promise<Readonly<Record<string, string>>> => {
      await rig.write(lines.join('\n'));
      const opened = await rig.open('run', { toAtMs: endAtMs });
      const shown = ['State', 'Last sample', ...ofNow, 'Failed'].map(async (title) => {
        const { text, color } = await opened.figure(title);
        return [title, text === '–' ? text : `${text} (${color})`] as const;
      });
      return Object.fromEntries(await Promise.all(shown));
    };
    const gone = { Users: '–', 'Requests/s': '–', p95: '–', Failed: '20.00% (red)' };

    test('and is on shows what it does now, and 1,220 ms beyond a limit of one second', async () => {
      const { 'Last sample': age, ...shown } = await tiles(sampledFor(2 * minuteMs));
      expect(age).toMatch(/(seconds|a minute) ago \(text\)$/);
      expect(shown).toEqual({
        State: 'running (green)',
        Users: '3 (text)',
        'Requests/s': '5.0 req/s (text)',
        p95: '1.22 s (red)',
        Failed: '20.00% (red)',
      });
      const patient = await rig.open('run', { values: { p95limit: '2000' } });
      expect(await patient.figure('p95')).toEqual({ text: '1.22 s', color: 'green' });
    });

    test('and whose Locust was killed does not look as if it went on', async () => {
      const failed = `locust_scrape,${tags} up=false,duration=5,reason="refused" ${endAtMs}`;
      const { 'Last sample': age, ...shown } = await tiles(sampledFor(minuteMs / 6), failed);
      expect(age).toMatch(/minutes ago/);
      expect(shown).toEqual({ ...gone, State: 'no answer: refused (orange)' });
    });

    test('and of which nothing comes any more is silent', async () => {
      expect(await tiles(sampledFor(minuteMs / 6))).toMatchObject({ ...gone, State: 'silent (orange)' });
    });

    test.each(['finished', 'ended: its Locust has exited', 'lost'])('and is over says how: %s', async (how) => {
      const stop = `locust_event,${tags},event=stop text="run ${nameOf(run.startedAtMs)} ${how}" ${endAtMs - minuteMs}`;
      const color = how === 'lost' ? 'orange' : 'text';
      const verdict = how === 'finished' ? 'passed' : 'failed';
      const judged = `locust_run,${tags} outcome="${how.split(':')[0]}",verdict="${verdict}" ${run.startedAtMs}`;
      const shown = await tiles(sampledFor(minuteMs / 6), stop, judged);
      const opened = await rig.open('run', { toAtMs: endAtMs });
      const colours = { passed: 'green', failed: 'red' };
      expect(await opened.figure('Verdict')).toEqual({ text: verdict, color: colours[verdict] });
      expect(shown).toMatchObject({ ...gone, State: `${how.split(':')[0]} (${color})` });
    });
  });

  test('what runs now is opened, else what ran last, whatever its name', async () => {
    const ran = (target: string, agoMs: number): StoredRun => ({
      ...{ target, startedAtMs: Date.now() - agoMs, durationMs: minuteMs, sampleMs: 10_000 },
    });
    await rig.write(linesOfRun(ran('a-week-ago', 7 * dayMs)));
    await rig.write(linesOfRun(ran('now', 2 * minuteMs)));
    await rig.write(linesOfRun(ran('yesterday', dayMs)));
    await rig.write(linesOfRun(ran('elsewhere', 2 * dayMs)).replaceAll(`project=${project}`, 'project=a'));
    const opened = await rig.open('run');
    expect(opened.options('project')).toEqual([project, 'a']);
    expect(opened.options('target')).toEqual(['now', 'yesterday', 'a-week-ago']);
  });
}
