/** The data folder cannot be used, or no longer. The message says why, in one line. */
export class DataFolderProblem extends Error {
  override readonly name = 'DataFolderProblem';
}
