import { Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { LoadTests } from '../../infra/example/load-tests.ts';
import { Locust2influx } from '../../infra/locust2influx.ts';
import { ownInflux, synthesizeApp } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

describe("in somebody's own app", () => {
  it('the example has two deployments, each by its own props alone, and a queue that hears of alarms of both', () => {
    // The settings of another app, which its props know nothing of.
    const context = { shards: 7, influxManaged: true, alarmEmail: 'other@example.com', anything: 'else' };
    const texts = synthesizeApp(context, (app, folder) => new LoadTests(app, 'LoadTests', folder));
    const ofOne = ['admin', 'collector', 'monitoring', 'storage'];
    const expected = ['production', 'staging'].flatMap((name) => ofOne.map((stack) => `LoadTests-${name}-${stack}`));
    expect(Object.keys(texts).toSorted()).toEqual(['LoadTests-Own', ...expected].toSorted());
    const template = (stack: string): Template => Template.fromString(texts[`LoadTests-${stack}`] ?? '');
    template('production-collector').resourceCountIs('AWS::Scheduler::Schedule', 2);
    template('staging-collector').resourceCountIs('AWS::Scheduler::Schedule', 1);
    template('production-monitoring').hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'WaitingAge',
      Threshold: 300,
    });
    template('production-monitoring').resourceCountIs('AWS::SNS::Topic', 2);
    template('staging-monitoring').resourceCountIs('AWS::SNS::Subscription', 0);
    template('staging-storage').allResources('AWS::DynamoDB::Table', { DeletionPolicy: 'Delete' });
    template('Own').resourceCountIs('AWS::SNS::Subscription', 2);
  });

  it.each([
    [{ ...ownInflux, shards: 0 }, 'setting shards is 0; allowed is a whole number from 1 to 100'],
    [{ influxManaged: true }, 'Amazon Timestream for InfluxDB does not exist in us-west-1'],
  ])('props are checked as settings are: %j', (given, message) => {
    const add = (): unknown =>
      synthesizeApp({}, (app, bundlesFolder) => {
        const stage = new Stage(app, 'West', { env: { account: '123456789012', region: 'us-west-1' } });
        return new Locust2influx(stage, 'LoadTests', { bundlesFolder, ...given });
      });
    expect(add).toThrow(message);
  });
});
