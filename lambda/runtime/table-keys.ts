/** The keys of the two tables: one definition for the stacks, the machine-local registry and the code that reads them. */
export const targetsKey = { partition: 'id' } as const;
export const runsKey = { partition: 'target', sort: 'run' } as const;

/**
 * The index of `Targets` that windows read. It holds the items with the attribute `watched` (the id once more), whole.
 */
export const watchedIndex = { name: 'Watched', partition: 'watched' } as const;

/** DynamoDB removes a target after this instant, in seconds since 1970. */
export const removeAtAttribute = 'removeAt';
