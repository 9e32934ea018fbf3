/** Why an attempt to read a Locust brought no report. */
export type FailureKind =
  | 'refused'
  | 'timeout'
  | 'dns'
  | 'tls'
  | 'unauthorized'
  | 'login-failed'
  | 'redirected'
  | 'http-status'
  | 'too-large'
  | 'too-costly'
  | 'not-locust'
  | 'blocked-address'
  /** Another Locust than the one whose test is under way. */
  | 'two-locusts';

/** A failed attempt: a result, not an exception. */
export interface Failure {
  readonly kind: FailureKind;
  /** One sentence for a person, without credentials and without anything from the target's answer body. */
  readonly message: string;
  /** True where nothing listens at the address, or its name is gone: a Locust that has answered before has ended. */
  readonly isGone?: boolean;
  /** True where it was reached, but did not answer in time: it may have too much to do. */
  readonly isBusy?: boolean;
  /** True where a login by a form could help. */
  readonly asksForLogin?: boolean;
}
