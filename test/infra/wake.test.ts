import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it, vi } from 'vitest';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const byDefault = synthesize(ownInflux);
const collector = byDefault.template('collector');
const anything = Match.anyValue();

describe('the queue of idle polls', () => {
  it('each look is a call of its own, and is gone before it could be had a second time', () => {
    // A maximum concurrency would keep five pollers at the queue, which cost more than all the polls.
    collector.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 1, ScalingConfig: Match.absent() });
    byDefault.template('storage').hasResourceProperties('AWS::SQS::Queue', {
      // Longer than it is kept, and not below the function's own 135 s, which Lambda refuses.
      VisibilityTimeout: 810,
      MessageRetentionPeriod: 120,
      SqsManagedSseEnabled: true,
      RedrivePolicy: Match.absent(),
    });
  });

  it('with idleSeconds=60 there are no looks, and nobody uses the queue for them', () => {
    const app = synthesize({ ...ownInflux, idleSeconds: 60 });
    const template = app.template('collector');
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ IDLE_SECONDS: '60', WAKE_QUEUE_URL: Match.absent() }) },
    });
    const admin = app.template('admin');
    admin.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ WAKE_QUEUE_URL: Match.absent() }) },
    });
    expect(JSON.stringify(admin.findResources('AWS::IAM::Policy'))).not.toContain('sqs:');
  });

  it('wakes the collector by its queue, for each of its shards', () => {
    const template = synthesize({ ...ownInflux, shards: 3 }).template('admin');
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ WAKE_QUEUE_URL: anything, SHARDS: '3' }) },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::ImportValue': Match.stringLikeRegexp('^locust2influx-storage:.*Wake') },
          }),
        ]),
      },
    });
  });

  it('and what it names of the queue stays exported when nobody uses it, so that idleSeconds can be changed', () => {
    const exportsOf = (idleSeconds: number): readonly string[] =>
      Object.keys(
        synthesize({ ...ownInflux, idleSeconds })
          .template('storage')
          .findOutputs('*'),
      ).filter((name) => name.includes('Wake'));
    expect(exportsOf(60)).toHaveLength(2);
    expect(exportsOf(60)).toEqual(exportsOf(10));
  });
});
