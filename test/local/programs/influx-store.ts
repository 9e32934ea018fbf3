// Starts a store of lines in a folder, and prints where it is: FOLDER ACCESS, as JSON.
import { startStoreServer } from '../../support/influx/store-server.ts';
import type { WriteAccess } from '../../../infra/local/store/write-endpoint.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';

const [, , folder = '', access = ''] = process.argv;
const store = await startStoreServer({ ...(JSON.parse(access) as WriteAccess), folder, port: 0, clock: systemClock });
process.stdout.write(`${store.url}\n`);
