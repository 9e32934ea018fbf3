import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { openInfluxStore, type InfluxStore, type InfluxStoreOptions } from '../../../infra/local/store/influx-store.ts';

/** The embedded store where a test can reach it by a URL, as it would an InfluxDB. */
export interface StoreServer extends Pick<InfluxStore, 'path' | 'stop'> {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
}

/** @param options.port on loopback; 0 takes any free one */
export async function startStoreServer(options: InfluxStoreOptions & { readonly port: number }): Promise<StoreServer> {
  const store = await openInfluxStore(options);
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    store.accept(connection);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    path: store.path,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      await store.stop();
      await closed;
    },
  };
}
