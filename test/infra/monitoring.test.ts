import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

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

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const headings = read('infra/alarms/README.md')
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
  const { influxManaged } = settings;
  const found = synthesize({ ...(influxManaged !== true && ownInflux), ...settings })
    .template('monitoring')
    .findResources('AWS::CloudWatch::Alarm');
  return Object.values(found).map((alarm) => (alarm as { Properties: AlarmProperties }).Properties.AlarmDescription);
};

describe('alarms', () => {
  it('each says what it means and what to do first, and names a heading of the runbook that is there', () => {
    const descriptions = descriptionsWith({ influxManaged: true, shards: 2, targetAlarms: true });
    expect(descriptions.length).toBeGreaterThan(12);
    for (const description of descriptions) {
      expect(description).toMatch(
        /^[A-Z].+\. First: .+\. More: "Alarm: .+" in infra\/alarms\/README\.md of locust2influx\.$/,
      );
      expect(headings).toContain(/"(Alarm: .+)"/.exec(description)?.[1]);
      // CloudWatch takes 1,024 characters.
      expect(description.length).toBeLessThan(500);
    }
  });

  it('the one on rejected lines says that a waiting object that cannot be read counts as well', () => {
    const [description] = descriptionsWith({}).filter((text) => text.includes('"Alarm: lines rejected"'));
    expect(description).toContain('rejected single lines for good, or an object that waited for it cannot be read');
  });

  it('every heading of the runbook is one of an alarm', () => {
    const named = descriptionsWith({ influxManaged: true, shards: 2, targetAlarms: true }).map(
      (description) => /"(Alarm: .+)"/.exec(description)?.[1],
    );
    expect(new Set(headings.filter((heading) => heading.startsWith('Alarm: ')))).toEqual(new Set(named));
  });

  it('link to the heading where the runbook is said to be', () => {
    const runbookUrl = 'https://git.example.com/infra/alarms/README.md';
    for (const description of descriptionsWith({ shards: 2, targetAlarms: true, runbookUrl })) {
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
        AlarmDescription: expect.stringContaining('was not invoked for five minutes') as string,
        MetricName: 'Invocations',
        Namespace: 'AWS/Lambda',
        Statistic: 'Sum',
        Threshold: 1,
        ComparisonOperator: 'LessThanThreshold',
      },
    ]);
  });

  it('all of them notify the topic, and the topic the addresses in the settings', () => {
    for (const { AlarmActions } of alarms) expect(AlarmActions).toHaveLength(1);
    monitoring.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint: 'oncall@example.com' });
    synthesize(ownInflux).template('monitoring').resourceCountIs('AWS::SNS::Subscription', 0);
  });

  it('what is wrong with a target notifies a topic of its own, where it is wanted, and the platform never that one', () => {
    const template = synthesize({ ...ownInflux, alarmEmail: 'oncall@example.com', targetAlarms: true }).template(
      'monitoring',
    );
    const ofTargets = Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(([, { Properties }]) => JSON.stringify((Properties as AlarmProperties).AlarmActions).includes('Target'))
      .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    expect(ofTargets.toSorted()).toEqual(['SamplesFailing', 'Skipped']);
    template.resourceCountIs('AWS::SNS::TopicPolicy', 2);
    template.resourcePropertiesCountIs('AWS::SNS::Subscription', { Endpoint: 'oncall@example.com' }, 2);
    template.hasOutput('TellMeOfTargets', {});
    for (const { AlarmDescription } of alarms)
      expect(AlarmDescription).not.toMatch(/"Alarm: (?:instants skipped|samples failing)"/);
    monitoring.resourceCountIs('AWS::SNS::Topic', 1);
  });

  it('are raised from the value on that the settings say', () => {
    const given = synthesize({ ...ownInflux, alarmThresholds: 'Missed=20,LinesWaiting=300' }).template('monitoring');
    const thresholds = { Missed: 20, WaitingAge: 300, PointsRejected: 1 };
    for (const [MetricName, Threshold] of Object.entries(thresholds)) {
      given.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName, Threshold });
    }
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
    const template = synthesize({ ...ownInflux, targetAlarms: true }).template('monitoring');
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'locust2influx',
      MetricName: 'SamplesFailed',
      Dimensions: [{ Name: 'service', Value: 'locust2influx-collector' }],
    });
  });
});

describe('dashboard', () => {
  it('is there for those who ask for it', () => {
    monitoring.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
  });

  it('shows every alarm of a hundred shards, in widgets of as many as CloudWatch takes', () => {
    const template = synthesize({ ...ownInflux, shards: 100, dashboard: true }).template('monitoring');
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
