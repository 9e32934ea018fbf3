import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createTargetEdits } from '../targets/edit-targets.ts';
import { createOwnedCount } from '../targets/count-owned.ts';
import { createTargetList } from '../targets/list-targets.ts';
import { createNewestRuns } from '../runs/records/newest-runs.ts';
import { createRunEdits } from '../runs/records/run-edits.ts';
import { createRunHistory } from '../runs/records/run-history.ts';
import { createRuns } from '../runs/records/runs.ts';
import { createTargets } from '../targets/targets.ts';
import { createWindows } from '../windows/last-windows.ts';
import type { ApiPorts } from './api-ports.ts';

/** The ports that are the two tables. @param client made with `removeUndefinedValues` */
export function tablePorts(
  client: DynamoDBDocumentClient,
  tables: { readonly targets: string; readonly runs: string },
): Pick<
  ApiPorts,
  'edits' | 'listTargets' | 'countOwned' | 'runs' | 'history' | 'runEdits' | 'listNewestRuns' | 'windows' | 'targets'
> {
  return {
    edits: createTargetEdits(client, tables.targets),
    listTargets: createTargetList(client, tables.targets),
    countOwned: createOwnedCount(client, tables.targets),
    runs: createRuns(client, tables.runs),
    history: createRunHistory(client, tables.runs),
    runEdits: createRunEdits(client, tables.runs),
    listNewestRuns: createNewestRuns(client, tables.runs),
    targets: createTargets(client, tables.targets),
    windows: createWindows(client, tables.runs),
  };
}
