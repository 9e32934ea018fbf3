// Runs inside the network namespace that private-network.ts makes: FOLDER OUTSIDE-PORTS INSIDE-PORTS.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { privateAddress, relay } from './private-network.ts';

const [, , folder = '', outside = '', inside = ''] = process.argv;
const ports = (text: string): readonly number[] => (text === '' ? [] : text.split(',').map(Number));

execFileSync('ip', ['link', 'set', 'lo', 'up']);
execFileSync('ip', ['address', 'add', `${privateAddress}/32`, 'dev', 'lo']);
for (const port of ports(outside)) await relay({ host: '127.0.0.1', port }, { path: join(folder, `out-${port}`) });
for (const port of ports(inside)) await relay({ path: join(folder, `in-${port}`) }, { host: privateAddress, port });
process.stdout.write('ready\n');
