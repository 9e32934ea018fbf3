/** What proves the collector to a target; never in a table, an answer or a log. */
export interface TargetSecrets {
  readonly auth?:
    | { readonly type: 'basic'; readonly username: string; readonly password: string }
    | { readonly type: 'bearer'; readonly token: string };
  /** Values of extra request headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
}
