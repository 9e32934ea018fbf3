// Loaded before a program: its machine's time differs by so many ms from the start (TIME_DIFFERS_BY_MS), and each SIGUSR2
// sets it by so many more (TIME_IS_SET_BY_MS).
const { now } = Date;
const msIn = (name) => Number(process.env[name] ?? 0);
let setByMs = msIn('TIME_DIFFERS_BY_MS');
process.on('SIGUSR2', () => {
  setByMs += msIn('TIME_IS_SET_BY_MS');
});
Date.now = () => now() + setByMs;
