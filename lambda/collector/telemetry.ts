import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { collectorMetrics } from './metric-names.ts';
import type { CollectorMetric } from './metric-names.ts';
import type { Observer } from './observer.ts';
import type { WindowSummary } from './summary.ts';

const { namespace, service } = collectorMetrics;

/**
 * The collector's logs and metrics (CloudWatch's embedded metric format): one line per window, one per change of a
 * target, one per thing that failed; none per sample. Nothing here knows a credential.
 */
export function createTelemetry(): Observer {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace, serviceName: service });
  return {
    changed({ target, atMs, stateBefore, state, failure, runStarted, runEnded }) {
      logger.info('target changed', {
        target,
        at: new Date(atMs).toISOString(),
        stateBefore,
        state,
        failure,
        runStarted: runStarted?.id,
        runEnded: runEnded && { run: runEnded.id, outcome: runEnded.ended?.outcome },
      });
    },
    unfit: ({ id, problem }) => {
      logger.warn('item of the targets table left out', { target: id, problem });
    },
    notDelivered: (problem) => {
      logger.warn('InfluxDB did not take lines', { ...problem });
    },
    pointsLost: (lines) => {
      logger.error('points lost: neither InfluxDB nor the spool took them', { lines });
    },
    platformFailed: ({ doing, error }) => {
      logger.error(`failed ${doing}`, { reason: reasonOf(error) });
    },
    windowEnded: (summary) => {
      logger.info('window', { summary });
      addMetrics(metrics, summary);
      metrics.publishStoredMetrics();
    },
  };
}

/** Name and message alone: an error of a client may carry its whole request. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function addMetrics(metrics: Metrics, summary: WindowSummary): void {
  // Each metric costs by the hour in which it is published, so none is that tells nothing. One always is.
  metrics.addMetric('Targets' satisfies CollectorMetric, MetricUnit.Count, summary.targets);
  const kinds = Object.entries(summary.failures).map(([kind, count]) => [`Failures-${kind}`, count] as const);
  for (const [name, value] of [...Object.entries(countsOf(summary)), ...kinds]) {
    if (value > 0) metrics.addMetric(name, MetricUnit.Count, value);
  }
  const longest = { Lateness: [MetricUnit.Milliseconds, summary.latenessMs], WaitingAge: waitingAge(summary) } as const;
  for (const [name, [unit, value]] of Object.entries(longest)) {
    if (value > 0) metrics.addMetric(name, unit, value);
  }
  const { shard, shards } = summary;
  if (shards > 1) {
    const ofShard = metrics.singleMetric().addDimension(collectorMetrics.shardDimension, String(shard));
    ofShard.addMetric(collectorMetrics.windowsOfShard, MetricUnit.Count, 1);
  }
}

function countsOf(
  summary: WindowSummary,
): Record<Exclude<CollectorMetric, 'Targets' | 'Lateness' | 'WaitingAge'>, number> {
  return {
    UnfitTargets: summary.unfitTargets,
    Looks: summary.looks,
    Samples: summary.samples,
    SamplesFailed: summary.samplesFailed,
    PointsDelivered: summary.pointsDelivered,
    PointsReplayed: summary.pointsReplayed,
    PointsRejected: summary.pointsRejected,
    PointsWaiting: summary.pointsWaiting,
    PointsLost: summary.pointsLost,
    DeniedDeliveries: summary.deniedDeliveries,
    Skipped: summary.skipped,
    Missed: summary.missed,
    PlatformFailures: summary.platformFailures,
    Failures: Object.values(summary.failures).reduce((sum, count) => sum + count, 0),
  };
}

/** What waits is younger than a second for an instant only. */
function waitingAge({ waiting }: WindowSummary): readonly [typeof MetricUnit.Seconds, number] {
  return [MetricUnit.Seconds, waiting === undefined || waiting.entries === 0 ? 0 : Math.max(1, waiting.ageSeconds)];
}
