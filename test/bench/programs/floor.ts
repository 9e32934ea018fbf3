import { Agent, get, request } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { answerCalls } from './answer-calls.ts';

export interface FloorCalls {
  /** Begins a minute: new connections are made, as after a freeze of the Lambda. */
  startMinute(input: undefined): void;
  /**
   * Fetches and parses the reports of all targets and posts the same texts as the collector did.
   * @returns what that took of CPU, all threads, user and system, ms
   */
  round(input: Round): Promise<number>;
}

interface Round {
  readonly urls: readonly string[];
  readonly writeUrl: string;
  /** What the collector sent, request by request. */
  readonly texts: readonly string[];
}

/** As many as the collector. */
const maxFetches = 64;
const gzipped = promisify(gzip);

let agent = new Agent({ keepAlive: true });

async function fetchAndParse(url: string): Promise<unknown> {
  const body = await new Promise<Buffer>((resolve, reject) => {
    get(`${url}/stats/requests`, { agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
      response.on('end', () => {
        resolve(Buffer.concat(pieces));
      });
    }).on('error', reject);
  });
  return JSON.parse(body.toString());
}

async function fetchAll(urls: readonly string[]): Promise<void> {
  const waiting = urls.values();
  const lane = async (): Promise<void> => {
    for (const url of waiting) await fetchAndParse(url);
  };
  await Promise.all(Array.from({ length: maxFetches }, lane));
}

async function post(writeUrl: string, text: string): Promise<void> {
  const body = await gzipped(text);
  await new Promise<void>((resolve, reject) => {
    const headers = { 'content-encoding': 'gzip', 'content-length': body.length };
    request(writeUrl, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', resolve).on('error', reject);
    })
      .on('error', reject)
      .end(body);
  });
}

answerCalls<FloorCalls>({
  startMinute() {
    agent.destroy();
    agent = new Agent({ keepAlive: true });
  },
  async round({ urls, writeUrl, texts }) {
    const before = process.cpuUsage();
    await fetchAll(urls);
    for (const text of texts) await post(writeUrl, text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  },
});
