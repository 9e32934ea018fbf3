/** A setting that is wrong, missing or unknown. `cdk` prints its message. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}
