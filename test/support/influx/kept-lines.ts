import { separateLines } from '../../../lambda/influx/lines.ts';
import type { DeadLetter } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';

/** The lines of each entry that waits for InfluxDB, the oldest entry first. */
export async function waitingEntries(store: SpoolStore): Promise<readonly (readonly string[])[]> {
  const spool = createSpool(store);
  const read = (await spool.list()).map(async ({ key }) => {
    const lines = await spool.read(key);
    return lines === undefined ? [] : separateLines(lines);
  });
  return Promise.all(read);
}

/** The lines of all dead letters that have some. */
export function rejectedLines(letters: readonly DeadLetter[]): readonly string[] {
  return letters.flatMap((letter) => (letter.kind === 'rejected-lines' ? letter.lines : []));
}
