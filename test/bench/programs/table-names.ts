export const tables = { targets: 'Targets', runs: 'Runs' };
