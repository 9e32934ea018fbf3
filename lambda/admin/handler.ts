import { Logger } from '@aws-lambda-powertools/logger';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createBreaker } from '../influx/breaker.ts';
import { createDeadLetters } from '../influx/dead-letters.ts';
import { createS3Spool } from '../influx/s3-spool.ts';
import { createLocustClient } from '../locust/fetch-report.ts';
import { influxOpener } from '../recording/open-influx.ts';
import { systemClock as clock } from '../runtime/clock.ts';
import { createParameterSecrets } from '../runtime/target-secrets.ts';
import type { AdminPorts, ReportDelivery } from './admin-ports.ts';
import { createAdminApp } from './app.ts';
import { parseAdminEnv } from './env.ts';
import type { AdminSettings } from './env.ts';
import { answerHttpApi } from './http-api.ts';
import type { HttpApiHandler } from './http-api.ts';
import { readAssets } from './read-assets.ts';
import { resolveName } from './resolve-name.ts';
import { tablePorts } from './table-ports.ts';
import { readTokenSecrets, rotatingTokens } from './tokens.ts';

function portsOf(settings: AdminSettings): AdminPorts {
  const { spoolBucket, influx } = settings;
  const spoolStore = spoolBucket === undefined ? undefined : createS3Spool({ bucket: spoolBucket });
  const logger = new Logger({ serviceName: 'locust2influx-admin' });
  const marshallOptions = { removeUndefinedValues: true };
  const addressPolicy = { allowPrivate: settings.allowPrivateAddresses, allowLoopback: false };
  return {
    ...tablePorts(DynamoDBDocumentClient.from(new DynamoDBClient(), { marshallOptions }), settings.tables),
    clock,
    addressPolicy,
    ...(spoolStore !== undefined && { deadLetters: createDeadLetters(spoolStore) }),
    reports: influx && {
      openInflux: influxOpener(influx, clock),
      spoolStore,
      breaker: createBreaker(),
      observer: logRuns(logger),
    },
    secrets: createParameterSecrets(new SSMClient(), settings.secretsPrefix),
    roleOf: rotatingTokens(readTokenSecrets(new SecretsManagerClient(), settings.tokenSecrets), clock),
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
  answer ??= answerHttpApi(createAdminApp(portsOf(parseAdminEnv(process.env))).fetch);
  return answer(event);
};
