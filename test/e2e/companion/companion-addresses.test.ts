import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { targetUrl } from '../../../lambda/targets/target.ts';
import { companionFile } from '../support/companion/companion-locust.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '../support/companion/companion-addresses.py');

interface Registered {
  readonly address?: string;
  readonly tls?: { readonly ca?: string; readonly verify?: boolean } | null;
  readonly problem?: string;
}
type Case = readonly [options: object, given: object];

async function registered(cases: readonly Case[]): Promise<readonly Registered[]> {
  const python = join(dirname(locustProgram(locustVersions()[0] ?? 'none')), 'python');
  const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
  const { stdout } = await run(python, [program, dirname(companionFile), JSON.stringify(cases)], { env });
  return JSON.parse(stdout) as readonly Registered[];
}

/** A CA, and a certificate that it has signed; the first with its key in the same file, as people keep them. */
async function makeCertificates(): Promise<{ readonly own: string; readonly signed: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'companion-certificates-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const key = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await run('openssl', ['req', '-x509', ...key, '-subj', '/CN=ca', '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  await run('openssl', [
    'req',
    ...key.slice(0, 3),
    '-subj',
    '/CN=web',
    '-keyout',
    at('web.key'),
    '-out',
    at('web.csr'),
  ]);
  const ca = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial'];
  await run('openssl', ['x509', '-req', '-in', at('web.csr'), ...ca, '-days', '2', '-out', at('web.pem')]);
  const both = (await readFile(at('ca.key'), 'utf8')) + (await readFile(at('ca.pem'), 'utf8'));
  await writeFile(at('own.pem'), both);
  return { own: at('own.pem'), signed: at('web.pem') };
}

describeWithParts('What the companion registers of a web UI', () => {
  test('is an address that the API takes, IPv6 in brackets', async () => {
    const found = await registered([
      [{ web_host: '::1', web_port: 8090 }, {}],
      [{ web_host: 'fe80::1%eth0', web_port: 8089 }, {}],
      [{ web_host: '[2001:db8::7]', web_port: 8089, web_base_path: '/locust' }, {}],
      [{ web_host: '::', web_port: 8089 }, {}],
      [{ web_host: '10.0.0.7', web_port: 8089 }, {}],
    ]);

    const addresses = found.map(({ address }) => address);
    expect(addresses).toEqual([
      'http://[::1]:8090',
      'http://[fe80::1]:8089',
      'http://[2001:db8::7]:8089/locust',
      `http://${hostname()}:8089`,
      'http://10.0.0.7:8089',
    ]);
    for (const address of addresses) expect(targetUrl.safeParse(address).success, address).toBe(true);
  });

  test('has the certificate along that it needs, and never a key', async () => {
    const { own, signed } = await makeCertificates();
    const https = { web_host: 'localhost', web_port: 8089 };
    const [selfSigned, byCa, named, unchecked, http, missing, odd] = await registered([
      [{ ...https, tls_cert: own }, {}],
      [{ ...https, tls_cert: signed }, {}],
      [{ ...https, tls_cert: signed }, { ca: own }],
      [{ ...https, tls_cert: own }, { verify: 'false' }],
      [https, { ca: own }],
      [{ ...https, tls_cert: signed }, { ca: '/nowhere.pem' }],
      [{ ...https, tls_cert: signed }, { verify: 'maybe' }],
    ]);

    expect(selfSigned?.tls?.ca).toMatch(/^-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n$/);
    expect(byCa).toEqual({ address: 'https://localhost:8089', tls: null });
    expect(named?.tls).toEqual(selfSigned?.tls);
    expect(unchecked?.tls).toEqual({ verify: false });
    expect(http?.tls).toBeNull();
    expect(missing?.problem).toMatch(/LOCUST2INFLUX_CA: .*nowhere\.pem/);
    expect(odd?.problem).toBe('LOCUST2INFLUX_VERIFY: true or false');
  });
});
