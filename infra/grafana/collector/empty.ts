/** Why a panel about windows is empty. */
export const noWindow =
  'No window in the time range: no test was running. If one was, the collector is not running, or its lines are ' +
  'still waiting: see its log and alarms.';
