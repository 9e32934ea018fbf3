import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerCloudFormation } from '../../lambda/influx-setup/answer-cloudformation.ts';

describe('answers to CloudFormation', () => {
  let server: Server;
  let put: { method: string | undefined; type: string | undefined; body: Record<string, unknown> }[];

  beforeEach(async () => {
    put = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method, headers } = request;
        put.push({ method, type: headers['content-type'], body: JSON.parse(body) as Record<string, unknown> });
        response.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.close();
  });

  const event = (more: object = {}): object => ({
    RequestType: 'Create',
    ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/signed`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'TokenInSecret',
    ResourceProperties: { ServiceToken: 'arn' },
    ...more,
  });

  it('tell of success under an id that never changes', async () => {
    await answerCloudFormation(event(), () => Promise.resolve());
    await answerCloudFormation(event({ RequestType: 'Update', PhysicalResourceId: 'first' }), () => Promise.resolve());
    const ids = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'TokenInSecret', Status: 'SUCCESS' };
    expect(put.map(({ body }) => body)).toEqual([
      { ...ids, PhysicalResourceId: 'TokenInSecret' },
      { ...ids, PhysicalResourceId: 'first' },
    ]);
  });

  it('are sent as the address was signed: PUT, without a content type', async () => {
    await answerCloudFormation(event(), () => Promise.resolve());
    expect(put).toMatchObject([{ method: 'PUT', type: '' }]);
  });

  it('tell of a failure, so that nobody waits for an hour', async () => {
    await answerCloudFormation(event(), () => Promise.reject(new Error('InfluxDB is away')));
    expect(put[0]?.body).toMatchObject({ Status: 'FAILED', Reason: 'Error: InfluxDB is away' });
  });

  it('nothing is done when the resource is deleted', async () => {
    await answerCloudFormation(event({ RequestType: 'Delete' }), () => Promise.reject(new Error('done')));
    expect(put[0]?.body).toMatchObject({ Status: 'SUCCESS' });
  });
});
