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
  const failures = Object.values(summary.failures).reduce((sum, count) => sum + count, 0);
  const counts: Record<Exclude<CollectorMetric, 'Targets' | 'Lateness'>, number> = {
    UnfitTargets: summary.unfitTargets,
    Looks: summary.looks,
    Samples: summary.samples,
    SamplesFailed: summary.samplesFailed,
    PointsDelivered: summary.pointsDelivered,
    PointsRejected: summary.pointsRejected,
    PointsWaiting: summary.pointsWaiting,
    Skipped: summary.skipped,
    Missed: summary.missed,
    PlatformFailures: summary.platformFailures,
    Failures: failures,
  };
  const kinds = Object.entries(summary.failures).map(([kind, count]) => [`Failures-${kind}`, count] as const);
  // Each metric costs by the hour in which it is published, so none is that tells nothing. One always is.
  metrics.addMetric('Targets', MetricUnit.Count, summary.targets);
  for (const [name, value] of [...Object.entries(counts), ...kinds]) {
    if (value > 0) metrics.addMetric(name, MetricUnit.Count, value);
  }
  if (summary.latenessMs > 0) metrics.addMetric('Lateness', MetricUnit.Milliseconds, summary.latenessMs);
}
