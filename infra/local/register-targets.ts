import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { registerTarget } from '../../lambda/registry/register-target.ts';
import { createRuns } from '../../lambda/registry/runs.ts';
import { targetSettings } from '../../lambda/registry/target.ts';
import { createTargets } from '../../lambda/registry/targets.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { startDemoLocust } from './demo-locust.ts';
import { tableNames } from './open-registry.ts';
import { demoTargetId } from './options.ts';
import type { LocalOptions } from './options.ts';
import type { Stopping } from './stopping.ts';
import type { StartBanner } from './banner-text.ts';

/** What the API gives a target that names none. */
const defaultProject = 'default';
const makeBelieveProject = 'make-believe';

/**
 * Registers the targets of the command line, and starts and registers the make-believe Locust where it is wanted.
 * @returns all targets that are on, also those that were registered before
 */
export async function registerTargets(parts: {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly stopping: Stopping;
  readonly client: DynamoDBDocumentClient;
}): Promise<StartBanner['targets']> {
  const { options, clock, stopping, client } = parts;
  const demo = options.demo ? await startDemoLocust({ clock }) : undefined;
  if (demo !== undefined) stopping.add(() => demo.stop());
  const table = { client, table: tableNames.targets };
  const removeDemo = (): Promise<void> => removeMakeBelieve(client);
  await removeDemo();
  if (demo !== undefined) stopping.add(removeDemo);
  const wanted = [
    ...options.targets.map((target) => ({ ...target, project: defaultProject })),
    ...(demo === undefined ? [] : [{ id: demoTargetId, url: demo.url, project: makeBelieveProject }]),
  ];
  for (const target of wanted) await registerTarget(table, targetSettings.parse(target), clock.now());
  const { targets } = await createTargets(client, tableNames.targets).scan({ shard: 0, shards: 1 });
  return targets
    .filter(({ enabled }) => enabled)
    .map(({ id, url = 'reports by itself', project }) => ({ id, url, makeBelieve: project === makeBelieveProject }));
}

/** The make-believe Locust is gone with its process, and so is its target; its runs stay on record, ended. */
async function removeMakeBelieve(client: DynamoDBDocumentClient): Promise<void> {
  const { targets } = await createTargets(client, tableNames.targets).scan({ shard: 0, shards: 1 });
  const demo = targets.find(({ id, project }) => id === demoTargetId && project === makeBelieveProject);
  if (demo === undefined) return;
  const { id, project, status } = demo;
  await client.send(new DeleteCommand({ TableName: tableNames.targets, Key: { id } }));
  if (status?.run === undefined) return;
  const runs = createRuns(client, tableNames.runs);
  const run = (await runs.read([{ target: id, run: status.run }])).get(id);
  if (run === undefined || run.ended !== undefined) return;
  await runs.save({ ...run, ended: { atMs: run.lastGoodAtMs, outcome: 'lost' } }, { target: id, project });
}
