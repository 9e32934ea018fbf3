import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTargetEdits } from '../registry/edit-targets.ts';
import { createTargetList } from '../registry/list-targets.ts';
import { createRunHistory } from '../registry/run-history.ts';
import { createRuns } from '../registry/runs.ts';
import { createTargets } from '../registry/targets.ts';
import { createWindows } from '../registry/windows.ts';
import type { AdminPorts } from './admin-ports.ts';

/** The ports that are the two tables. @param client made with `removeUndefinedValues` */
export function tablePorts(
  client: DynamoDBDocumentClient,
  tables: { readonly targets: string; readonly runs: string },
): Pick<AdminPorts, 'edits' | 'listTargets' | 'runs' | 'history' | 'windows' | 'targets'> {
  return {
    edits: createTargetEdits(client, tables.targets),
    listTargets: createTargetList(client, tables.targets),
    runs: createRuns(client, tables.runs),
    history: createRunHistory(client, tables.runs),
    targets: createTargets(client, tables.targets),
    windows: createWindows(client, tables.runs),
  };
}
