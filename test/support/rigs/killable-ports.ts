import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

/** Ports that answer nothing from a call on, as those of a killed process: neither tables nor timers. */
export function killable(
  ports: CollectorPorts,
  atCall: number,
  onKill: () => void,
): { readonly ports: CollectorPorts; readonly die: () => void } {
  let calls = 0;
  let isDead = false;
  const never = new Promise<never>(() => undefined);
  const die = (): void => {
    isDead = true;
    onKill();
  };
  const countCall = (): void => {
    calls += 1;
    if (calls >= atCall && !isDead) die();
  };
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, key, receiver) {
        const member: unknown = Reflect.get(target, key, receiver);
        if (typeof member !== 'function') return member;
        return (...given: unknown[]): unknown => {
          countCall();
          if (isDead) return never;
          const result: unknown = Reflect.apply(member, target, given);
          return result instanceof Promise ? result.then((value: unknown) => (isDead ? never : value)) : result;
        };
      },
    });
  const { clock, claims } = ports;
  const mortalClock: Clock = {
    now: () => clock.now(),
    passedMs: () => clock.passedMs(),
    deadline: (afterMs) => clock.deadline(afterMs),
    sleepUntil: (untilMs, signal) =>
      isDead ? never : clock.sleepUntil(untilMs, signal).then(() => (isDead ? never : undefined)),
  };
  const mortalPorts = {
    ...ports,
    clock: mortalClock,
    targets: mortal(ports.targets),
    runs: mortal(ports.runs),
    ...(ports.windows !== undefined && { windows: mortal(ports.windows) }),
    ...(claims !== undefined && { claims: mortal(claims) }),
    openLocust: () => mortal(ports.openLocust()),
    openInflux: () => mortal(ports.openInflux()),
  };
  return { ports: mortalPorts, die };
}
