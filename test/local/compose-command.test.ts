import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseOptions } from '../../infra/local/options.ts';

const localFolder = join(import.meta.dirname, '../../infra/local');
const compose = readFileSync(join(localFolder, 'compose.yaml'), 'utf8');
const collector = /^ {2}collector:\n((?: {4}.*\n)+)/m.exec(compose)?.[1] ?? '';
/** What compose.yaml gives a variable that its user does not set. */
const presetOf = (name: string): string => new RegExp(`\\$\\{${name}:-([^}]+)\\}`).exec(collector)?.[1] ?? '';

test('the collector of compose.yaml is given options that it has, and listens where its published port leads', () => {
  const [, words = ''] = /command: (\[.*\])/.exec(collector) ?? [];
  const argv = JSON.parse(words.replaceAll("'", '"')) as string[];

  expect(parseOptions(argv, {})).toMatchObject({ host: '0.0.0.0', port: 8787, dataFolder: '/data' });
  expect(collector).toContain("ports: ['127.0.0.1:8787:8787']");
});

test('the page’s address in compose.yaml and in the README opens it with the token that is preset', () => {
  const page = `http://localhost:8787/#${presetOf('ADMIN_TOKEN')}`;
  const readme = readFileSync(join(localFolder, '../../README.md'), 'utf8');

  expect(presetOf('ADMIN_TOKEN')).not.toBe(presetOf('REPORTER_TOKEN'));
  expect(compose.slice(0, compose.indexOf('services:'))).toContain(`${page} `);
  expect(readme).toContain(`<${page}>`);
});
