import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { WriteAnswer } from '../../../lambda/influx/delivery/write-answer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { startLocustServer } from '../../support/locust/locust-server.ts';
import type { CertificateName, LocustServer } from '../../support/locust/locust-server.ts';
import { moduleText, project } from '../../support/rigs/typescript-program.ts';
import { patientClock as clock } from '../../support/time/patient-clock.ts';

let server: LocustServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** A server before InfluxDB, or InfluxDB itself, whose certificate is signed by a CA of its own. */
const start = async (certificate?: CertificateName): Promise<LocustServer> => {
  server = await startLocustServer((_, response) => response.writeHead(204).end(), certificate);
  return server;
};

async function write(url: string): Promise<WriteAnswer> {
  const writer = createInfluxWriter({ url, org: 'o', bucket: 'b', token: 'secret-token', clock });
  const answer = await writer.write(toLines(['m f=1 1']), 30_000);
  writer.close();
  return answer;
}

test.each<[CertificateName, RegExp]>([
  ['server', /certificate/],
  ['expired', /certificate/],
  ['other-name', /certificate/],
])('a certificate (%s) that is not trusted is trouble with TLS, and the lines are kept', async (name, reason) => {
  const { url, requests } = await start(name);

  expect(await write(url)).toEqual({
    outcome: 'retryable',
    isTlsTrouble: true,
    reason: expect.stringMatching(/^no TLS connection: /) as string,
  });
  expect(((await write(url)) as { reason: string }).reason).toMatch(reason);
  expect(requests).toEqual([]);
});

test('a server that speaks no TLS is trouble with TLS', async () => {
  const { url } = await start();

  expect(await write(url.replace('http:', 'https:'))).toMatchObject({ outcome: 'retryable', isTlsTrouble: true });
});

test('where nothing listens, or the connection breaks off, it is the network and passes', async () => {
  const gone = await start('server');
  await gone.vanish();

  expect(await write(gone.url)).not.toHaveProperty('isTlsTrouble');
});

test('a private CA that NODE_EXTRA_CA_CERTS names is trusted', async () => {
  const { url, requests } = await start('server');
  const program = moduleText(`
    import { createInfluxWriter } from './lambda/influx/delivery/influx-writer.ts';
    import { systemClock as clock } from './lambda/runtime/clock.ts';
    const writer = createInfluxWriter({ url: '${url}', org: 'o', bucket: 'b', token: 'secret-token', clock });
    console.log(JSON.stringify(await writer.write({ text: 'm f=1 1', count: 1 }, 30_000)));
    writer.close();
  `);
  const ran = promisify(execFile)(process.execPath, ['--input-type=module', '-'], {
    cwd: project,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: 'test/fixtures/tls/ca.pem' },
  });
  ran.child.stdin?.end(program);

  expect(JSON.parse((await ran).stdout)).toEqual({ outcome: 'delivered', status: 204 });
  expect(requests).toHaveLength(1);
});
