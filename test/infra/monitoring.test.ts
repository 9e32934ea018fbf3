import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ownInflux, synthesize } from '../support/synthesize.ts';

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly unknown[];
  readonly TreatMissingData: string;
}

const monitoring = synthesize({ ...ownInflux, alarmEmail: 'oncall@example.com' }).template('monitoring');
const alarms = Object.values(monitoring.findResources('AWS::CloudWatch::Alarm')).map(
  (resource) => (resource as { Properties: AlarmProperties }).Properties,
);

/** As they are linked to. */
const headings = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('#'))
  .map((line) => line.replace(/^#+ /, '').toLowerCase())
  .map((line) => line.replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));

describe('alarms', () => {
  it('each links to a heading of the README that is there', () => {
    expect(alarms.length).toBeGreaterThan(6);
    for (const { AlarmDescription } of alarms) {
      const [, anchor] = /What to do: README\.md#(\S+)$/.exec(AlarmDescription) ?? [];
      expect(headings).toContain(anchor);
    }
  });

  it('link to where the README is told to be', () => {
    const runbookUrl = 'https://git.example.com/README.md';
    const elsewhere = synthesize({ ...ownInflux, runbookUrl }).template('monitoring');
    elsewhere.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmDescription: Match.stringLikeRegexp(`${runbookUrl}#alarm-`),
    });
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
