import { Agent as HttpAgent, validateHeaderValue } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { InfluxDB, type Transport } from '@influxdata/influxdb-client';

/** One bucket of one InfluxDB. */
export interface InfluxBucket {
  /** http or https, with a base path if there is one; `/api/v2` at its end is understood. */
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
}

/** Connections to one InfluxDB, kept alive between writes. */
export interface InfluxConnection {
  /**
   * Writes lines (ms precision) in one request, gzipped from 1,000 bytes up, and gives the answer's status: 201 or 204.
   * `signal` aborts the request itself, not only the wait for it.
   * @throws HttpError for any other answer, another Error where none came.
   */
  write(lines: readonly string[], signal: AbortSignal): Promise<number>;
  /** Ends the connections that no request is using. */
  dropIdle(): void;
  close(): void;
}

/** Below this, gzip saves no packet. */
const gzipFromBytes = 1000;

/**
 * Opens nothing yet: a connection is made with the first write.
 * @throws TypeError when the url or the token cannot stand in a request; its message shows neither.
 */
export function openInfluxConnection({ url, org, bucket, token }: InfluxBucket): InfluxConnection {
  const base = baseUrl(url);
  validateHeaderValue('authorization', `Token ${token}`);
  const agent = new (base.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  // The client's own timeout would leave the request running; the signal does not.
  const { transport } = new InfluxDB({ url: base, token, timeout: 0, transportOptions: { agent } });
  return {
    async write(lines, signal) {
      let status = 0;
      const onStatus = (answered: number) => (status = answered);
      const influx = new InfluxDB({ url: base, transport: abortable(transport, signal, onStatus) });
      const api = influx.getWriteApi(org, bucket, 'ms', {
        // Nothing is to be sent but by `flush`, whose promise tells how it went: batches that are sent because one
        // of these is reached are not awaited by anybody.
        batchSize: 2,
        maxBatchBytes: Infinity,
        flushInterval: 0,
        // The client's retries would freeze with the Lambda.
        maxRetries: 0,
        gzipThreshold: gzipFromBytes,
        // Taking the error over keeps the client from printing it.
        writeFailed: (error) => Promise.reject(error),
      });
      // As one record: the client keeps account of each, which takes twice the CPU. With none, nothing is sent.
      if (lines.length > 0) api.writeRecord(lines.join('\n'));
      await api.flush();
      return status;
    },
    dropIdle() {
      for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
    },
    close() {
      agent.destroy();
    },
  };
}

/** The client's way to send, with a signal that aborts and an eye on the status, which `WriteApi` offers neither of. */
function abortable(transport: Transport, signal: AbortSignal, onStatus: (status: number) => void): Transport {
  return {
    chunkCombiner: transport.chunkCombiner,
    request: transport.request.bind(transport),
    iterate: transport.iterate.bind(transport),
    send(path, body, options, callbacks) {
      transport.send(
        path,
        body,
        { ...options, signal },
        {
          ...callbacks,
          responseStarted(headers, status) {
            if (status !== undefined) onStatus(status);
            callbacks?.responseStarted?.(headers, status);
          },
        },
      );
    },
  };
}

function baseUrl(text: string): string {
  // The error of `new URL` holds the text, which may hold a password.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp) throw new TypeError('The address of InfluxDB must be an http or https URL');
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new TypeError('The address of InfluxDB must have no user, password or query in it');
  }
  return url.origin + url.pathname.replace(/(?:\/api\/v2(?:\/write)?)?\/*$/, '');
}
