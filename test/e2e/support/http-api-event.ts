import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request as an HTTP API hands it to a function, payload format 2.0, field by field as API Gateway sends it. */
export function httpApiEvent(input: {
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly token?: string;
  readonly body?: object;
}): APIGatewayProxyEventV2 {
  const { method, path, query = '', token, body } = input;
  const domainName = 'abcdefghij.execute-api.us-east-1.amazonaws.com';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers: {
      accept: '*/*',
      'content-length': String(body === undefined ? 0 : JSON.stringify(body).length),
      host: domainName,
      'user-agent': 'curl/8.14.1',
      'x-amzn-trace-id': 'Root=1-69218f5e-0123456789abcdef01234567',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
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
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}
