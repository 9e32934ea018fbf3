/** True while Locust makes users or load. */
export function isActive(state: string): boolean {
  return state === 'spawning' || state === 'running';
}

/** True while the users of a test finish what they are at: the test was stopped, but goes on. */
export function isWindingDown(state: string): boolean {
  return state === 'stopping' || state === 'cleanup';
}

/** True from the ramp-up until the last user is gone. */
export function isUnderWay(state: string): boolean {
  return isActive(state) || isWindingDown(state);
}
