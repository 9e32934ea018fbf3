/** Why an attempt to read a Locust brought no report. */
export type FailureKind =
  | 'refused'
  | 'timeout'
  | 'dns'
  | 'tls'
  | 'unauthorized'
  | 'redirected'
  | 'http-status'
  | 'too-large'
  | 'not-locust'
  | 'blocked-address';

/** A failed attempt: a result, not an exception. */
export interface Failure {
  readonly kind: FailureKind;
  /** One sentence for a person, without credentials and without anything from the target's answer body. */
  readonly message: string;
}
