import { createRoute } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import type { Target } from '../../registry/target.ts';
import type { AdminPorts } from '../admin-ports.ts';
import { healthAnswer } from '../answers.ts';
import { commonProblems, json, security } from './route-parts.ts';
import type { AdminApp } from './route-parts.ts';

const { 401: unauthorized, 500: internal } = commonProblems;

const healthRoute = createRoute({
  method: 'get',
  path: '/v1/health',
  summary: 'Whether the API is alive; with the admin token, what collection does',
  security: [...security, {}],
  responses: { 200: json(healthAnswer, 'Alive'), 401: unauthorized, 500: internal },
});

type HealthPorts = Pick<AdminPorts, 'listTargets' | 'windows' | 'clock'>;

/** A window is told once it is over, which may be two minutes after the one before; another minute for what is late. */
const collectingMs = 3 * 60_000;

/** `GET /v1/health`. */
export function addHealthRoutes(app: AdminApp, ports: HealthPorts): void {
  app.openapi(healthRoute, async (context) => {
    if (context.get('role') !== 'admin') return context.json({ status: 'ok' as const }, 200);
    return context.json(await healthOf(ports), 200);
  });
}

async function healthOf({ listTargets, windows, clock }: HealthPorts): Promise<z.output<typeof healthAnswer>> {
  const [{ targets, unfit }, last] = await Promise.all([listTargets({ limit: Infinity }), windows.last()]);
  const nowMs = clock.now();
  const states = Map.groupBy(targets, (target) => stateOf(target, nowMs));
  const [lastWindow = null] = last.toSorted((a, b) => a.endedAt.localeCompare(b.endedAt));
  return {
    status: 'ok',
    collecting:
      lastWindow !== null &&
      last.length === lastWindow.shards &&
      nowMs - Date.parse(lastWindow.endedAt) <= collectingMs,
    lastWindow,
    targets: {
      total: targets.length,
      unfit: unfit.length,
      byState: Object.fromEntries([...states].map(([state, those]) => [state, those.length])),
    },
  };
}

const locustStates = new Set(['ready', 'spawning', 'running', 'cleanup', 'stopping', 'stopped', 'missing']);

/** `off`, `expired`, `unseen`, `failing`, Locust's own state, or `other` for one that a newer Locust may have. */
function stateOf({ enabled, expiresAt, status }: Target, nowMs: number): string {
  if (!enabled) return 'off';
  if (expiresAt !== undefined && Date.parse(expiresAt) <= nowMs) return 'expired';
  if (status === undefined) return 'unseen';
  if (status.error !== undefined) return 'failing';
  return locustStates.has(status.state ?? '') ? (status.state ?? '') : 'other';
}
