import type { CollectorMetrics } from '../constructs/collector-metrics.ts';
import type { AlarmThresholds } from './alarm-thresholds.ts';
import type { AlarmDefinition } from './runbook-alarm.ts';

/**
 * What windows report about the Locusts themselves. This is for the people whose tests they are, and is off by default:
 * a master that leaves with its test cannot be told from one that died during it.
 */
export function targetAlarms(
  metrics: CollectorMetrics,
  thresholds: AlarmThresholds,
): Readonly<Record<string, AlarmDefinition>> {
  return {
    Skipped: {
      title: 'instants skipped',
      meaning: 'Locusts were still answering one scrape when the next was due.',
      first: 'raise sampleSeconds for the targets that the page shows as slow, and check the CPU of their machines.',
      metric: metrics.of('Skipped'),
      threshold: { atLeast: thresholds.Skipped },
    },
    SamplesFailing: {
      title: 'samples failing',
      meaning: 'Locusts do not answer while their tests run.',
      first: 'see on the page which targets fail, and why.',
      metric: metrics.of('SamplesFailed'),
      threshold: { atLeast: thresholds.SamplesFailing },
    },
  };
}
