/**
 * For the `requestHandler` of every AWS client. Without these the SDK waits for ever where a network leads nowhere or a
 * service accepts and never answers, and each second of it is billed. 3 s is thirty times what a slow answer takes;
 * the SDK tries three times, so that a call has failed within about 10 s.
 */
export const awsLimits = { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;
