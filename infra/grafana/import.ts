// Brings dashboards and alert rules into any Grafana:
//
//   GRAFANA_URL=https://grafana.example.com GRAFANA_TOKEN=… npm run import-dashboards
import { ImportError, importIntoGrafana } from './import-into-grafana.ts';

const { GRAFANA_URL: url = '', GRAFANA_TOKEN: token = '', GRAFANA_DATASOURCE: datasourceUid } = process.env;
try {
  if (url === '' || token === '')
    throw new ImportError('Set GRAFANA_URL and GRAFANA_TOKEN: where Grafana is, and who may.');
  await importIntoGrafana({ url, token, datasourceUid, say: (line) => void process.stdout.write(`${line}\n`) });
} catch (error) {
  const reason = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${reason}\n`);
  process.exitCode = 1;
}
