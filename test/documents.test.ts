import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = ['*.md', 'lambda/**/*.md', 'infra/**/*.md', 'test/**/*.md']
  .flatMap((pattern) => globSync(pattern, { cwd: root, ignore: '**/node_modules/**' }))
  .filter((path) => !path.includes('/.'))
  .toSorted();

/** What the documents name that is made at run time, or is the reader's own. */
const elsewhere = new Set([
  '.local/tokens.json',
  'cdk.out/',
  'dist/',
  'load/',
  'locustfile.py',
  'openapi.json',
  'rejected/',
  'secrets.json',
  'spool/',
  'test/e2e/.parts',
  'tokens.json',
  'waiting/',
]);

const fence = /^ *```(\w*)\n([^]*?)^ *```$/gm;
const textOf = (document: string): string => readFileSync(join(root, document), 'utf8');
const proseOf = (document: string): string => textOf(document).replaceAll(fence, '');
const shellOf = (document: string): string =>
  [...textOf(document).matchAll(fence)].map(([, language, code]) => (language === 'sh' ? code : '')).join('\n');

/** As GitHub makes them of headings. */
function anchorsOf(document: string): ReadonlySet<string> {
  const headings = proseOf(document).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Why a link of a document leads nowhere; undefined when it leads somewhere, or out of the repository. */
function linkProblem(document: string, link: string): string | undefined {
  if (/^[a-z]+:/i.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const linked = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, linked))) return `${link}: no such file`;
  return anchor === undefined || anchorsOf(linked).has(anchor) ? undefined : `${link}: no such heading`;
}

/** What a document names in backticks that looks like a file or folder of the repository. */
function pathsIn(document: string): readonly string[] {
  const names = [...proseOf(document).matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name);
  return names.filter(
    (name) =>
      /^(?:\.\.?\/)*[\w.*-]+(?:\/[\w.*-]+)*\/?$/.test(name) &&
      (/^(?:lambda|infra|test)\//.test(name) ||
        name.endsWith('/') ||
        /\w\.(?:cjs|css|js|json|md|py|sh|ts|ya?ml)$/.test(name)),
  );
}

/** Paths are from the root or the document's folder; there, folders in between may be left out. */
function isThere(document: string, path: string): boolean {
  const cwd = join(root, dirname(document));
  const name = path.replace(/\/$/, '');
  const options = { ignore: ['**/node_modules/**', '**/.*/**'], onlyFiles: false, expandDirectories: false };
  const matches = (pattern: string, folder: string): boolean =>
    globSync(pattern, { ...options, cwd: folder }).length > 0;
  return matches(name, root) || matches(name, cwd) || (cwd !== root && matches(`**/${name}`, cwd));
}

describe.each(documents)('%s', (document) => {
  it('links only to what is there', () => {
    const links = [...proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    expect(links.map((link) => linkProblem(document, link)).filter(Boolean)).toEqual([]);
  });

  it('names only files and folders that are there', () => {
    const missing = pathsIn(document).filter((path) => !elsewhere.has(path) && !isThere(document, path));
    expect(missing).toEqual([]);
  });

  it('has only commands that npm knows, on files that are there', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Readonly<Record<string, string>> };
    const run = [...textOf(document).matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
    const files = [...shellOf(document).matchAll(/(?<![\w./-])(?:lambda|infra|test)\/[\w./*-]*/g)].map(
      ([path]) => path,
    );
    expect(files.filter((path) => !isThere(document, path))).toEqual([]);
  });
});

describe('the documents', () => {
  it('are led to from the front door', () => {
    const reached = new Set<string>();
    const visit = (document: string): void => {
      if (reached.has(document) || !document.endsWith('.md')) return;
      reached.add(document);
      for (const [, link = ''] of proseOf(document).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        if (!/^[a-z]+:/i.test(link)) visit(relative(root, join(root, dirname(document), link)));
      }
    };
    visit('README.md');
    expect(documents.filter((document) => !reached.has(document))).toEqual([]);
  });

  it('begin with a front door of 180 lines at most, whose picture is 150 kB at most', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(180);
    const [, picture = ''] = /!\[[^\]]+\]\((.+\.png)\)/.exec(textOf('README.md')) ?? [];
    expect(statSync(join(root, picture)).size).toBeLessThanOrEqual(150_000);
  });

  it('list every room of lambda/, and no other', () => {
    const [, table = ''] = /\n\| room[^\n]*\n\|[^\n]*\n([^]*?)\n\n/.exec(textOf('lambda/README.md')) ?? [];
    const listed = [...table.matchAll(/^\| \[?`([\w-]+)\/`/gm)].map(([, room = '']) => room);
    const rooms = readdirSync(join(root, 'lambda'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(listed.toSorted()).toEqual(rooms.toSorted());
  });
});
