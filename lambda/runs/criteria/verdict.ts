import * as z from 'zod';

export const verdictResults = ['passed', 'failed', 'unsure'] as const;
export type VerdictResult = (typeof verdictResults)[number];

/** Why a verdict is as it is. */
export const verdictDetails = z.object({
  /** One for each criterion; where it is about several endpoints, one for each of which it does not hold. */
  rules: z.array(z.object({ criterion: z.string(), result: z.enum(verdictResults), text: z.string() })),
  /** Why the figures cannot be trusted, one sentence each; empty where they can. */
  doubts: z.array(z.string()),
  /** The run that it was compared with; absent where no criterion asks for one, or there is none. */
  baseline: z.string().optional(),
});

/** What became of a run that had criteria. */
export const verdict = verdictDetails.extend({ result: z.enum(verdictResults) });

export type Verdict = z.output<typeof verdict>;
export type RuleResult = Verdict['rules'][number];
