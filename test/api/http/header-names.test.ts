import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';

describe.each(transports)('a header has one name in upper and lower case, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const url = 'http://127.0.0.1:1';
  const patch = (headers: object, more: object = {}): Promise<Answer> =>
    rig.ask('PATCH /v1/targets/shop', { body: { headers, ...more } });
  beforeEach(() => rig.ask('PUT /v1/targets/shop', { body: { url, headers: { 'X-Key': 'old', 'X-Other': 'stays' } } }));

  it('null removes it, however it is written', async () => {
    expect(await patch({ 'x-key': null })).toMatchObject({ status: 200, json: { headers: ['X-Other'] } });
    expect(await rig.secretsText()).not.toContain('old');
  });

  it('a value replaces it, under the name as it is written now', async () => {
    const { json } = await patch({ 'x-key': 'new' });

    expect((json['headers'] as string[]).sort()).toEqual(['X-Other', 'x-key']);
    expect(await rig.secretsText()).toMatch(/new/);
    expect(await rig.secretsText()).not.toContain('old');
  });

  it.each([
    { 'X-Key': null, 'x-key': 'new' },
    { 'x-key': 'new', 'X-Key': null },
  ])('removed under one name and given under another it is renamed: %j', async (headers) => {
    expect(await patch(headers)).toMatchObject({ status: 200, json: { headers: ['X-Other', 'x-key'] } });
  });

  it('given twice it is 422', async () => {
    expect(await patch({ 'X-Key': 'a', 'x-key': 'b' })).toMatchObject(problem('invalid-request', 422));
    expect(await patch({ 'X-KEY': 'a', 'x-key': 'b' })).toMatchObject(problem('invalid-request', 422));
  });

  it('given under another name it counts as entered again when the URL moves to another host', async () => {
    const moved = { url: 'http://127.0.0.1:2' };

    expect(await patch({ 'x-key': 'a' }, moved)).toMatchObject({ json: { errors: [{ field: 'headers.X-Other' }] } });
    expect((await patch({ 'x-key': 'a', 'x-other': null }, moved)).json).toMatchObject({ headers: ['x-key'] });
    expect(await rig.secretsText()).not.toContain('stays');
  });
});
