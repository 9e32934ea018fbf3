import { z } from '@hono/zod-openapi';
import { maxCriteria } from '../../runs/criteria/criterion.ts';
import { criterionText, maxTagLength, tagKey } from '../../targets/target.ts';
import { tagRules, tags } from '../http/body-text.ts';
import { onlyFields } from '../http/only-fields.ts';

/** What is asked of a target's runs. */
export const criteria = z
  .array(criterionText.clone().openapi({ type: 'string', example: 'GET /pay p95 < baseline + 10 %' }))
  .max(maxCriteria)
  .openapi({
    description:
      "What is asked of a run's final figures: `[endpoint] figure operator limit`, each. A run gets a verdict.",
  });

const baselineRun = z.string().regex(/^\d{8}T\d{6}Z$/, 'a run id looks like 20261122T140500Z');
/** Which run the others are compared with. */
export const baseline = onlyFields({ run: baselineRun.optional(), tags: tags.unwrap().optional() })
  .refine(({ run, tags: wanted }) => (run === undefined) !== (wanted === undefined), {
    error: 'either a run, or the tags of one',
  })
  .openapi({
    description: 'The run that others are compared with, or the tags of one. By default the last that passed.',
  });

/** The same in a merge patch. */
export const baselinePatch = onlyFields({
  run: baselineRun.nullable().optional(),
  tags: z.record(tagKey, z.string().min(1).max(maxTagLength).nullable()).nullable().optional().openapi(tagRules),
})
  .nullable()
  .optional();
