import { createRoute } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import { collectionOf } from '../../targets/collection-rule.ts';
import { groupBy } from '../../runtime/group-by.ts';
import { apartMs } from '../../runtime/clock.ts';
import type { Target } from '../../targets/target.ts';
import type { LastWindow } from '../../windows/last-windows.ts';
import type { ApiPorts } from '../api-ports.ts';
import { healthAnswer } from '../answers.ts';
import { commonProblems, json, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

const { 401: unauthorized, 500: internal } = commonProblems;

const healthRoute = createRoute({
  method: 'get',
  path: '/v1/health',
  summary: 'Whether the API is alive; with the admin token, what collection does',
  security: [...security, {}],
  responses: { 200: json(healthAnswer, 'Alive'), 401: unauthorized, 500: internal },
});

type HealthPorts = Pick<ApiPorts, 'listTargets' | 'windows' | 'clock'>;

/** A window is on record once it is over, up to two minutes after the one before; another minute for late ones. */
const collectingMs = 3 * 60_000;

/** `GET /v1/health`. */
export function addHealthRoutes(app: ApiApp, ports: HealthPorts): void {
  app.openapi(healthRoute, async (context) => {
    if (context.get('role') !== 'admin') return context.json({ status: 'ok' as const }, 200);
    return context.json(await readHealth(ports), 200);
  });
}

async function readHealth({ listTargets, windows, clock }: HealthPorts): Promise<z.output<typeof healthAnswer>> {
  const [{ targets, invalid }, last] = await Promise.all([listTargets({ limit: Infinity }), windows.last()]);
  const nowMs = clock.now();
  const states = groupBy(targets, (target) => stateOf(target, nowMs));
  const [lastWindow = null] = last.toSorted((a, b) => a.endedAt.localeCompare(b.endedAt));
  return {
    status: isRejecting(last) ? 'rejecting' : 'ok',
    collecting:
      lastWindow !== null &&
      last.length === lastWindow.shards &&
      apartMs(nowMs, Date.parse(lastWindow.endedAt)) <= collectingMs,
    lastWindow,
    targets: {
      total: targets.length,
      unfit: invalid.length,
      byState: Object.fromEntries([...states].map(([state, those]) => [state, those.length])),
    },
  };
}

/** Whether InfluxDB took not one sample's total, and rejected some. */
function isRejecting(last: readonly LastWindow[]): boolean {
  return (
    last.some(({ totalsRejected }) => totalsRejected > 0) && last.every(({ totalsDelivered }) => totalsDelivered === 0)
  );
}

const locustStates = new Set(['ready', 'spawning', 'running', 'cleanup', 'stopping', 'stopped', 'missing']);

/** `off`, `expired`, `unseen`, `failing`, Locust's own state, or `other` for one that a newer Locust may have. */
function stateOf(target: Target, nowMs: number): string {
  const collection = collectionOf(target, nowMs);
  if (collection !== 'on') return collection;
  const { status } = target;
  if (status === undefined) return 'unseen';
  if (status.error !== undefined) return 'failing';
  return locustStates.has(status.state ?? '') ? (status.state ?? '') : 'other';
}
