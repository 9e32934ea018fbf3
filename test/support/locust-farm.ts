import { bodyOf } from './scripted-locust.ts';
import type { Saying } from './scripted-locust.ts';
import { startLocustServer } from './locust-server.ts';

/** Many Locusts behind one real server, each under a base path of its own. */
export interface LocustFarm {
  urlOf(id: string): string;
  /** How often one was asked. */
  asked(id: string): number;
  close(): Promise<void>;
}

/** @param say what a Locust says when it is asked */
export async function startLocustFarm(say: (id: string, asked: number) => Saying): Promise<LocustFarm> {
  const asked = new Map<string, number>();
  const server = await startLocustServer((request, response) => {
    const [, id = ''] = (request.url ?? '').split('/');
    const count = (asked.get(id) ?? 0) + 1;
    asked.set(id, count);
    response.setHeader('content-type', 'application/json');
    response.end(bodyOf(say(id, count)));
  });
  return {
    urlOf: (id) => `${server.url}/${id}`,
    asked: (id) => asked.get(id) ?? 0,
    close: () => server.close(),
  };
}
