import { describe, expect, it } from 'vitest';
import { evaluate } from '../support/aws/alarm-states.ts';
import type { AlarmProperties, AlarmState } from '../support/aws/alarm-states.ts';

describe('how an alarm follows from its data', () => {
  // As CloudWatch's documents show it, with 0 for good, X for bad and - for missing.
  const threePeriods = {
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  } as const;
  const periods = (text: string): (number | undefined)[] =>
    text.split(' ').map((each) => (each === '-' ? undefined : each === 'X' ? 1 : 0));
  it.each<readonly [points: string, breaching: AlarmState, notBreaching: AlarmState, datapointsToAlarm: number]>([
    ['0 - X - X', 'OK', 'OK', 3],
    ['0 - - - -', 'OK', 'OK', 3],
    ['- - - - -', 'ALARM', 'OK', 3],
    ['0 X X - X', 'ALARM', 'ALARM', 3],
    ['- - - - X', 'ALARM', 'OK', 3],
    ['X - - - -', 'ALARM', 'OK', 3],
    ['0 - X - X', 'ALARM', 'ALARM', 2],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 2],
    ['0 - X - -', 'ALARM', 'OK', 2],
    ['- - - - 0', 'ALARM', 'OK', 2],
    ['- - - - X', 'ALARM', 'OK', 2],
  ])(
    '%s: %s, or %s with missing data taken for good, when %i are enough',
    (text, breaching, notBreaching, DatapointsToAlarm) => {
      const state = (TreatMissingData: AlarmProperties['TreatMissingData']): AlarmState =>
        evaluate({ ...threePeriods, DatapointsToAlarm, TreatMissingData }, periods(text));
      expect([state('breaching'), state('notBreaching')]).toEqual([breaching, notBreaching]);
    },
  );
});
