import { gzipSync } from 'node:zlib';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { expect } from 'vitest';
import { costlyReports } from '../../../support/locust/costly-reports.ts';
import type { httpApiEvent } from './http-api-event.ts';

/** Their names and errors differ in nothing but their characters: others cost as much. */
const isOneOfMany = (name: string): boolean => /^(?:errors|names) of/.test(name);

/**
 * Sends reports that look for what is dear, one after the other, each to a target of its own: each is taken, or refused
 * with the limit that it is beyond, and the API goes on.
 */
export async function expectCostlyReportsAnswered(
  ask: (call: Parameters<typeof httpApiEvent>[0]) => Promise<APIGatewayProxyStructuredResultV2>,
): Promise<void> {
  const kinds = Object.entries(costlyReports).filter(([name]) => !isOneOfMany(name));
  for (const [index, [name, report]] of kinds.entries()) {
    const path = `/v1/targets/attacked-${index}`;
    const put = await ask({ method: 'PUT', path, body: { source: 'report' } });
    expect(put.statusCode, put.body).toBe(201);
    const at = new Date(Date.now() - (kinds.length - index) * 10_000).toISOString();
    const sent = { method: 'POST', path: `${path}/reports`, query: `at=${at}`, body: gzipSync(report(1)) };
    const { statusCode, body = '' } = await ask(sent);
    expect([202, 413, 422], `${name}: ${body}`).toContain(statusCode);
    expect((await ask({ method: 'GET', path })).statusCode).toBe(200);
  }
}
