import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DynamicConfigValue, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { column } from '../columns.ts';

const coloured = (colours: Readonly<Record<string, string>>): DynamicConfigValue[] => {
  const mapping: ValueMap = {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(colours).map(([value, color], index) => [value, { text: value, color, index }]),
    ),
  };
  return [{ id: 'mappings', value: [mapping] }, column.colouredText()];
};

/** What came of the criteria. */
export const verdictColumn = (): DynamicConfigValue[] => coloured({ passed: 'green', failed: 'red', unsure: 'orange' });
/** How a run ended: only what is amiss has a colour. */
export const outcomeColumn = (): DynamicConfigValue[] =>
  coloured({ finished: 'text', ended: 'text', lost: 'orange', 'under way': 'blue' });
