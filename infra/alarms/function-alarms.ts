import { Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { alarmPeriod as period, minute } from '../constructs/collector-metrics.ts';
import type { CollectorMetrics } from '../constructs/collector-metrics.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import type { AlarmDefinition } from './runbook-alarm.ts';

/** No data for so many minutes: a cold start, a late schedule or a deployment is over by then. */
const silentMinutes = 5;

/**
 * Whether the collector is invoked, and how its invocations end. One incident raises one of them: an invocation that
 * Lambda throttles has not begun, so it is no error. None watches the queue of failed invocations: what Lambda could not
 * process is in `Errors` or `Throttles` within a minute, and a queue that is seldom used may report a quarter of an hour
 * late, and keeps an alarm raised until somebody empties it.
 */
export function invocationAlarms(
  collector: Alias,
  thresholds: AlarmThresholds,
): Readonly<Record<string, AlarmDefinition>> {
  return {
    NotRunning: {
      title: 'collector not running',
      meaning:
        'The collector was not invoked for five minutes: no load test is noticed, and running ones are not recorded.',
      first: `check that its schedules are enabled (EventBridge Scheduler, ${Stack.of(collector).stackName}).`,
      metric: collector.metricInvocations({ period: minute }),
      threshold: { below: 1 },
      periods: silentMinutes,
      alarmsWithoutData: true,
    },
    Errors: {
      title: 'collector errors',
      meaning: 'Invocations of the collector ended with an error or were killed.',
      first: 'read the latest errors in the log of the collector; the output FollowLogs is the command.',
      metric: collector.metricErrors({ period }),
      threshold: { atLeast: thresholds.Errors },
    },
    Throttled: {
      title: 'collector throttled',
      meaning: 'Lambda held back invocations of the collector, because the concurrency of the account is used up.',
      first: 'raise the quota: Service Quotas, Lambda, Concurrent executions.',
      metric: collector.metricThrottles({ period }),
      threshold: { atLeast: thresholds.Throttled },
    },
  };
}

/** One alarm for each of several shards: a single schedule may fail while the others keep the function busy. */
export function shardAlarms(metrics: CollectorMetrics, shards: number): Readonly<Record<string, AlarmDefinition>> {
  if (shards === 1) return {};
  const alarms = Array.from({ length: shards }, (_, shard): [string, AlarmDefinition] => [
    `Shard${shard}NotRunning`,
    {
      title: 'shard not running',
      meaning: `Shard ${shard} of ${shards} had no window for five minutes: no test on its targets is noticed.`,
      first: `check that the schedule of shard ${shard} is enabled (EventBridge Scheduler).`,
      metric: metrics.windowsOfShard(shard),
      threshold: { below: 1 },
      periods: silentMinutes,
      alarmsWithoutData: true,
    },
  ]);
  return Object.fromEntries(alarms);
}

/** Whether the admin API fails its callers. */
export function apiAlarms(api: HttpApi, thresholds: AlarmThresholds): Readonly<Record<string, AlarmDefinition>> {
  return {
    AdminFailing: {
      title: 'admin 5xx',
      meaning: 'The admin API answered with 5xx.',
      first: "read the latest errors in the admin function's log: each has the instance of the answer, and its cause.",
      metric: api.metricServerError({ period, statistic: Stats.SUM }),
      threshold: { atLeast: thresholds.AdminFailing },
    },
  };
}
