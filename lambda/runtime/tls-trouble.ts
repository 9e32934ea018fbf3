// libuv's codes are one word, unlike OpenSSL's (CERT_HAS_EXPIRED, ERR_SSL_…). EPROTO is OpenSSL's too.
const networkCode = /^E(?!PROTO$)[A-Z0-9]+$/;
const tlsCode = /^(EPROTO|ERR_(SSL|TLS)_)|CERT|SIGNED|UNABLE_TO|CRL|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$/;

/** Whether the network failed, by the code of an error of Node. */
export function isNetworkCode(code: string): boolean {
  return networkCode.test(code);
}

/**
 * Whether an error is of TLS: a certificate that is not trusted, has expired or is another one's, or a server that speaks
 * no TLS. Waiting mends none of these.
 */
export function isTlsTrouble(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return !networkCode.test(code) && tlsCode.test(code);
}
