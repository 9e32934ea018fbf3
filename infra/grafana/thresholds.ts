import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DynamicConfigValue, ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

/** From which value on a colour holds; the first colour is that of everything below. */
interface Colours {
  readonly base: string;
  readonly from?: readonly (readonly [value: number, color: string])[];
}

function thresholds({ base, from = [] }: Colours): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps([{ value: null, color: base }, ...from.map(([value, color]) => ({ value, color }))]);
}

/** A figure that is neither good nor bad. */
export const neutral = () => thresholds({ base: 'text' });

/** Share of failed requests, 0 to 1: from 1 % on worth a look, from 5 % on bad. */
export const failRatio = (base = 'text') =>
  thresholds({
    base,
    from: [
      [0.01, 'orange'],
      [0.05, 'red'],
    ],
  });

/** A count of what must never happen. */
export const mustBeZero = () =>
  thresholds({
    base: 'green',
    from: [[1, 'red']],
  });

/** A count of what is to be looked after, but harmed nothing yet. */
export const worthALook = () =>
  thresholds({
    base: 'green',
    from: [[1, 'orange']],
  });

/** How long lines wait, ms: from two minutes on InfluxDB is in trouble, from an hour on nobody has seen to it. */
export const waitingAge = () =>
  thresholds({
    base: 'green',
    from: [
      [120_000, 'orange'],
      [3_600_000, 'red'],
    ],
  });

/** From an instant to its sample, ms: half of the default interval, and all of it. */
export const lateness = (base = 'text') =>
  thresholds({
    base,
    from: [
      [5_000, 'orange'],
      [10_000, 'red'],
    ],
  });

/** CPU of a worker in percent: above 90 % the load generator, not the application, is what is slow. */
export const workerCpu = () =>
  thresholds({
    base: 'transparent',
    from: [[90, 'red']],
  });

/** Change of the share of failed requests, in points: -0.01 is one percent point fewer. */
export const failRatioChange = () =>
  thresholds({
    base: 'green',
    from: [
      [-0.005, 'text'],
      [0.005, 'orange'],
      [0.02, 'red'],
    ],
  });

/** As a property of single columns. */
export const asProperty = (of: Builder<ThresholdsConfig>): DynamicConfigValue => ({
  id: 'thresholds',
  value: of.build(),
});
