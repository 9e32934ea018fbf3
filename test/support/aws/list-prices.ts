/**
 * AWS's list prices in us-east-1, USD. Those of Lambda, DynamoDB and CloudWatch, and what is always free, are as in public
 * price lists of 2024 to 2026; the others, above all those of the managed InfluxDB, are as of 2025. None was read off a bill.
 */
export const listPrices = {
  lambdaGbSecond: 0.0000133334,
  lambdaCall: 0.2 / 1e6,
  schedulerCall: 1 / 1e6,
  sqsRequest: 0.4 / 1e6,
  dynamoRead: 0.125 / 1e6,
  dynamoWrite: 0.625 / 1e6,
  s3List: 0.005 / 1e3,
  secret: 0.4,
  metric: 0.3,
  alarm: 0.1,
  logGb: 0.5,
  dashboard: 3,
  /** Of a managed InfluxDB: db.influx.medium by the hour, a GB of its disk, a NAT gateway and a public address by the hour. */
  influxHour: 0.119,
  influxGb: 0.1,
  natHour: 0.045,
  publicAddressHour: 0.005,
} as const;

/** What AWS always gives an account free of charge, each month. */
export const alwaysFree = {
  lambdaGbSeconds: 400_000,
  lambdaCalls: 1e6,
  schedulerCalls: 14e6,
  sqsRequests: 1e6,
  metrics: 10,
  alarms: 10,
  logGb: 5,
  dashboards: 3,
} as const;
