import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project } from '../support/rigs/typescript-program.ts';

interface Locked {
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
}

const read = (name: string): string => readFileSync(join(project, name), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as { readonly packages: Record<string, Locked> };

test('every package is the one that was locked, by its own hash or that of the archive it comes in', () => {
  const unproven = Object.entries(packages).filter(([path, { integrity = '', inBundle = false }]) => {
    // The first entry is the project.
    if (path === '') return false;
    if (!inBundle) return !integrity.startsWith('sha512-');
    const [outer = ''] = path.split(/(?<=.)\/node_modules\//);
    return packages[outer]?.integrity?.startsWith('sha512-') !== true;
  });

  expect(unproven.map(([path]) => path)).toEqual([]);
});

test('no package runs anything when it is installed, and the interpreter is none of them', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  expect(Object.keys(packages).filter((path) => /node_modules\/(?:node|node-bin-.*)$/.test(path))).toEqual([]);
});
