import { watchStalls } from './companion-watch-stalls.ts';

// To be loaded into a program with `node --import`: prints when the program was kept from working for long.
watchStalls(({ fromMs, untilMs }) => {
  process.stdout.write(`stalled ${fromMs} ${untilMs}\n`);
});
