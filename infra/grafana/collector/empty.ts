/** Why a panel about windows is empty. */
export const noWindow =
  'No window in the time range: no test was running. If one was, the collector does not run, or its lines still wait: ' +
  'its log and its alarms tell.';
