import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request as an HTTP API hands it to a function, payload format 2.0, field by field as API Gateway sends it. */
export function httpApiEvent(input: {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly token?: string;
  /** Sent as JSON; bytes are JSON that is packed with gzip. */
  readonly body?: object | Buffer;
}): APIGatewayProxyEventV2 {
  const { method, path, query = '', token, body: given } = input;
  const isPacked = Buffer.isBuffer(given);
  const body = isPacked ? given : given && Buffer.from(JSON.stringify(given));
  const domainName = 'abcdefghij.execute-api.us-east-1.amazonaws.com';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      accept: '*/*',
      'content-length': String(body?.length ?? 0),
      host: domainName,
      'user-agent': 'curl/8.14.1',
      'x-amzn-trace-id': 'Root=1-69218f5e-0123456789abcdef01234567',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(isPacked && { 'content-encoding': 'gzip' }),
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdefghij',
      domainName,
      domainPrefix: 'abcdefghij',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.7', userAgent: 'curl/8.14.1' },
      requestId: 'UWXYZabcDoEEJ1w=',
      routeKey: '$default',
      stage: '$default',
      time: '22/Nov/2026:14:05:00 +0000',
      timeEpoch: 1_795_356_300_000,
    },
    ...(body !== undefined && { body: body.toString(isPacked ? 'base64' : 'utf8') }),
    isBase64Encoded: isPacked,
  };
}
