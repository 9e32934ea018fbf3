/** A login form: where it is, and what is entered in it. */
export interface FormCredentials {
  readonly type: 'form';
  /** Of the page with the form, or of what its form is sent to; at the target's own origin. */
  readonly url: string;
  /** Values by the names of the form's inputs. */
  readonly fields: Readonly<Record<string, string>>;
}

/** How the collector gets past a login. */
export type Credentials =
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | FormCredentials;

/** What proves the collector to a target; never in a table, an answer or a log. */
export interface TargetSecrets {
  readonly auth?: Credentials;
  /** Values of extra request headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
}
