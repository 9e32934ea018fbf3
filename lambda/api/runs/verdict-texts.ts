import type { Verdict } from '../../runs/criteria/verdict.ts';

/** A verdict, and what it is on. */
export interface ToldVerdict {
  readonly target: string;
  readonly run: string;
  readonly verdict: Verdict;
  /** Of the run, in seconds. */
  readonly durationSeconds: number;
}

/** What XML 1.0 has no way to write. */
const noXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const xml = (text: string): string =>
  text.replace(noXml, '\ufffd').replaceAll(/[&<>"'\t\n\r]/g, (character) => entities[character] ?? ' ');

/** As JUnit XML: each criterion is a test case, and so is each doubt; what is unsure is an error. */
export function verdictAsJUnit({ target, run, verdict, durationSeconds }: ToldVerdict): string {
  const cases = [
    ...verdict.rules.map(({ criterion, result, text }) => ({ name: criterion, result, text })),
    ...verdict.doubts.map((text) => ({ name: 'the figures can be trusted', result: 'unsure' as const, text })),
  ];
  const count = (result: string): number => cases.filter((each) => each.result === result).length;
  const attributes = `tests="${cases.length}" failures="${count('failed')}" errors="${count('unsure')}"`;
  const lines = cases.map(({ name, result, text }) => {
    const open = `<testcase classname="${xml(target)}" name="${xml(name)}"`;
    if (result === 'passed') return `    ${open}><system-out>${xml(text)}</system-out></testcase>`;
    const element = result === 'failed' ? 'failure' : 'error';
    return `    ${open}><${element} message="${xml(text)}" type="${result}"/></testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes}>`,
    `  <testsuite name="${xml(`${target} ${run}`)}" ${attributes} time="${durationSeconds}">`,
    ...lines,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** What Markdown would take for markup, or a table for its end. */
const markdown = (text: string): string =>
  text.replaceAll(/[\r\n]+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~!&@]/g, (character) => `\\${character}`);

/** As Markdown, for a job's summary or a comment. */
export function verdictAsMarkdown({ target, run, verdict }: ToldVerdict): string {
  const against = verdict.baseline === undefined ? '' : `, compared with ${verdict.baseline}`;
  const rows = verdict.rules.map(
    ({ criterion, result, text }) => `| ${markdown(criterion)} | ${result} | ${markdown(text)} |`,
  );
  return [
    `### ${markdown(target)}: ${verdict.result}`,
    '',
    `Run ${run}${against}.`,
    '',
    ...verdict.doubts.map((text) => `- ${markdown(text)}`),
    ...(verdict.doubts.length > 0 ? [''] : []),
    ...(rows.length > 0 ? ['| criterion | result | |', '| --- | --- | --- |', ...rows, ''] : []),
  ].join('\n');
}
