import type { WatchedTarget } from '../targets/watched-target.ts';
import type { WindowContext } from '../window-context.ts';
import { fetchReport } from './read-target.ts';
import { recordFetched } from './record-fetched.ts';

/** A poll has few targets whose runs have just begun, but each of them may take five seconds to fail. */
const maxChecks = 16;

/**
 * Finds out, for an idle poll, whether those web UIs can be read whose Locusts have begun a run by a report, and puts on
 * record that one cannot: its Locust then goes on reporting. Those that can be read are left to the next window. Never rejects.
 */
export async function checkReportedRuns(reported: readonly WatchedTarget[], context: WindowContext): Promise<void> {
  const unknown = reported.filter(({ stored }) => stored?.error === undefined).slice(0, maxChecks);
  await Promise.all(
    unknown.map(async (followed) => {
      const atMs = context.ports.clock.now();
      const fetched = await fetchReport(followed, context);
      if (fetched?.ok === false) await recordFetched({ followed, fetched, atMs }, context);
    }),
  );
}
