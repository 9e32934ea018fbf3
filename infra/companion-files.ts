import { readFileSync } from 'node:fs';
import { buildWheel, wheelName } from './build-wheel.ts';

const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(path, import.meta.url)));

/** What locustfiles import, as the admin API serves it: the file, and the same as a wheel. */
export function companionFiles(): readonly (readonly [name: string, content: Uint8Array<ArrayBuffer>])[] {
  const file = read('../lambda/companion/locust2influx.py');
  const text = new TextDecoder();
  const { version } = JSON.parse(text.decode(read('../package.json'))) as { readonly version: string };
  return [
    ['locust2influx.py', file],
    [wheelName(version), buildWheel(text.decode(file), version)],
  ];
}
