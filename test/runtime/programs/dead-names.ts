import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { createNameResolver } from '../../../lambda/runtime/name-resolver.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';

/** Reads targets with dead names beside good ones, and says who was answered, in order. */
const [server = '', port = '', influxPort = ''] = process.argv.slice(2);

const { lookup } = createNameResolver({ servers: [server], hostsFile: '/nowhere', resolverFile: '/nowhere' });
const client = createLocustClient({ clock, addressPolicy: { allowPrivate: false, allowLoopback: true }, lookup });
const url = `http://influx.test:${influxPort}`;
const writer = createInfluxWriter({ url, org: 'o', bucket: 'b', token: 'a-token', clock, lookup });

async function read(name: string): Promise<void> {
  const fetched = await client.fetchReport({ url: `http://${name}:${port}`, timeoutMs: 60_000 });
  process.stdout.write(`${name} ${fetched.ok ? 'ok' : fetched.failure.kind}\n`);
}

const all = Array.from({ length: 40 }, (_, index) => read(`dead-${index}.test`));
for (let round = 0; round < 3; round += 1) {
  await Promise.all(Array.from({ length: 10 }, (_, index) => read(`good-${index}.test`)));
}
const { outcome, status } = await writer.write(toLines(['locust_total f=1i 1795348800000']), 60_000);
process.stdout.write(`influx.test ${outcome} ${status}\n`);
await Promise.all(all);
client.close();
writer.close();
