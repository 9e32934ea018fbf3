import { X509Certificate } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { BlockedAddressError, guardedLookup, type AddressVerdict } from './address-policy.ts';

// Lambda allows 1,024 file descriptors: this leaves room for 64 requests in flight, the AWS SDK and the runtime.
const defaultMaxKeptSockets = 800;

// Node gives up an address after 250 ms when a name has several; a faraway target needs longer to connect.
const addressAttemptMs = 1000;

/** How a target's certificate is checked. */
export interface TlsSettings {
  /** The only CA to trust, as PEM; by default the well-known ones. */
  readonly ca?: string | undefined;
  /** False takes any certificate. Default true. */
  readonly verify?: boolean | undefined;
}

/** The keep-alive agents of one client. */
export interface HttpAgents {
  /**
   * The agent for a protocol (`http:` or `https:`), always the same for the same TLS settings.
   * @throws Error when `ca` holds no certificate in PEM.
   */
  agentFor(protocol: string, tls: TlsSettings): HttpAgent;
  /** Destroys all sockets, busy ones too; no new ones are made. */
  close(): void;
}

/** Agents that connect only where the verdict allows. */
export function createHttpAgents(options: {
  readonly verdict: AddressVerdict;
  readonly lookup: LookupFunction;
  /** A socket is closed after its request when more than so many are open, over all agents. Default 800. */
  readonly maxKeptSockets?: number | undefined;
}): HttpAgents {
  const { verdict, lookup, maxKeptSockets = defaultMaxKeptSockets } = options;
  const sockets: SocketBudget = { open: 0, mayKeep: maxKeptSockets, closed: false };
  const agents = new Map<string, HttpAgent>();
  const shared = {
    keepAlive: true,
    lookup: guardedLookup(verdict, lookup),
    autoSelectFamilyAttemptTimeout: addressAttemptMs,
  };
  return {
    agentFor(protocol, { ca, verify = true }) {
      const key = protocol === 'https:' ? `${verify ? 'verified' : 'unverified'} ${ca ?? ''}` : protocol;
      let agent = agents.get(key);
      if (agent === undefined) {
        agent = guarded(
          protocol === 'https:' ? new HttpsAgent({ ...shared, ...tlsOptions(ca, verify) }) : new HttpAgent(shared),
          verdict,
          sockets,
        );
        agents.set(key, agent);
      }
      return agent;
    },
    close() {
      sockets.closed = true;
      for (const agent of agents.values()) agent.destroy();
    },
  };
}

interface SocketBudget {
  open: number;
  readonly mayKeep: number;
  closed: boolean;
}

/** One secure context for all connections of an agent: to make one costs about as much as a small request. */
function tlsOptions(ca: string | undefined, rejectUnauthorized: boolean) {
  if (ca === undefined) return { rejectUnauthorized, secureContext: createSecureContext() };
  new X509Certificate(ca); // Throws; createSecureContext takes garbage in silence.
  return { rejectUnauthorized, secureContext: createSecureContext({ ca }) };
}

/** Adds what the agent's options cannot say, through the two methods that Node documents for overriding. */
function guarded<A extends HttpAgent>(agent: A, verdict: AddressVerdict, sockets: SocketBudget): A {
  const connect = agent.createConnection.bind(agent);
  // Documented to return whether the socket may be kept; @types/node says void.
  const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => boolean;
  agent.createConnection = (options, callback) => {
    const host = options.host ?? '';
    // A literal address is never looked up, so the guarded lookup does not see it.
    const rule = isIP(host) === 0 ? undefined : verdict(host);
    const refusal = sockets.closed ? closedError() : rule && new BlockedAddressError(host, host, rule);
    if (refusal) {
      // Node takes a lone error; the types demand a socket beside it.
      (callback as ((error: Error) => void) | undefined)?.(refusal);
      return undefined;
    }
    const socket = connect(options, callback);
    sockets.open += 1;
    socket?.once('close', () => (sockets.open -= 1));
    return socket;
  };
  agent.keepSocketAlive = (socket) => !sockets.closed && sockets.open <= sockets.mayKeep && keep(socket);
  return agent;
}

function closedError(): Error {
  return Object.assign(new Error('The client is closed'), { code: 'ECONNABORTED' });
}
