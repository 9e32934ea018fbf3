import { decodeSentReport } from '../../../lambda/api/reports/decode-sent-report.ts';
import { noTotals } from '../../../lambda/influx/delivery/delivery.ts';
import { noLines } from '../../../lambda/influx/lines.ts';
import { recordReport } from '../../../lambda/recording/sent/record-report.ts';
import { storedTarget } from '../../../lambda/targets/target.ts';
import { bodyOf } from '../locust/scripted-locust.ts';
import type { Saying } from '../locust/scripted-locust.ts';
import type { CollectorRig } from './collector-rig.ts';

/**
 * What the API does, beside a collector, with a report that the Locust of a target sends.
 * @param sent.atMs its instant; default: now. `id`: the target's; default: `shop`
 * @returns what became of it
 */
export async function sendReport(
  rig: CollectorRig,
  saying: Saying,
  sent: { readonly atMs?: number; readonly id?: string } = {},
): Promise<string> {
  const { atMs = rig.clock.now(), id = 'shop' } = sent;
  const decoded = await decodeSentReport({ bytes: Buffer.from(bodyOf(saying)), contentEncoding: undefined });
  const target = storedTarget.parse(await rig.registry.target(id));
  if (!decoded.ok) throw new Error('no report');
  const { clock, registry } = rig;
  const influx = rig.ports.openInflux();
  const { kind } = await recordReport(
    { target, fetched: { ...decoded, sizeBytes: 0, durationMs: 0 }, atMs },
    {
      ...{ clock, targets: registry.targets, runs: registry.runs, observer: {} },
      async deliver(lines) {
        const isStored = (await influx.write(lines, 5_000)).outcome === 'delivered';
        const unkept = isStored ? noLines : lines;
        return { delivered: lines.count - unkept.count, spooled: 0, rejected: 0, unkept, totals: noTotals };
      },
    },
  );
  influx.close();
  return kind;
}
