import { validateHeaderValue } from 'node:http';
import { isIP } from 'node:net';
import { targetId, targetUrl } from '../../lambda/targets/target.ts';
import { requireHostName } from './api/allowed-hosts.ts';
import { demoTargetId, idleSecondsChoices, OptionError, parseArguments } from './arguments.ts';

export { OptionError } from './arguments.ts';

/** Where points go when it is not the embedded store. */
export interface InfluxSettings {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
}

export interface LocalOptions {
  /** The address that the page and the API listen on. */
  readonly host: string;
  /** Names that page and API answer to, beside `localhost`, the host and addresses. In lower case. */
  readonly allowedHosts: readonly string[];
  /** 0 takes any free port. */
  readonly port: number;
  /** The data folder, as it was given. */
  readonly dataFolder: string;
  readonly targets: readonly { readonly id: string; readonly url: string }[];
  readonly demo: boolean;
  /** Undefined: the embedded store. */
  readonly influx: InfluxSettings | undefined;
  /** Undefined: the embedded registry. */
  readonly dynamoDbEndpoint: string | undefined;
  /** What is told when runs start and end. It may hold a secret. */
  readonly webhook: URL | undefined;
  /** How often idle targets are polled. */
  readonly idleSeconds: number;
}

const influxVariables = ['INFLUX_URL', 'INFLUX_BUCKET', 'INFLUX_TOKEN'] as const;

/**
 * Reads the arguments behind `npm start --` and the environment. An empty variable counts as not set.
 * @throws OptionError on the first thing that cannot be used.
 */
export function parseOptions(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): LocalOptions {
  const values = parseArguments(argv);
  const targets = (values.target ?? []).map(parseTarget);
  requireDistinctIds(targets, values.demo);
  const { DYNAMODB_ENDPOINT: endpoint = '', IDLE_SECONDS: idle = '', ALLOW_HOSTS: hosts = '' } = env;
  return {
    host: requireHost(values.host),
    allowedHosts: [
      ...(values['allow-host'] ?? []).map((name) => parseHostName('--allow-host', name)),
      ...namesIn(hosts).map((name) => parseHostName('ALLOW_HOSTS', name)),
    ],
    port: parsePort(values.port),
    dataFolder: requireFolder(values.data),
    targets,
    demo: values.demo,
    influx: parseInflux(env),
    dynamoDbEndpoint: endpoint === '' ? undefined : requireHttpUrl('DYNAMODB_ENDPOINT', endpoint),
    webhook:
      values.webhook === undefined
        ? parseWebhook('WEBHOOK_URL', env['WEBHOOK_URL'] ?? '')
        : parseWebhook('--webhook', values.webhook),
    idleSeconds: parseIdleSeconds(idle === '' ? '10' : idle),
  };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new OptionError(`--port ${show(text)}: a whole number from 0 to 65535 is allowed.`);
}

function requireHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 || host === 'localhost') return host;
  throw new OptionError(`--host ${show(text)}: an IP address is needed, like 0.0.0.0 for any network.`);
}

function parseHostName(option: string, text: string): string {
  const name = requireHostName(text);
  if (name !== undefined) return name;
  throw new OptionError(`${option} ${show(text)}: a host name is needed, without a port, like collector.example.com.`);
}

const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function requireFolder(text: string): string {
  if (text.trim() === '') throw new OptionError(`--data ${show(text)}: the name of a folder is needed.`);
  return text;
}

function parseTarget(text: string): { id: string; url: string } {
  const equals = text.indexOf('=');
  if (equals < 0)
    throw new OptionError(
      `--target ${show(withoutPassword(text))}: it is <id>=<url>, like shop=http://localhost:8089.`,
    );
  const id = targetId.safeParse(text.slice(0, equals));
  if (!id.success) throw new OptionError(`--target ${show(withoutPassword(text))}: ${messages(id.error)}.`);
  const url = targetUrl.safeParse(text.slice(equals + 1));
  // The URL is left out: it may hold the password that it is refused for.
  if (!url.success) throw new OptionError(`--target ${id.data}=…: ${messages(url.error)}.`);
  return { id: id.data, url: url.data };
}

function requireDistinctIds(targets: readonly { id: string }[], demo: boolean): void {
  const seen = new Set(demo ? [demoTargetId] : []);
  for (const { id } of targets) {
    if (seen.has(id)) {
      const taken = demo && id === demoTargetId ? '--demo takes this id' : 'each id may be given once';
      throw new OptionError(`--target ${id}=…: ${taken}.`);
    }
    seen.add(id);
  }
}

function parseInflux(env: Readonly<Record<string, string | undefined>>): InfluxSettings | undefined {
  const [url = '', bucket = '', token = ''] = influxVariables.map((name) => env[name]);
  // InfluxDB 1 and 3 Core have none.
  const org = env['INFLUX_ORG'] ?? '';
  const missing = influxVariables.filter((name) => (env[name] ?? '') === '');
  if (missing.length === influxVariables.length && org === '') return undefined;
  if (missing.length > 0) {
    const set = [...influxVariables.filter((name) => !missing.includes(name)), ...(org === '' ? [] : ['INFLUX_ORG'])];
    throw new OptionError(
      `${set.join(', ')} ${set.length === 1 ? 'is' : 'are'} set, but ${missing.join(', ')} ` +
        `${missing.length === 1 ? 'is' : 'are'} missing: set them, or none for the embedded store.`,
    );
  }
  return { url: requireHttpUrl('INFLUX_URL', url), org, bucket, token: requireToken('INFLUX_TOKEN', token) };
}

function requireToken(name: string, token: string): string {
  try {
    validateHeaderValue('authorization', token);
    return token;
  } catch (error) {
    const problem = 'it has a character in it that no token has, such as … or a line break';
    throw new OptionError(`${name} cannot be used: ${problem}. Give the token itself.`, { cause: error });
  }
}

function requireHttpUrl(name: string, text: string): string {
  const url = targetUrl.safeParse(text);
  if (url.success) return url.data;
  throw new OptionError(`${name}: ${messages(url.error)}. It looks like http://localhost:8086.`);
}

/** The message leaves the URL out: whoever knows it may post there. */
function parseWebhook(name: string, text: string): URL | undefined {
  if (text === '' && name === 'WEBHOOK_URL') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new OptionError(`${name}: an http or https URL is needed, like https://example.com/hook.`);
  if (url.username !== '' || url.password !== '')
    throw new OptionError(`${name}: a URL with a user or password in it cannot be called; a secret path or query can.`);
  return url;
}

function parseIdleSeconds(text: string): number {
  const seconds = Number(text);
  if (idleSecondsChoices.includes(seconds) && /^\d+$/.test(text)) return seconds;
  throw new OptionError(`IDLE_SECONDS ${show(text)}: ${idleSecondsChoices.join(', ')} are allowed.`);
}

const withoutPassword = (text: string): string => text.replace(/\/\/[^/]*@/, '//…@');

const show = (text: string): string => JSON.stringify(text);

const messages = (error: { readonly issues: readonly { readonly message: string }[] }): string =>
  error.issues.map(({ message }) => message).join('; ');
