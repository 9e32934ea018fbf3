import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, inRange, influxDb, ofTarget } from './influxql.ts';

interface TagVariable {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly query: string;
  readonly sort?: VariableSort;
}

/** The values of a tag. Asked again with every refresh, so that a run that has just begun is there to choose. */
function tagVariable({ name, label, description, query, sort }: TagVariable): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(influxDb)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(sort ?? VariableSort.AlphabeticalCaseInsensitiveAsc);
}

const valuesIn = (measurement: string, tag: string, ...conditions: readonly string[]): string =>
  `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}" WHERE ${conditions.join(' AND ')}`;

// Of any time: where none is named, InfluxDB 3 looks back one day and no further. `locust_scrape` has a point for each
// attempt during a run and no other tags: cheap to ask, and there from the start.
const valuesOf = (tag: string, ...conditions: readonly string[]): string =>
  valuesIn('locust_scrape', tag, 'time > 0', ...conditions);

/** A choice of one, several or all; all is any value, however many there are. */
const withAll = (variable: QueryVariableBuilder): QueryVariableBuilder =>
  variable
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

// What a data source speaks is no part of its name, which is all that Grafana could choose by.
const dataSource = (): DatasourceVariableBuilder =>
  new DatasourceVariableBuilder('datasource')
    .label('InfluxDB')
    .description('Take one whose query language is InfluxQL: with Flux or SQL every panel fails')
    .type('influxdb');

const project = (): QueryVariableBuilder =>
  tagVariable({
    name: 'project',
    label: 'Project',
    description: 'Projects with stored runs',
    query: valuesOf('project'),
  });

const target = (): QueryVariableBuilder =>
  tagVariable({
    name: 'target',
    label: 'Target',
    description: 'Locusts of the project',
    query: valuesOf('target', chosen('project')),
  });

interface RunChoice {
  readonly name: string;
  readonly label: string;
  readonly but?: string;
}

function run({ name, label, but }: RunChoice): QueryVariableBuilder {
  const others = but === undefined ? [] : [`"run" !~ /^\${${but}:regex}$/`];
  return tagVariable({
    name,
    label,
    description: 'Runs of the target, newest first; a run is called by its start in UTC',
    query: valuesOf('run', ofTarget, ...others),
    sort: VariableSort.AlphabeticalDesc,
  });
}

const endpoint = (): QueryVariableBuilder =>
  withAll(
    tagVariable({
      name: 'endpoint',
      label: 'Endpoint',
      description: 'Endpoints of the run in the time range, by the name that Locust shows',
      // In the range, as all that it chooses from: of all measurements this is the largest.
      query: valuesIn('locust_endpoint', 'name', inRange),
    }),
  );

/** The variables of each dashboard, from the widest choice to the narrowest. */
export const variables = {
  dataSource,
  project,
  target,
  allProjects: () => withAll(project()),
  allTargets: () => withAll(target()),
  /** The first one, until others are chosen by name: for what is there once for each. */
  someTargets: () => target().multi(true),
  run: () => run({ name: 'run', label: 'Run' }),
  baseline: () => run({ name: 'baseline', label: 'Baseline', but: 'run' }),
  endpoint,
};
