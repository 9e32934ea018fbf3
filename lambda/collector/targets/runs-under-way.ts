import { attempt } from '../../recording/recording-context.ts';
import type { Run } from '../../runs/run.ts';
import type { Target } from '../../targets/target.ts';
import type { WindowContext } from '../window-context.ts';

/** The records of the runs that these targets are in; undefined when they cannot be read. */
export async function readRunsUnderWay(
  targets: readonly Target[],
  context: WindowContext,
): Promise<ReadonlyMap<string, Run> | undefined> {
  const running = targets.flatMap(({ id, status }) =>
    status?.run === undefined ? [] : [{ target: id, run: status.run }],
  );
  if (running.length === 0) return new Map();
  return attempt(context, 'reading the runs under way', () => context.ports.runs.read(running));
}
