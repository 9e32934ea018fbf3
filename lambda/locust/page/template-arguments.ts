import { percentileLabel } from '../report/rows.ts';
import { testSetup } from '../test-setup.ts';
import type { TestSetup } from '../test-setup.ts';
import { jsonValues, shortJson } from './json-parts.ts';

/** `window.templateArgs` of Locust's page (from 2.21), the values as JSON texts. */
export type TemplateArguments = ReadonlyMap<string, string>;

const assignment = 'window.templateArgs = {';

/** Undefined where the page has none. */
export function templateArguments(page: string): TemplateArguments | undefined {
  const from = page.indexOf(assignment);
  const given = from < 0 ? undefined : jsonValues(page, from + assignment.length - 1);
  return typeof shortJson(given?.get('version')) === 'string' ? given : undefined;
}

/** From this release on, the values follow the form that starts a test; before, they are those of the command line. */
const followsForm = { users: [2, 47], spawnRate: [2, 28], runTime: [2, 28] } as const;

/** What is right in the release that says it. A load shape has users and spawn rate of its own. */
export function setupOfArguments(given: TemplateArguments): TestSetup {
  const value = (key: string): unknown => shortJson(given.get(key));
  const version = value('version');
  // One that uses the form's values is none here.
  const isShape = Boolean(value('hide_common_options')) || value('shape_use_common_options') === false;
  const known = (since: readonly [number, number], key: string): unknown =>
    !isShape && isFrom(version, since) ? value(key) : undefined;
  return testSetup({
    host: value('host'),
    locustfile: value('locustfile'),
    locustVersion: version,
    users: known(followsForm.users, 'num_users'),
    spawnRate: known(followsForm.spawnRate, 'spawn_rate'),
    runTimeSeconds: known(followsForm.runTime, 'run_time'),
  });
}

/** Whether there is a load shape: Locust says null where there is none, else whether the form's values count. Undefined where the page does not say. */
export function hasShapeOfArguments(given: TemplateArguments): boolean | undefined {
  const hides = shortJson(given.get('hide_common_options'));
  return hides === null || typeof hides === 'boolean' ? hides !== null : undefined;
}

/** The labels of the first two percentiles of Locust's charts; undefined where it has fewer. */
export function percentilesOfArguments(given: TemplateArguments): readonly [string, string] | undefined {
  const charted = shortJson(given.get('percentiles_to_chart'));
  if (!Array.isArray(charted)) return undefined;
  const [first, second] = charted.map((fraction) => percentileLabel(String(fraction)));
  return first === undefined || second === undefined ? undefined : [first, second];
}

function isFrom(version: unknown, [sinceMajor, sinceMinor]: readonly [number, number]): boolean {
  const [, major, minor] = /^(\d{1,4})\.(\d{1,4})/.exec(String(version)) ?? [];
  return Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor);
}
