import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/** Texts for people, what is inside of a deployment's own InfluxDB, and the namespace, in which `service` tells apart. */
const ofProduct =
  /"(?:Description|GroupDescription|AlarmDescription|Organization|INFLUX_ORG|Namespace)": "[^\n]*"|\[\\"locust2influx\\",/g;

describe('two deployments in one account and region', () => {
  it.each([{ ...ownInflux, targetAlarms: true, dashboard: true, shards: 2 }, { influxManaged: true }])(
    'have no name in common: %j',
    (settings) => {
      const staging = synthesize({ ...settings, name: 'staging' });
      const stacks = synthesize(settings).stacks.map((stack) => stack.replace('locust2influx-', 'staging-'));
      expect(staging.stacks.toSorted()).toEqual(stacks.toSorted());
      for (const [stack, text] of Object.entries(staging.texts)) {
        const { Outputs = {} } = JSON.parse(text) as { Outputs?: Record<string, { Export?: { Name: string } }> };
        for (const { Export } of Object.values(Outputs)) expect(Export?.Name ?? stack).toMatch(new RegExp(`^${stack}`));
        expect(text.replaceAll(ofProduct, ''), stack).not.toContain('locust2influx');
      }
      expect(staging.texts['staging-collector']).toContain('"SERVICE_NAME": "staging-collector"');
      expect(staging.texts['staging-monitoring']).toContain('"Value": "staging-collector"');
    },
  );
});
