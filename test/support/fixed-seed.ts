import fc from 'fast-check';

/** The same cases in every run, so that a red one says something of the change. `FC_SEED=<number>` tries other ones. */
fc.configureGlobal({ seed: Number(process.env['FC_SEED'] ?? 20_261_201) });
