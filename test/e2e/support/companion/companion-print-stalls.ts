import { watchStalls } from './companion-watch-stalls.ts';

// To be imported by a program before all else: prints when the program was kept from working for long.
watchStalls(({ fromAtMs, untilMs }) => {
  process.stdout.write(`stalled ${fromAtMs} ${untilMs}\n`);
});
