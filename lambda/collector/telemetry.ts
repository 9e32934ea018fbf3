import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Observer } from './observer.ts';
import type { WindowSummary } from './summary.ts';

const service = 'locust2influx-collector';

/**
 * The collector's logs and metrics (CloudWatch's embedded metric format): one line per window, one per change of a
 * target, one per thing that failed; none per sample. Nothing here knows a credential.
 */
export function createTelemetry(): Observer {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: 'locust2influx', serviceName: service });
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
  const counts = {
    Targets: summary.targets,
    UnfitTargets: summary.unfitTargets,
    Looks: summary.looks,
    Samples: summary.samples,
    PointsDelivered: summary.pointsDelivered,
    PointsRejected: summary.pointsRejected,
    PointsWaiting: summary.pointsWaiting,
    Skipped: summary.skipped,
    Missed: summary.missed,
    PlatformFailures: summary.platformFailures,
  };
  for (const [name, value] of Object.entries(counts)) metrics.addMetric(name, MetricUnit.Count, value);
  metrics.addMetric('Lateness', MetricUnit.Milliseconds, summary.latenessMs);
  let all = 0;
  for (const [kind, value] of Object.entries(summary.failures)) {
    metrics.addMetric(`Failures-${kind}`, MetricUnit.Count, value);
    all += value;
  }
  metrics.addMetric('Failures', MetricUnit.Count, all);
}
