import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { buildFunctions } from '../../../infra/build-functions.ts';
import { collectorTimeoutSeconds } from '../../../infra/constructs/wake-queue.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startTableServer } from '../../support/aws/table-server.ts';
import type { TableServer } from '../../support/aws/table-server.ts';
import { startInfluxListener } from '../../support/influx/influx-listener.ts';
import type { InfluxListener } from '../../support/influx/influx-listener.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import { describeWithDeployParts } from '../support/aws/deploy-parts.ts';
import { startFunction } from '../support/aws/deployed-function.ts';
import type { RunningFunction } from '../support/aws/deployed-function.ts';
import { startPrivateNetwork } from '../support/aws/private-network.ts';
import type { PrivateNetwork } from '../support/aws/private-network.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import { startLocust } from '../support/locust.ts';
import type { Locust } from '../support/locust.ts';
import { freePort } from '../support/part-process.ts';
import { locustVersions } from '../support/parts.ts';

const minuteMs = 60_000;
const intervals = [2, 10] as const;
/** The test ends so long after the first window's minute. */
const stopMs = 36_000;

/** A schedule whose second window comes late, with tables and two execution environments of its own. */
interface LateSchedule {
  readonly lateSeconds: number;
  readonly tables: TableServer;
  readonly early: RunningFunction;
  readonly late: RunningFunction;
}

