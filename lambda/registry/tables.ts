/** The keys of the two tables: one definition for the stacks, the machine-local registry and the code that reads them. */
export const targetsKey = { partition: 'id' } as const;
export const runsKey = { partition: 'target', sort: 'run' } as const;
