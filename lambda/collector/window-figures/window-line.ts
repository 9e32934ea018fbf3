import { floatField, integerField } from '../../influx/points/point.ts';
import type { WaitingTotals } from '../../influx/spool/spool.ts';
import { figureList } from '../../windows/window-figures.ts';
import type { WindowSummary } from './summary.ts';

/**
 * A window's own line, of the measurement `locust2influx_window`. Its series has nothing in common with those of
 * targets, so their tags cannot meet it. The same window written twice overwrites itself.
 * @param instantMs the instant that the window was scheduled for, whole ms since the epoch
 */
export function windowLine(summary: WindowSummary, instantMs: number): string {
  const { shard, waiting } = summary;
  const fields = figureList.map(([name, { field, unit }]) => {
    if (field === undefined) return '';
    return unit === 'Count' ? integerField(field, summary[name]) : floatField(field, summary[name]);
  });
  const all = fields.join('') + (waiting === undefined ? '' : waitingFields(waiting));
  return `locust2influx_window,shard=${shard} ${all.slice(1)} ${instantMs}`;
}

function waitingFields({ entries, bytes, ageSeconds }: WaitingTotals): string {
  return (
    integerField('waiting_entries', entries) +
    integerField('waiting_bytes', bytes) +
    floatField('waiting_age', ageSeconds * 1000)
  );
}
