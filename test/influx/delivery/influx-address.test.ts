import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInfluxWriter, type InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { startInfluxServer, type InfluxServer } from '../../support/influx/influx-server.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

let server: InfluxServer;

beforeEach(async () => {
  server = await startInfluxServer();
});
afterEach(async () => {
  await server.close();
});

function writerTo(url: string, token = 's3cr3t'): InfluxWriter {
  return createInfluxWriter({ url, org: 'acme', bucket: 'load', token, clock: patientClock });
}

test.each(['/', '/influx', '/influx/', '/influx/api/v2', '/influx/api/v2/write', '/myapi/v2'])(
  'the base path %s is kept',
  async (path) => {
    const toPath = writerTo(server.url + path);

    await toPath.write(toLines(['m f=1 1']), 5_000);
    toPath.close();

    const kept = path.replace(/\/api\/v2.*/, '').replace(/\/$/, '');
    expect(server.requests[0]?.path).toBe(`${kept}/api/v2/write`);
  },
);

test.each(['localhost:8086', 'ftp://localhost', 'http://u:hunter2@localhost', 'http://localhost/?token=hunter2', ''])(
  'an address such as %j is refused before anything is sent, without being shown',
  (url) => {
    expect(() => writerTo(url)).toThrow(TypeError);
    expect(() => writerTo(url)).not.toThrow(/hunter2|localhost/);
  },
);

test('a token that no header can hold is refused before anything is sent, without being shown', () => {
  const create = (): unknown => writerTo(server.url, 'hunter2\n');

  expect(create).toThrow(TypeError);
  expect(create).not.toThrow(/hunter2/);
});
