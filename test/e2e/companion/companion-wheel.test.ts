import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { companionFiles } from '../../../infra/companion-files.ts';
import { toAssets } from '../../../lambda/api/http/read-assets.ts';
import { companionFile } from '../support/companion/companion-locust.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';

const python = (): string => join(dirname(locustProgram(locustVersions()[0] ?? 'none')), 'python');
const wheelPath = /^\/locust2influx-\d+\.\d+\.\d+-py3-none-any\.whl$/;

/** Checks every sum in a wheel, as pip does not. */
const inspect = `
import base64, csv, hashlib, io, json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    assert wheel.testzip() is None
    record = next(name for name in wheel.namelist() if name.endswith("/RECORD"))
    rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
    for name, digest, size in rows:
        if name != record:
            content = wheel.read(name)
            assert digest == "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            assert int(size) == len(content)
    print(json.dumps({"recorded": sorted(row[0] for row in rows), "names": sorted(wheel.namelist())}))
`;

describeWithParts('The companion as a wheel', () => {
  test('the wheel is whole, holds the file as it is, and is the same bytes each time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'locust2influx-wheel-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [, [name, wheel]] = companionFiles() as [unknown, [string, Uint8Array]];
    await writeFile(join(folder, name), wheel);

    const { stdout } = await promisify(execFile)(python(), ['-c', inspect, join(folder, name)]);

    const { recorded, names } = JSON.parse(stdout) as { recorded: string[]; names: string[] };
    expect(names).toEqual(recorded);
    expect(names).toContain('locust2influx.py');
    expect(companionFiles()[1]?.[1]).toEqual(wheel);
  });

  test('pip installs the wheel from where the API serves it, and what it installs is the file', async () => {
    const assets = toAssets(companionFiles());
    const server = createServer(({ url = '' }, response) => {
      const asset = assets.get(url);
      response.writeHead(asset === undefined ? 404 : 200, { 'content-type': asset?.contentType }).end(asset?.body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'locust2influx-pip-'));
    onTestFinished(async () => {
      server.close();
      await rm(folder, { recursive: true });
    });
    const path = [...assets.keys()].find((each) => wheelPath.test(each));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path ?? ''}`;

    const alone = ['--no-index', '--no-deps', '--no-cache-dir', '--disable-pip-version-check', '--quiet'];
    await promisify(execFile)(python(), ['-m', 'pip', 'install', ...alone, '--target', folder, url]);

    expect(await readFile(join(folder, 'locust2influx.py'), 'utf8')).toBe(await readFile(companionFile, 'utf8'));
  });
});
