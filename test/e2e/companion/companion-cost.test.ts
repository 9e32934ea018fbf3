import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { companionFile, startCompanionLocust } from '../support/companion/companion-locust.ts';
import { reportsOf, startStrictApi } from '../support/companion/companion-strict-api.ts';
import type { StrictApi } from '../support/companion/companion-strict-api.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';

const newest = locustVersions()[0] ?? 'none';
const driver = join(import.meta.dirname, '../support/companion/companion-driver.py');
const pairs = 6;

/** For test/README.md; the times decide nothing, for the machine has other things to do. */
function tell(text: string): void {
  process.stdout.write(`${text}\n`);
}

describeWithParts('What the companion costs', () => {
  let api: StrictApi;
  let app: TargetApp;
  beforeAll(async () => {
    app = await startTargetApp();
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    api = await startStrictApi();
  });
  afterEach(() => api.stop());

  test('a report of 5,000 endpoints is bounded and of one instant, and of 150 unsent ones the last 100 are kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'companion-driver-'));
    const isBack = join(folder, 'is-back');
    try {
      api.answerWith(() => ({ status: 503 }));
      const python = join(dirname(locustProgram(newest)), 'python');
      const env = { PYTHONDONTWRITEBYTECODE: '1' };
      const driven = promisify(execFile)(python, [driver, dirname(companionFile), api.url, isBack], { env });
      await vi.waitFor(
        () => {
          expect(api.calls.length).toBeGreaterThan(1);
        },
        { timeout: 200_000 },
      );
      api.recover();
      await writeFile(isBack, '');
      const { stdout, stderr } = await driven;
      const figures = JSON.parse(stdout) as Record<string, number>;
      tell(`5,000 endpoints: ${stdout.trim()}`);
      expect(figures).toMatchObject({ switches: 0, rows: 501, errors: 500 });
      expect(figures['bytes']).toBeLessThan(200_000);
      // One whose answer came too late was sent again.
      const instants = new Set(reportsOf(api.calls).map(({ reportedAtMs }) => reportedAtMs / 1000 - 1_700_000_000));
      expect([...instants]).toEqual(Array.from({ length: 100 }, (_, index) => 50 + index));
      expect(stderr).toMatch(/Reporting works again: 100 reports sent late, 50 lost/);
    } finally {
      expect(existsSync(isBack)).toBe(true);
      await rm(folder, { recursive: true });
    }
  });

  test('requests per second with the companion and without it, side by side', async () => {
    const ratios: number[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      // At the same time, so that whatever else the machine does slows both.
      const rates = await Promise.all((['with', 'without'] as const).map(requestsPerSecond));
      ratios.push((rates[0] ?? NaN) / (rates[1] ?? NaN));
    }
    const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
    const mean = ratios.reduce((a, b) => a + b, 0) / pairs;
    tell(`requests/s with / without: ${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}, ${pairs} pairs)`);
    const states = reportsOf(api.calls).map(({ body }) => body.state);
    expect(states.filter((state) => state === 'stopped').length).toBeGreaterThanOrEqual(pairs);
    expect(states.filter((state) => state !== 'stopped').length).toBeGreaterThan(pairs);
  });

  async function requestsPerSecond(companion: 'with' | 'without'): Promise<number> {
    const args = ['--headless', '-u', '10', '-r', '10', '-t', '8s', '--only-summary'];
    const settings = { URL: api.url, TOKEN: 't', TARGET: 'throughput', INTERVAL: '2' };
    const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [`LOCUST2INFLUX_${name}`, value]));
    const locust = await startCompanionLocust({
      ...{ version: newest, hostUrl: app.url, args, locustfile: 'companion_throughput.py' },
      env: { ...env, COMPANION: companion },
    });
    try {
      expect((await locust.exited).code).toBe(0);
      const total = (await locust.csv()).at(-1);
      expect(Number(total?.['Request Count'])).toBeGreaterThan(0);
      return Number(total?.['Requests/s']);
    } finally {
      await locust.clear();
    }
  }
});
