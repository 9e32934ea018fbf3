import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, influxDb, ofRun, ofTarget } from './influxql.ts';

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

/** The values of a tag from any time: where none is named, InfluxDB 3 looks back one day and no further. */
const valuesIn = (measurement: string, tag: string, ...conditions: readonly string[]): string =>
  `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}" WHERE ${['time > 0', ...conditions].join(' AND ')}`;

// `locust_scrape` has a point for each attempt during a run and no other tags: cheap to ask, and there from the start.
const valuesOf = (tag: string, ...conditions: readonly string[]): string =>
  valuesIn('locust_scrape', tag, ...conditions);

/** A choice of one, several or all; all is any value, however many there are. */
const withAll = (variable: QueryVariableBuilder): QueryVariableBuilder =>
  variable
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });

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
      description: 'Endpoints of the run, by the name that Locust shows',
      query: valuesIn('locust_endpoint', 'name', ofRun()),
    }),
  );

/** The variables of each dashboard, from the widest choice to the narrowest. */
export const variables = {
  dataSource: () => new DatasourceVariableBuilder('datasource').label('InfluxDB').type('influxdb'),
  project,
  target,
  allProjects: () => withAll(project()),
  allTargets: () => withAll(target()),
  run: () => run({ name: 'run', label: 'Run' }),
  baseline: () => run({ name: 'baseline', label: 'Baseline', but: 'run' }),
  endpoint,
};
