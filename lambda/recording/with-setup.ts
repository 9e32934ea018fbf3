import type { PageReading } from '../locust/fetch/read-page.ts';
import type { Report } from '../locust/report/report.ts';
import type { TestSetup } from '../locust/test-setup.ts';
import type { Run } from '../runs/run.ts';
import type { Target } from '../targets/target.ts';

/** Where the set-up of a test comes from. */
interface SetupSource {
  readonly target: Target;
  readonly report: Report | undefined;
  /** Of Locust's own page; undefined where nobody has read it. */
  readonly reading: PageReading | undefined;
}

/** A run that begins with what is known of its set-up: once, so that all its points have the same tags. Pure. */
export function withSetup(run: Run, { target, report, reading }: SetupSource): Run {
  const page = reading?.ok === true ? reading.page.setup : undefined;
  const setup = withOwnHost(report?.setup ?? page ?? {}, target);
  const notes = [...(run.notes ?? []), ...(reading?.ok === false ? [unreadNote(reading.message)] : [])];
  return {
    ...run,
    ...(Object.keys(setup).length > 0 && { setup }),
    ...(notes.length > 0 && { notes }),
  };
}

/** What a person has set counts, as a setting or as a tag of the target. */
function withOwnHost(setup: TestSetup, { host, tags }: Target): TestSetup {
  const own = tags['host'] ?? host;
  return own === undefined ? setup : { ...setup, host: own };
}

function unreadNote(message: string): string {
  return `What was asked of Locust (host, users, run time) is not known: its page could not be read. ${message}`;
}
