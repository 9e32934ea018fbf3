import { recordScrape } from '../../recording/record-scrape.ts';
import type { RecordedStep } from '../../recording/record-step.ts';
import type { Scrape } from '../../recording/scrape.ts';
import { countProven } from '../hand-over/missed-instants.ts';
import type { WindowContext } from '../window-context.ts';

/** Does all that follows from what was fetched, and counts the instants that it shows to have been missed. Never rejects. */
export async function recordFetched(scrape: Scrape, context: WindowContext): Promise<RecordedStep> {
  const { followed } = scrape;
  const { run: before } = followed;
  const step = await recordScrape(scrape, context);
  context.memory.keepRun(followed.target.id, followed.run);
  const after = [step.run, step.ended].find((run) => run?.id === before?.id);
  countProven({ id: followed.target.id, before, after }, context);
  return step;
}
