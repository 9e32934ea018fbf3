import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { chosen, inRange, influxDb, ofTarget } from './influxql.ts';
import { foremostQueries } from './queries/endpoints.ts';

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

/**
 * The values of a tag, that of the newest attempt first: what runs now is what one opens. Where several are chosen, or all,
 * `valuesOf` sorts them by name.
 */
const newestFirst = (tag: string, ...conditions: readonly string[]): string =>
  newestFirstIn({ measurement: 'locust_scrape', field: 'duration' }, tag, ...conditions);

/** The same by runs that are over, whose points may be in a bucket of their own: nothing else is asked. */
const newestRunFirst = (tag: string, ...conditions: readonly string[]): string =>
  newestFirstIn({ measurement: 'locust_run', field: 'duration_seconds' }, tag, ...conditions);

interface AlwaysThere {
  readonly measurement: string;
  /** Every point has it. */
  readonly field: string;
}

const newestFirstIn = ({ measurement, field }: AlwaysThere, tag: string, ...conditions: readonly string[]): string =>
  `SELECT "${tag}", "duration" FROM (SELECT last("${field}") AS "duration" FROM "${measurement}" ` +
  `WHERE ${['time > 0', ...conditions].join(' AND ')} GROUP BY "${tag}") ORDER BY time DESC`;

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

const projects = {
  name: 'project',
  label: 'Project',
  description: 'Projects with stored runs',
  query: valuesOf('project'),
} as const;
const targets = {
  name: 'target',
  label: 'Target',
  description: 'Locusts of the project',
  query: valuesOf('target', chosen('project')),
} as const;

const newestProject = (): QueryVariableBuilder =>
  tagVariable({
    ...projects,
    description: `${projects.description}, where a test ran last first`,
    query: newestFirst('project'),
    sort: VariableSort.Disabled,
  });
const projectOfRuns = (): QueryVariableBuilder =>
  tagVariable({
    ...projects,
    description: 'Projects with runs that are over, that of the last one first',
    query: newestRunFirst('project'),
    sort: VariableSort.Disabled,
  });
const newestTarget = (): QueryVariableBuilder =>
  tagVariable({
    ...targets,
    description: `${targets.description}, where a test ran last first`,
    query: newestFirst('target', chosen('project')),
    sort: VariableSort.Disabled,
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
      description:
        'Endpoints of the run in the time range, by the name that Locust shows: of the panels of failures and endpoints. ' +
        'The others are of the whole test',
      // In the range, as all that it chooses from: of all measurements this is the largest.
      query: valuesIn('locust_endpoint', 'name', inRange),
    }),
  );

const limits = { '200 ms': 200, '500 ms': 500, '1 s': 1000, '2 s': 2000, '5 s': 5000, '10 s': 10_000, none: 1e9 };

/** No text of a person's gets into a query: one of these is chosen. */
const p95Limit = (): CustomVariableBuilder =>
  new CustomVariableBuilder('p95limit')
    .label('p95 limit')
    .description('From here on the 95th percentile of response times is red')
    .values(
      Object.entries(limits)
        .map(([text, ms]) => `${text} : ${ms}`)
        .join(', '),
    )
    .allowCustomValue(false)
    .current({ selected: true, text: '1 s', value: '1000' });

/** Names for queries, from the chosen endpoints: nobody chooses them. */
const foremostEndpoints = (name: keyof typeof foremostQueries): QueryVariableBuilder =>
  tagVariable({
    name,
    label: name,
    description: 'Which endpoints have a line of their own',
    query: foremostQueries[name],
    sort: VariableSort.Disabled,
  })
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .hide(VariableHide.HideVariable);

/** The variables of each dashboard, from the widest choice to the narrowest. */
export const variables = {
  dataSource,
  project: newestProject,
  target: newestTarget,
  allProjects: () => withAll(tagVariable(projects)),
  allTargets: () => withAll(tagVariable(targets)),
  projectOfRuns,
  /** The first one, until others are chosen by name: for what is there once for each. */
  targetsOfRuns: () =>
    tagVariable({ ...targets, query: valuesIn('locust_run', 'target', 'time > 0', chosen('project')) }).multi(true),
  run: () => run({ name: 'run', label: 'Run' }),
  baseline: () => run({ name: 'baseline', label: 'Baseline', but: 'run' }),
  endpoint,
  p95Limit,
  foremostEndpoints,
};
