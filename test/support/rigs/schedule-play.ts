import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { createClaims } from '../../../lambda/windows/claims.ts';
import { bodyOf } from '../locust/scripted-locust.ts';
import { counting, failing, rememberReads } from './claims-of-play.ts';
import type { ClaimWrite } from './claims-of-play.ts';
import type { CollectorRig } from './collector-rig.ts';
import { killable } from './killable-ports.ts';

/** One call of the collector by its schedule. */
export interface Call {
  /** Which minute it is for. */
  readonly minute: number;
  readonly lateMs: number;
  /** It is an idle poll, delivered at once. */
  readonly isPoll?: boolean;
  /** Default: the only one. */
  readonly share?: { readonly shard: number; readonly shards: number };
  /** The window is killed when it asks anything of the world for the so-manieth time. */
  readonly killedAtCall?: number | undefined;
  /** The window is killed then, ms after the first instant. */
  readonly killedAtMs?: number | undefined;
}

export interface Play {
  readonly claimWrite?: ClaimWrite;
  /** The target's own. */
  readonly sampleSeconds: number;
  readonly calls: readonly Call[];
  /** The test runs from the first instant until then, ms after it. */
  readonly stopMs: number;
  /** Locust says for how long it has been counting, which proves that its test is the same after any time. */
  readonly saysAge?: boolean;
  /** More of the target's settings. */
  readonly target?: object;
  /** Happens in the middle of it, ms after the first instant. @param id the target's */
  readonly happens?: { readonly atMs: number; readonly act: (id: string) => Promise<unknown> };
  /** The clock shows something else from one moment on until another, all in ms; `byMs` is how far it is off. */
  readonly wrongClock?: { readonly fromMs: number; readonly byMs: number; readonly forMs: number };
}

export interface Played {
  /** The instants that are stored, in seconds after the first, in order; one that is stored twice is there twice. */
  readonly stored: readonly number[];
  /** The instants of the test from the first stored one on, or from the start on record; none where nobody saw it. */
  readonly expected: readonly number[];
  readonly missed: number;
  readonly missedAtStart: number;
  readonly summaries: readonly WindowSummary[];
  /** Seconds for which windows lasted, all together. */
  readonly billedSeconds: number;
  /** Of these, the seconds in which two windows lasted at once. */
  readonly overlapSeconds: number;
  /** How often claims were read and written. */
  readonly claimRequests: { readonly reads: number; readonly writes: number };
}

const minuteMs = 60_000;
const remainingMs = 135_000;
let played = 0;

/** Plays a schedule from the next full minute on: one Locust, every call in an environment of its own. */
export async function playSchedule(rig: CollectorRig, play: Play): Promise<Played> {
  const { clock } = rig;
  const firstAtMs = Math.ceil((clock.now() + 10 * minuteMs) / minuteMs) * minuteMs;
  await clock.advanceTo(firstAtMs);
  const id = `played-${(played += 1)}`;
  let asked = 0;
  const locust = await rig.locust(id, { state: 'running' }, { sampleSeconds: play.sampleSeconds, ...play.target });
  locust.say((_request, response) => {
    const isRunning = clock.now() < firstAtMs + play.stopMs;
    response.writeHead(200, { 'content-type': 'application/json' });
    const ageSeconds = play.saysAge === true ? (clock.now() - firstAtMs) / 1000 + 60 : undefined;
    const state = isRunning ? 'running' : 'stopped';
    response.end(bodyOf({ state, requests: (asked += 1), ...(ageSeconds !== undefined && { ageSeconds }) }));
  });
  const summaries: WindowSummary[] = [];
  const spans: { readonly fromMs: number; readonly untilMs: number }[] = [];
  const claimRequests = { reads: 0, writes: 0 };
  const table = counting(
    rememberReads(failing(createClaims(rig.registry.client, 'Runs'), play.claimWrite, () => clock.now() - firstAtMs)),
    claimRequests,
  );
  const claims = clock.busy(table);
  const call = async ({ minute, lateMs, killedAtCall, killedAtMs, share, isPoll }: Call): Promise<void> => {
    await clock.sleepUntil(firstAtMs + minute * minuteMs + lateMs);
    const beganAtMs = clock.now();
    let kill = (): void => undefined;
    const killed = new Promise<undefined>((resolve) => {
      kill = () => {
        resolve(undefined);
      };
    });
    const { ports, die } = killable({ ...rig.ports, claims }, killedAtCall ?? Infinity, kill);
    if (killedAtMs !== undefined) void clock.sleepUntil(firstAtMs + killedAtMs).then(die);
    const scheduledTime = new Date(firstAtMs + minute * minuteMs).toISOString();
    const from = isPoll === true ? { from: new Date(beganAtMs).toISOString() } : {};
    const summary = await Promise.race([
      rig.begin({ scheduledTime, ...from, ...share }, { ports, remainingMs }),
      killed,
    ]);
    if (summary !== undefined) summaries.push(summary);
    spans.push({ fromMs: beganAtMs, untilMs: clock.now() });
  };
  const { wrongClock } = play;
  const happening = async ({ atMs, act }: NonNullable<Play['happens']>): Promise<void> => {
    await clock.sleepUntil(firstAtMs + atMs);
    await clock.busy({ act }).act(id);
  };
  const playing = Promise.all([...play.calls.map(call), ...(play.happens ? [happening(play.happens)] : [])]);
  if (wrongClock !== undefined) {
    const { fromMs, byMs, forMs } = wrongClock;
    await clock.advanceTo(firstAtMs + fromMs);
    clock.setTo(firstAtMs + fromMs + byMs);
    await clock.advanceTo(firstAtMs + fromMs + byMs + forMs);
    clock.setTo(firstAtMs + fromMs + forMs);
  }
  await clock.runUntilDone(playing);
  const [run] = await rig.registry.runsOf(id);
  await rig.registry.deleteTarget(id);
  // The closing sample, which comes after the end, is not one of the test's instants.
  const points = (await rig.sink.points('locust_total')).filter(
    ({ tags, fields }) => tags['target'] === id && fields['state'] === 'running',
  );
  const stored = points.map(({ atMs }) => (atMs - firstAtMs) / 1000).sort((a, b) => a - b);
  const firstSeen = stored[0] ?? (run && (Date.parse(String(run['startedAt'])) - firstAtMs) / 1000);
  return {
    stored,
    expected: firstSeen === undefined ? [] : instants(firstSeen, play.stopMs / 1000, play.sampleSeconds),
    missed: summaries.reduce((sum, { missed }) => sum + missed, 0),
    missedAtStart: summaries.reduce((sum, { missedAtStart }) => sum + missedAtStart, 0),
    summaries,
    ...secondsOfSpans(spans),
    claimRequests,
  };
}

function secondsOfSpans(
  spans: readonly { readonly fromMs: number; readonly untilMs: number }[],
): Pick<Played, 'billedSeconds' | 'overlapSeconds'> {
  let [billedMs, overlapMs, untilMs] = [0, 0, -Infinity];
  for (const span of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    billedMs += span.untilMs - span.fromMs;
    overlapMs += Math.max(0, Math.min(untilMs, span.untilMs) - span.fromMs);
    untilMs = Math.max(untilMs, span.untilMs);
  }
  return { billedSeconds: billedMs / 1000, overlapSeconds: overlapMs / 1000 };
}

/** Every so many seconds from one second until before another. */
function instants(from: number, until: number, every: number): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((until - from) / every)) }, (_, index) => from + index * every);
}
