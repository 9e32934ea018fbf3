// @ts-check
import { formatDuration } from '../parts/format.js';

/**
 * What is known of what the tester asked Locust for, and of how the run was recorded; empty or undefined
 * where it is not.
 * @param {import('../targets/targets-api.js').RunSummary} run
 */
export function setupInWords({ host, users, spawnRate, runTimeSeconds, locustfile, locustVersion, notes = [] }) {
  return [
    host,
    users && `${users} users`,
    spawnRate && `${spawnRate}/s`,
    runTimeSeconds && formatDuration(runTimeSeconds),
    locustfile,
    locustVersion && `Locust ${locustVersion}`,
    ...notes,
  ];
}
