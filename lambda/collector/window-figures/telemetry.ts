import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { collectorMetrics, figureList } from '../../windows/window-figures.ts';
import type { CollectorMetric } from '../../windows/window-figures.ts';
import type { Observer } from './observer.ts';
import type { WindowSummary } from './summary.ts';

const { namespace } = collectorMetrics;

/**
 * The collector's logs and metrics (CloudWatch's embedded metric format): one line per window, one per change of a
 * target, one per thing that failed; none per sample. Nothing here knows a credential.
 * @param service what lines and metrics say that they are of
 */
export function createTelemetry(service: string = collectorMetrics.defaultService): Observer {
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
    invalidItem: ({ id, problem }) => {
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
  for (const [name, { metric, unit, publishedFrom = Number.MIN_VALUE }] of figureList) {
    if (metric === undefined) continue;
    if (summary[name] >= publishedFrom) metrics.addMetric(metric, MetricUnit[unit], summary[name]);
  }
  addFurtherMetrics(metrics, summary);
  const { shard, shards } = summary;
  if (shards > 1) {
    const ofShard = metrics.singleMetric().addDimension(collectorMetrics.shardDimension, String(shard));
    ofShard.addMetric(collectorMetrics.windowsOfShard, MetricUnit.Count, 1);
  }
}

function addFurtherMetrics(metrics: Metrics, { failures, waiting }: WindowSummary): void {
  const kinds = Object.entries(failures);
  for (const [kind, count] of kinds) metrics.addMetric(`Failures-${kind}`, MetricUnit.Count, count);
  const failed = kinds.reduce((sum, [, count]) => sum + count, 0);
  if (failed > 0) metrics.addMetric('Failures' satisfies CollectorMetric, MetricUnit.Count, failed);
  if (waiting === undefined || waiting.entries === 0) return;
  // What waits is younger than a second for an instant only.
  const ageSeconds = Math.max(1, waiting.ageSeconds);
  metrics.addMetric('WaitingAge' satisfies CollectorMetric, MetricUnit.Seconds, ageSeconds);
}
