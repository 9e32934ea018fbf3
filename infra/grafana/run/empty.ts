/** The panel that shows the chosen run whatever the time range is. */
export const chosenRun = 'Chosen run';

/** Where to go from an empty panel: a run is chosen by name, and may be of another day. */
export const elsewhere = `Outside the time range? “${chosenRun}”, at the top, leads to all of it.`;
