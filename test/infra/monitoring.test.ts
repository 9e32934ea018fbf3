import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { emptySummary } from '../../lambda/collector/summary.ts';
import { metricsOf } from '../support/embedded-metrics.ts';
import { ownInflux, synthesize } from '../support/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly Metrics?: unknown;
  readonly AlarmActions: readonly unknown[];
  readonly TreatMissingData: string;
}

const monitoring = synthesize({ ...ownInflux, alarmEmail: 'oncall@example.com' }).template('monitoring');
const alarms = Object.values(monitoring.findResources('AWS::CloudWatch::Alarm')).map(
  (resource) => (resource as { Properties: AlarmProperties }).Properties,
);

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const headings = readme
  .split('\n')
  .filter((line) => line.startsWith('#'))
  .map((line) => line.replace(/^#+ /, ''));
/** As they are linked to. */
const anchors = headings.map((line) =>
  line
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-'),
);

const descriptionsWith = (settings: Readonly<Record<string, unknown>>): readonly string[] => {
  const found = synthesize({ ...ownInflux, ...settings })
    .template('monitoring')
    .findResources('AWS::CloudWatch::Alarm');
  return Object.values(found).map((alarm) => (alarm as { Properties: AlarmProperties }).Properties.AlarmDescription);
};

describe('alarms', () => {
  it('each says what it means and what to do first, and names a heading of the README that is there', () => {
    const descriptions = descriptionsWith({ shards: 2 });
    expect(descriptions.length).toBeGreaterThan(12);
    for (const description of descriptions) {
      expect(description).toMatch(/^[A-Z].+\. First: .+\. More: "Alarm: .+" in the README of locust2influx\.$/);
      expect(headings).toContain(/"(Alarm: .+)"/.exec(description)?.[1]);
      // CloudWatch takes 1,024 characters.
      expect(description.length).toBeLessThan(500);
    }
  });

  it('the one on rejected lines says that a waiting object that cannot be read counts as well', () => {
    const [description] = descriptionsWith({}).filter((text) => text.includes('"Alarm: lines rejected"'));
    expect(description).toContain('refused single lines for good, or an object that waited for it cannot be read');
  });

  it('every runbook in the README is one of an alarm', () => {
    const named = descriptionsWith({ shards: 2 }).map((description) => /"(Alarm: .+)"/.exec(description)?.[1]);
    expect(new Set(headings.filter((heading) => heading.startsWith('Alarm: ')))).toEqual(new Set(named));
  });

  it('link to the heading where the README is told to be', () => {
    const runbookUrl = 'https://git.example.com/README.md';
    for (const description of descriptionsWith({ shards: 2, runbookUrl })) {
      const [, url, anchor] = /More: (.+)#(.+)$/.exec(description) ?? [];
      expect(url).toBe(runbookUrl);
      expect(anchors).toContain(anchor);
    }
  });

  it('none rests on an expression: what those make of a metric that was never sent is written nowhere', () => {
    for (const { Metrics } of alarms) expect(Metrics).toBeUndefined();
  });

  it('no data means trouble for the one that watches whether the collector runs, and for no other', () => {
    const breaching = alarms.filter(({ TreatMissingData }) => TreatMissingData === 'breaching');
    expect(breaching).toMatchObject([
      {
        AlarmDescription: expect.stringContaining('was not called for five minutes') as string,
        MetricName: 'Invocations',
        Namespace: 'AWS/Lambda',
        Statistic: 'Sum',
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      },
    ]);
  });

  it('all of them tell the topic, and the topic tells whoever is given', () => {
    for (const { AlarmActions } of alarms) expect(AlarmActions).toHaveLength(1);
    monitoring.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
    synthesize(ownInflux).template('monitoring').resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('may tell the topic: its policy lets CloudWatch publish, in this account alone', () => {
    monitoring.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  it('samples that fail are those of runs: a Locust that is not up yet wakes nobody', () => {
    monitoring.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'locust2influx',
      MetricName: 'SamplesFailed',
      Dimensions: [{ Name: 'service', Value: 'locust2influx-collector' }],
    });
  });
});

describe('dashboard', () => {
  it('shows every alarm of a hundred shards, in widgets of as many as CloudWatch takes', () => {
    const template = synthesize({ ...ownInflux, shards: 100 }).template('monitoring');
    const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
    const { DashboardBody } = (dashboard as { Properties: { DashboardBody: { 'Fn::Join': [string, unknown[]] } } })
      .Properties;
    const [, parts] = DashboardBody['Fn::Join'];
    const { widgets } = JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'token')).join('')) as {
      widgets: readonly { type: string; properties: { alarms: readonly string[] } }[];
    };
    const shown = widgets.filter(({ type }) => type === 'alarm').map(({ properties }) => properties.alarms.length);
    expect(Math.max(...shown)).toBeLessThanOrEqual(100);
    const deployed = Object.keys(template.findResources('AWS::CloudWatch::Alarm')).length;
    expect(shown.reduce((sum, count) => sum + count, 0)).toBe(deployed);
  });
});

describe("the README's table of costs", () => {
  it('counts the alarms, dashboards, secrets and metrics that there are', () => {
    const app = synthesize(ownInflux);
    const count = (stack: 'monitoring' | 'storage', type: string): number =>
      Object.keys(app.template(stack).findResources(type)).length;
    expect(readme).toContain(`| ${count('monitoring', 'AWS::CloudWatch::Alarm')} alarms × 0.10,`);
    expect(readme).toContain(`| ${count('monitoring', 'AWS::CloudWatch::Dashboard')} dashboard × 3.00`);
    // Beside those of the stack there is InfluxDB's own token.
    expect(readme).toContain(`| ${count('storage', 'AWS::SecretsManager::Secret') + 1} secrets × 0.40`);
    const idle = { ...emptySummary({ shard: 0, shards: 1 }), targets: 10, looks: 10, latenessMs: 120 };
    const [metrics = []] = metricsOf([[{ atMs: 0, summary: idle }]]);
    expect(readme).toContain(`| ${metrics.length} metrics × 0.30`);
  });

  it('adds up', () => {
    const [table = ''] = /\n\| Lambda, compute[^]*?\n\n/.exec(readme) ?? [];
    const rows = table
      .trim()
      .split('\n')
      .map((row) => row.split('|').map((cell) => Number.parseFloat(cell.replaceAll('*', ''))));
    const total = rows.at(-1) ?? [];
    for (const column of [3, 4]) {
      const sum = rows.slice(0, -1).reduce((so, row) => so + (row[column] ?? 0), 0);
      expect(sum).toBeCloseTo(total[column] ?? 0, 5);
    }
    expect(readme).toContain(`make it ${total[3]?.toFixed(2) ?? ''}.`);
  });
});
