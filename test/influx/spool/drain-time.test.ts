import { expect, it } from 'vitest';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createSpoolDrain } from '../../../lambda/influx/spool/drain-spool.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');

it('a drain ends in its time though the machine’s time is set back an hour meanwhile', async () => {
  const [s3, clock] = [await startS3Server(), createHandClock(noon)];
  const spool = createSpool(s3.store());
  for (let entry = 0; entry < 40; entry += 1) await spool.put(toLines([`m,i=${entry} f=1i ${noon}`]), noon + entry);
  const drain = createSpoolDrain({
    spool,
    delivery: {
      async replay({ count }) {
        await clock.advanceTo(clock.now() + 30_000);
        clock.setTo(noon - 3_600_000);
        return { settled: count, delivered: count, rejected: 0 };
      },
    },
    clock,
    whenFree: () => Promise.resolve(),
    onReplayed: () => undefined,
    onFailure: (doing) => {
      throw new Error(doing);
    },
  });
  await drain.run(noon + 60_000);
  // Two batches of 16 are a minute.
  expect((await spool.list()).length).toBe(8);
  await s3.close();
});
