import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { isCollected } from '../../../lambda/targets/collection-rule.ts';
import { registerTarget } from '../../../lambda/targets/register-target.ts';
import { endAsLost } from '../../../lambda/runs/run.ts';
import type { RunRecords } from '../../../lambda/runs/records/runs.ts';
import { targetSettings } from '../../../lambda/targets/target.ts';
import { createTargetEdits } from '../../../lambda/targets/edit-targets.ts';
import { createTargetList } from '../../../lambda/targets/list-targets.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { startDemoLocust } from '../demo/demo-locust.ts';
import { tableNames } from './open-registry.ts';
import { demoTargetId, OptionError } from '../arguments.ts';
import type { LocalOptions } from '../options.ts';
import type { Stopping } from '../stopping.ts';
import type { StartBanner } from '../terminal/banner-text.ts';

/** What the API gives a target that names none. */
const defaultProject = 'default';
/** Stored with the demo's runs and points, so it stays as it is. */
const demoProject = 'make-believe';

/**
 * Registers the targets of the command line, and starts and registers the simulated Locust where it is wanted.
 * @throws OptionError where a target would take its credentials to another host
 * @returns all targets that are on, also those that were registered before
 */
export async function registerTargets(parts: {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly stopping: Stopping;
  readonly client: DynamoDBDocumentClient;
  readonly runs: RunRecords;
}): Promise<StartBanner['targets']> {
  const { options, clock, stopping, client, runs } = parts;
  const demo = options.demo ? await startDemoLocust({ clock }) : undefined;
  if (demo !== undefined) stopping.add(() => demo.stop());
  const table = { client, table: tableNames.targets };
  const removeDemo = (): Promise<void> => removeMakeBelieve(client, runs);
  await removeDemo();
  if (demo !== undefined) stopping.add(removeDemo);
  const wanted = [
    ...options.targets.map((target) => ({ ...target, project: defaultProject })),
    ...(demo === undefined ? [] : [{ id: demoTargetId, url: demo.url, project: demoProject }]),
  ];
  for (const target of wanted) await requireSameHost(client, target);
  for (const target of wanted) await registerTarget(table, targetSettings.parse(target), clock.now());
  const { targets } = await createTargetList(client, tableNames.targets)({ limit: Infinity });
  return targets
    .filter((target) => isCollected(target, clock.now()))
    .map(({ id, url = 'reports by itself', project }) => ({ id, url, isDemo: project === demoProject }));
}

/**
 * What proves the collector to one host is not sent to another, whatever a command line says.
 * @throws OptionError that says what to do
 */
async function requireSameHost(
  client: DynamoDBDocumentClient,
  { id, url }: { readonly id: string; readonly url: string },
): Promise<void> {
  const found = await createTargetEdits(client, tableNames.targets).find(id);
  if (found?.fits !== true || found.target.url === undefined || found.target.secretsRef === undefined) return;
  const [before, after] = [new URL(found.target.url).origin, new URL(url).origin];
  if (before === after) return;
  throw new OptionError(
    `--target ${id}=…: this target has credentials for ${before}, and they are not sent to ${after}. ` +
      'Change its URL on the page and enter its credentials again there, or use another id.',
  );
}

/** The simulated Locust is gone with its process, and so is its target; its runs stay on record, ended. */
async function removeMakeBelieve(client: DynamoDBDocumentClient, runs: RunRecords): Promise<void> {
  const found = await createTargetEdits(client, tableNames.targets).find(demoTargetId);
  if (found?.fits !== true || found.target.project !== demoProject) return;
  const { id, project, status } = found.target;
  await client.send(new DeleteCommand({ TableName: tableNames.targets, Key: { id } }));
  if (status?.run === undefined) return;
  const run = (await runs.read([{ target: id, run: status.run }])).get(id);
  if (run === undefined || run.ended !== undefined) return;
  await runs.save(endAsLost(run), { target: id, project });
}
