import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { targetId } from '../../../lambda/targets/target.ts';
import { companionFile } from '../support/companion/companion-locust.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';

const versions = locustVersions();
const program = join(import.meta.dirname, '../support/companion/companion-names.py');

type Named = readonly [project: string, host: string];

async function idsOf(named: readonly Named[], version = versions[0] ?? 'none'): Promise<readonly string[]> {
  const python = join(dirname(locustProgram(version)), 'python');
  const env = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
  const { stdout } = await promisify(execFile)(python, [program, dirname(companionFile), JSON.stringify(named)], {
    env,
  });
  return JSON.parse(stdout) as readonly string[];
}

const host = 'https://test.example.com';

describeWithParts("The target's id where none is given", () => {
  test('of plain names is made of them alone, and is what it has always been', async () => {
    const ids = await idsOf([
      ['my-project', host],
      ['My Project_2', 'http://user:secret@Test.Example.com:8080/api/v1/'],
      ['a'.repeat(20), `https://${'b'.repeat(43)}`],
    ]);
    expect(ids).toEqual([
      'my-project-test-example-com',
      'my-project-2-test-example-com-8080-api-v1',
      `${'a'.repeat(20)}-${'b'.repeat(43)}`,
    ]);
  });

  test.each([versions[0], versions.at(-1)])('of what an id cannot hold has a hash, with Locust %s', async (version) => {
    const named: readonly Named[] = [
      ['магазин', host],
      ['каталог', host],
      ['C', host],
      ['C++', host],
      ['C#', host],
      ['商店', 'https://商店'],
      ['.', 'https://x'],
      ['shop', `${host}/${'long/'.repeat(12)}a`],
      ['shop', `${host}/${'long/'.repeat(12)}b`],
      ['shop é', `${host}/${'long/'.repeat(8)}`],
    ];
    const ids = await idsOf(named, version);
    for (const id of ids) expect(targetId.safeParse(id), id).toMatchObject({ success: true });
    expect(new Set(ids).size).toBe(named.length);
    expect(ids.slice(0, 7)).toEqual([
      expect.stringMatching(/^test-example-com-[0-9a-f]{8}$/),
      expect.stringMatching(/^test-example-com-[0-9a-f]{8}$/),
      'c-test-example-com',
      expect.stringMatching(/^c-test-example-com-[0-9a-f]{8}$/),
      expect.stringMatching(/^c-test-example-com-[0-9a-f]{8}$/),
      expect.stringMatching(/^[0-9a-f]{8}$/),
      expect.stringMatching(/^x-[0-9a-f]{8}$/),
    ]);
    expect(ids[7]).toMatch(/^shop-test-example-com-long-.*-[0-9a-f]{8}$/);
    expect(await idsOf(named, version)).toEqual(ids);
  });
});
