import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A real DNS server on loopback. */
export interface NameServer {
  /** As `Resolver.setServers` takes it. */
  readonly address: string;
  /** All names asked for, once for each question. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

const typeA = 1;

/** @param answer what it does with a name: the IPv4 address that it gives, `unknown`, or `silence` */
export async function startNameServer(answer: (name: string) => string): Promise<NameServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const { name, end } = questionOf(query);
    asked.push(name);
    const said = answer(name);
    if (said !== 'silence') socket.send(replyTo(query, end, said), peer.port, peer.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

/** The name asked for, and where the question ends. */
function questionOf(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
}

function replyTo(query: Buffer, end: number, said: string): Buffer {
  const hasAddress = said !== 'unknown' && query.readUInt16BE(end - 4) === typeA;
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  // An answer that may be recursive; 3 is NXDOMAIN.
  head.writeUInt16BE(0x8180 + (said === 'unknown' ? 3 : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(hasAddress ? 1 : 0, 6);
  const record = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4, ...said.split('.').map(Number)]);
  return Buffer.concat([head, query.subarray(12, end), ...(hasAddress ? [record] : [])]);
}
