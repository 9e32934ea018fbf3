// What `npm run build` does.
import { buildFunctions } from './build-functions.ts';
import { buildAlerting, buildDashboards, dashboardsFolder } from './grafana/build.ts';

await buildFunctions('dist');
await buildDashboards(dashboardsFolder);
await buildAlerting();