describeWithDeployParts(
  'The bundle that is deployed, under the runtime interface client, with windows that come late',
  () => {
    const stops: (() => Promise<void>)[] = [];
    /** The fields of what was written, by target and instant. */
    const written = new Map<string, Set<string>>();
    let [influx, app, network, locust]: [InfluxListener?, TargetApp?, PrivateNetwork?, Locust?] = [];
    let schedules: readonly LateSchedule[] = [];

    const nameOf = (lateSeconds: number, interval: number): string => `late-${lateSeconds}-every-${interval}`;

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'late-windows-'));
      stops.push(() => rm(folder, { recursive: true, force: true }));
      await buildFunctions(folder);
      influx = await startInfluxListener(({ lines }, response) => {
        for (const line of lines) keep(line);
        response.writeHead(204).end();
      });
      app = await startTargetApp();
      const latenesses = [0, 1, 5, 25];
      const tables = await Promise.all(latenesses.map(() => startTableServer()));
      const apiPorts = await Promise.all(latenesses.flatMap(() => [freePort(), freePort()]));
      const locustPort = await freePort();
      const outside = [influx.url, app.url, ...tables.map(({ endpoint }) => endpoint)].map((url) =>
        Number(new URL(url).port),
      );
      network = await startPrivateNetwork({ outside: [...outside, ...apiPorts], inside: [locustPort] });
      const { address, before } = network;
      const args = ['--web-host', address];
      locust = await startLocust({
        version: locustVersions()[0] ?? '',
        hostUrl: app.url,
        port: locustPort,
        before,
        args,
      });
      const variables = {
        ...{ TARGETS_TABLE: 'Targets', RUNS_TABLE: 'Runs', IDLE_SECONDS: '60', ALLOW_PRIVATE_ADDRESSES: 'true' },
        ...{ INFLUX_URL: influx.url, INFLUX_ORG: 'o', INFLUX_BUCKET: 'b', INFLUX_TOKEN: 't' },
      };
      const deployed = {
        ...{ variables, timeoutSeconds: collectorTimeoutSeconds, memoryMb: 256, subnetIds: [] },
        bundleFolder: join(folder, 'collector'),
      };
      schedules = await Promise.all(
        tables.map(async (server, index) => {
          const lateSeconds = latenesses[index] ?? NaN;
          const registry = await startRegistry(server.endpoint);
          for (const sampleSeconds of intervals) {
            const id = nameOf(lateSeconds, sampleSeconds);
            await registry.putTarget({ id, url: `http://${address}:${locustPort}`, sampleSeconds });
          }
          await registry.close();
          const env = {
            ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
            AWS_ENDPOINT_URL_DYNAMODB: server.endpoint,
          };
          const [early, late] = await Promise.all(
            [0, 1].map((which) => startFunction({ deployed, env, port: apiPorts[2 * index + which] ?? NaN, before })),
          );
          if (early === undefined || late === undefined) throw new Error('not started');
          return { lateSeconds, tables: server, early, late };
        }),
      );
    });

    afterAll(async () => {
      await Promise.all(schedules.flatMap(({ early, late }) => [early.stop(), late.stop()]));
      await locust?.stop();
      await network?.stop();
      await Promise.all(schedules.map(({ tables }) => tables.close()));
      await Promise.all([influx?.stop(), app?.stop(), ...stops.map((stop) => stop())]);
    });

    function keep(line: string): void {
      const [, target, fields, atMs] = /^locust_total,.*\btarget=([^, ]+).* (\S.*) (\d+)$/.exec(line) ?? [];
      if (fields?.includes('state="running"') !== true) return;
      const key = `${target ?? ''} ${Number(atMs)}`;
      written.set(key, (written.get(key) ?? new Set()).add(fields));
    }

    /** The instants of a target, ms. */
    const instantsOf = (target: string): readonly number[] =>
      [...written.keys()]
        .filter((key) => key.startsWith(`${target} `))
        .map((key) => Number(key.split(' ')[1]))
        .sort((a, b) => a - b);

    const invokeAt = async (
      collector: RunningFunction,
      atMs: number,
      scheduledAtMs: number,
    ): Promise<WindowSummary> => {
      await clock.sleepUntil(atMs);
      const scheduledTime = new Date(scheduledAtMs).toISOString();
      const [summary] = (await collector.invoke({ scheduledTime, shard: 0, shards: 1 })) as WindowSummary[];
      if (summary === undefined) throw new Error('no summary');
      return summary;
    };

    test('0, 1, 5 and 25 s late: each instant of 2 s and of 10 s is sampled once, or counted as missed', async () => {
      await locust?.startTest({ users: 5, spawnRate: 5 });
      await vi.waitFor(async () => {
        expect((await locust?.report())?.body).toContain('"running"');
      }, 240_000);
      const firstAtMs = Math.ceil((clock.now() + 2_000) / 10_000) * 10_000;
      const nextAtMs = firstAtMs + minuteMs;
      const windows = Promise.all(
        schedules.map(async ({ early, late, lateSeconds }) => ({
          lateSeconds,
          summaries: await Promise.all([
            invokeAt(early, firstAtMs, firstAtMs),
            invokeAt(late, nextAtMs + lateSeconds * 1000, nextAtMs),
          ]),
        })),
      );
      await clock.sleepUntil(nextAtMs + stopMs);
      await locust?.stopTest();

      for (const { lateSeconds, summaries } of await windows) {
        const [early, late] = summaries;
        expect([early.end, late.samples > 0, late.pointsLost]).toEqual(['complete', true, 0]);
        expect(late.startLatenessMs).toBeGreaterThanOrEqual(lateSeconds * 1000);
        let lost = 0;
        for (const interval of intervals) {
          const target = nameOf(lateSeconds, interval);
          const instants = instantsOf(target);
          const [first = NaN, last = NaN] = [instants[0], instants.at(-1)];
          // The last window saw the test's end, so that there are instants up to it.
          expect(first).toBeLessThan(nextAtMs);
          expect(last).toBeGreaterThan(nextAtMs + lateSeconds * 1000);
          lost += (last - first) / (interval * 1000) + 1 - instants.length;
          const twice = instants.filter((atMs) => (written.get(`${target} ${atMs}`)?.size ?? 0) > 1);
          expect({ target, twice }).toEqual({ target, twice: [] });
        }
        // On a machine that keeps up none is; whatever the machine does, none is in silence.
        const counted = summaries.reduce((sum, each) => sum + each.missed + each.skipped + each.samplesFailed, 0);
        expect({ lateSeconds, isCounted: lost <= counted, lost, counted }).toMatchObject({ isCounted: true });
        process.stdout.write(`windows ${lateSeconds} s late: ${lost} instants lost, ${counted} counted\n`);
      }
    });
  },
);
