import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import { metricsOf } from './embedded-metrics.ts';
import { alwaysFree as free, listPrices as price } from './list-prices.ts';
import type { StackName, Synthesized } from './synthesize.ts';

/** What something costs a month, USD: at list price, and with what AWS always gives free. */
export type Cost = readonly [list: number, withFree: number];

const hours = 730;
const minutes = 43_200;
const targets = 10;
/** Estimates for one invocation with ten idle targets, and for a month of them. */
const invocation = { seconds: 0.25, logBytes: 1_500 } as const;
const dynamo = { reads: 0.3e6, writes: 0.22e6 } as const;
/** Lambda asks an empty queue for 20 s at a time; a maximum concurrency keeps it at five pollers, otherwise there are two. */
const longPollSeconds = 20;
const pollers = (isLimited: boolean): number => (isLimited ? 5 : 2);
/** How often the spool's bucket is listed. */
const listsPerMinute = 1 / 5;

/** The properties of a stack's resources of one type. */
function found(app: Synthesized, stack: StackName, type: string): readonly unknown[] {
  const resources = Object.values(app.template(stack).findResources(type)) as { Properties: unknown }[];
  return resources.map(({ Properties: properties }) => properties);
}

interface CollectorFunction {
  readonly MemorySize: number;
  readonly Environment: { readonly Variables: { readonly IDLE_SECONDS: string } };
}

interface Mapping {
  readonly ScalingConfig?: unknown;
}

interface Alarm {
  readonly Namespace: string;
}

interface Instance {
  readonly AllocatedStorage: number;
}

/** How many there are of what AWS bills by the piece. */
export function countsOf(app: Synthesized) {
  const count = (stack: StackName, type: string): number => found(app, stack, type).length;
  const idle = { ...emptySummary({ shard: 0, shards: 1 }), targets, looks: targets, latenessMs: 120 };
  const [metrics = []] = metricsOf([[{ atMs: 0, summary: idle }]]);
  return {
    metrics: metrics.length,
    alarms: count('monitoring', 'AWS::CloudWatch::Alarm'),
    dashboards: count('monitoring', 'AWS::CloudWatch::Dashboard'),
    // Beside those of the stack there is InfluxDB's own token.
    secrets: count('storage', 'AWS::SecretsManager::Secret') + 1,
  };
}

/** What a month costs in which ten targets are idle, by the rows of the table in infra/README.md. */
export function idleCosts(app: Synthesized): Readonly<Record<string, Cost>> {
  const [collector] = found(app, 'collector', 'AWS::Lambda::Function') as CollectorFunction[];
  const mappings = found(app, 'collector', 'AWS::Lambda::EventSourceMapping') as Mapping[];
  const schedules = found(app, 'collector', 'AWS::Scheduler::Schedule').length;
  if (collector === undefined) throw new Error('there is no collector');
  const perMinute = 60 / Number(collector.Environment.Variables.IDLE_SECONDS);
  const windows = minutes * schedules;
  const calls = windows * perMinute;
  const gbSeconds = calls * invocation.seconds * (collector.MemorySize / 1024);
  const polled = mappings.map(({ ScalingConfig }) => pollers(ScalingConfig !== undefined));
  const emptyPolls = polled.reduce((sum, count) => sum + count * ((minutes * 60) / longPollSeconds), 0);
  // Those of a window are sent as one batch; each is received and deleted by itself.
  const sqs = windows + 2 * (calls - windows) + emptyPolls;
  const logGb = (calls * invocation.logBytes) / 1e9;
  const { metrics, alarms, dashboards, secrets } = countsOf(app);
  return {
    'Lambda, compute': cost(gbSeconds, price.lambdaGbSecond, free.lambdaGbSeconds),
    'Lambda, calls': cost(calls, price.lambdaCall, free.lambdaCalls),
    Scheduler: cost(windows, price.schedulerCall, free.schedulerCalls),
    SQS: cost(sqs, price.sqsRequest, free.sqsRequests),
    DynamoDB: sum([cost(dynamo.reads, price.dynamoRead, 0), cost(dynamo.writes, price.dynamoWrite, 0)]),
    S3: cost(minutes * listsPerMinute, price.s3List, 0),
    'Secrets Manager': cost(secrets, price.secret, 0),
    'CloudWatch metrics': cost(metrics, price.metric, free.metrics),
    'CloudWatch alarms': cost(alarms, price.alarm, free.alarms),
    'CloudWatch logs': cost(logGb, price.logGb, free.logGb),
    'CloudWatch dashboard': cost(dashboards, price.dashboard, free.dashboards),
  };
}

/** What a managed InfluxDB costs more than one of your own, without the data that goes through its network. */
export function managedCost(app: Synthesized): number {
  const count = (stack: StackName, type: string): number => found(app, stack, type).length;
  const [instance] = found(app, 'database', 'AWS::Timestream::InfluxDBInstance') as Instance[];
  // The service makes a secret of its own. InfluxDB's token is among those counted for one of your own.
  const secrets = count('database', 'AWS::SecretsManager::Secret') + 1 - 1;
  const monitored = found(app, 'monitoring', 'AWS::CloudWatch::Alarm') as Alarm[];
  const alarms = monitored.filter(({ Namespace }) => Namespace === 'AWS/Timestream/InfluxDB').length;
  const network =
    count('database', 'AWS::EC2::NatGateway') * price.natHour +
    count('database', 'AWS::EC2::EIP') * price.publicAddressHour;
  return (
    (price.influxHour + network) * hours +
    (instance?.AllocatedStorage ?? 0) * price.influxGb +
    secrets * price.secret +
    alarms * price.alarm
  );
}

const cost = (amount: number, each: number, freeAmount: number): Cost => [
  cents(amount * each),
  cents(Math.max(0, amount - freeAmount) * each),
];

/** Of all, each rounded as the table shows it. */
export function sum(costs: readonly Cost[]): Cost {
  const total = (column: 0 | 1): number => cents(costs.reduce((so, each) => so + each[column], 0));
  return [total(0), total(1)];
}

const cents = (usd: number): number => Math.round(usd * 100) / 100;
