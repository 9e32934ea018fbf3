import { Logger } from '@aws-lambda-powertools/logger';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createBreaker } from '../influx/delivery/breaker.ts';
import { createDeadLetters } from '../influx/spool/dead-letters.ts';
import { createS3Spool } from '../influx/spool/s3-spool.ts';
import { createLocustClient } from '../locust/fetch/fetch-report.ts';
import { writerOpener } from '../influx/delivery/influx-writer.ts';
import { awsLimits } from '../runtime/aws-limits.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { openTables } from '../runtime/open-tables.ts';
import { createParameterSecrets } from '../runtime/target-secrets.ts';
import type { ApiPorts, ReportDelivery } from './api-ports.ts';
import { createApi } from './app.ts';
import { parseAdminEnv } from './env.ts';
import type { AdminSettings } from './env.ts';
import { answerHttpApi } from './http/http-api.ts';
import type { HttpApiHandler } from './http/http-api.ts';
import { readAssets } from './http/read-assets.ts';
import { resolveName } from './targets/resolve-name.ts';
import { createCollectorWake } from './targets/wake-collector.ts';
import { tablePorts } from './table-ports.ts';
import { readTokenSecrets, rotatingTokens } from './http/tokens.ts';

function portsOf(settings: AdminSettings): ApiPorts {
  const { spoolBucket, influx } = settings;
  const spoolStore = spoolBucket === undefined ? undefined : createS3Spool({ bucket: spoolBucket });
  const logger = new Logger({ serviceName: 'locust2influx-admin' });
  const secretsManager = new SecretsManagerClient({ requestHandler: awsLimits });
  const addressPolicy = { allowPrivate: settings.allowPrivateAddresses, allowLoopback: false };
  return {
    ...tablePorts(openTables(), settings.tables),
    clock,
    // A new account has ten executions at once, for the collector too.
    longestWaitMs: 0,
    addressPolicy,
    ...(spoolStore !== undefined && { deadLetters: createDeadLetters(spoolStore) }),
    reports: influx && {
      openInflux: writerOpener(influx, clock),
      spoolStore,
      breaker: createBreaker(),
      observer: logRuns(logger),
    },
    secrets: createParameterSecrets(new SSMClient({ requestHandler: awsLimits }), settings.secretsPrefix),
    wakeCollector: wakeOf(settings),
    roleOf: rotatingTokens(readTokenSecrets(secretsManager, settings.tokenSecrets), clock),
    resolve: resolveName,
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    // Both are put beside the bundle when it is built.
    assets: new Map([
      ...readAssets(new URL('./console/', import.meta.url)),
      ...readAssets(new URL('./companion/', import.meta.url)),
    ]),
    failed: ({ doing, error, ...about }) => {
      // Name and message alone: an error of a client may carry its whole request.
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      logger.error(`failed ${doing}`, { ...about, reason });
    },
  };
}

function wakeOf({ wake }: AdminSettings): ApiPorts['wakeCollector'] {
  if (wake === undefined) return () => Promise.resolve();
  return createCollectorWake({ ...wake, clock, client: new SQSClient({ requestHandler: awsLimits }) });
}

/** One line for each run that begins or ends; none for each report. */
function logRuns(logger: Logger): ReportDelivery['observer'] {
  return {
    changed({ target, runStarted, runEnded }) {
      if (runStarted === undefined && runEnded === undefined) return;
      const ended = runEnded && { run: runEnded.id, outcome: runEnded.ended?.outcome };
      logger.info('target changed', { target, runStarted: runStarted?.id, runEnded: ended });
    },
  };
}

let answer: HttpApiHandler | undefined;

/** The Lambda behind the HTTP API. The first invocation of an environment parses its variables and makes the clients. */
export const handler: HttpApiHandler = (event) => {
  answer ??= answerHttpApi(createApi(portsOf(parseAdminEnv(process.env))).fetch);
  return answer(event);
};
