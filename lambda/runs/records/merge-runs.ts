import type { Run } from '../run.ts';
import { mergeTimelines } from '../timeline.ts';

/**
 * What two that followed the same run know of it together: the later sample and the first end count (figures that its
 * Locust closed it with stay), the peak and the timeline are those of both. Windows that overlap each know samples that
 * the other has not seen: an end that nobody saw is at the last of all of them.
 * @param record the run as it stands on record
 * @returns undefined when both have an end, and not the same one
 */
export function mergeRuns(record: Run, ours: Run): Run | undefined {
  const isOtherEnd = record.ended !== undefined && ours.ended !== undefined && record.ended.atMs !== ours.ended.atMs;
  if (isOtherEnd) return undefined;
  return {
    ...newerOf(record, ours),
    startedAtMs: record.startedAtMs,
    ...(record.owner !== undefined && { owner: record.owner }),
    beganAtMs: record.beganAtMs ?? ours.beganAtMs,
    setup: record.setup ?? ours.setup,
    notes: record.notes ?? ours.notes,
    // People write there, and take away, while a window knows what was before.
    label: record.label,
    note: record.note,
    ...((record.hasUntimedRequests === true || ours.hasUntimedRequests === true) && { hasUntimedRequests: true }),
    ...((record.hasBeenSetBack === true || ours.hasBeenSetBack === true) && { hasBeenSetBack: true }),
    peakUsers: Math.max(record.peakUsers, ours.peakUsers),
    timeline: mergeTimelines(record.timeline, ours.timeline),
  };
}

function newerOf(record: Run, ours: Run): Run {
  const [newer, older] = isOursNewer(record, ours) ? [ours, record] : [record, ours];
  const { ended } = newer;
  if (ended === undefined || !isEndAssumed(newer) || older.lastGoodAtMs <= newer.lastGoodAtMs) return newer;
  return { ...older, ended: { ...ended, atMs: older.lastGoodAtMs } };
}

/** Nobody saw it end: its last good sample stands for that. */
function isEndAssumed({ ended, closedAtMs, lastGoodAtMs }: Run): boolean {
  return closedAtMs === undefined && ended?.atMs === lastGoodAtMs;
}

function isOursNewer(record: Run, ours: Run): boolean {
  if (record.closedAtMs !== undefined) return false;
  if (ours.ended !== undefined || record.ended !== undefined) return ours.ended !== undefined;
  return ours.lastGoodAtMs > record.lastGoodAtMs;
}
