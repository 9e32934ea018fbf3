import { expect, test } from 'vitest';
import { helpText, informationAsked, OptionError } from '../../infra/local/arguments.ts';
import { parseOptions } from '../../infra/local/options.ts';

const influx = {
  INFLUX_URL: 'http://localhost:8086',
  INFLUX_ORG: 'acme',
  INFLUX_BUCKET: 'loadtests',
  INFLUX_TOKEN: 's3cret-token',
};

test('without arguments and variables everything is embedded', () => {
  expect(parseOptions([], {})).toEqual({
    host: '127.0.0.1',
    port: 8787,
    dataFolder: '.local',
    targets: [],
    demo: false,
    allowedHosts: [],
    influx: undefined,
    dynamoDbEndpoint: undefined,
    webhook: undefined,
    idleSeconds: 10,
  });
});

test('targets, folder, port and demo are taken as given', () => {
  const argv = ['--target', 'shop=http://localhost:8089/', '--target=pay=https://load.example/locust', '--demo'];

  expect(parseOptions([...argv, '--data', '/tmp/x', '--port', '0'], {})).toMatchObject({
    targets: [
      { id: 'shop', url: 'http://localhost:8089' },
      { id: 'pay', url: 'https://load.example/locust' },
    ],
    demo: true,
    dataFolder: '/tmp/x',
    port: 0,
  });
});

test('the variables name an InfluxDB, a DynamoDB and the idle interval', () => {
  const env = { ...influx, DYNAMODB_ENDPOINT: 'http://localhost:8000', IDLE_SECONDS: '60' };

  expect(parseOptions([], env)).toMatchObject({
    influx: { url: 'http://localhost:8086', org: 'acme', bucket: 'loadtests', token: 's3cret-token' },
    dynamoDbEndpoint: 'http://localhost:8000',
    idleSeconds: 60,
  });
});

test.each([
  ['0.0.0.0', '0.0.0.0'],
  ['[::]', '::'],
  ['localhost', 'localhost'],
])('the host %s is taken', (given, host) => {
  expect(parseOptions(['--host', given], {})).toMatchObject({ host });
});

test('further host names come from the option and the variable, in lower case', () => {
  const argv = ['--allow-host', 'Collector', '--allow-host=load.example.com.'];

  expect(parseOptions(argv, { ALLOW_HOSTS: 'one.example, TWO.example,' })).toMatchObject({
    allowedHosts: ['collector', 'load.example.com', 'one.example', 'two.example'],
  });
});

test('help and version are given whatever else is wrong', () => {
  expect(informationAsked(['-h'])).toBe('help');
  expect(informationAsked(['--port', 'x', '--help', '--wrong'])).toBe('help');
  expect(informationAsked(['--wrong', '--version'])).toBe('version');
  expect(informationAsked(['--demo'])).toBeUndefined();
});

test('a webhook is taken from the option, or from the variable', () => {
  const env = { WEBHOOK_URL: 'https://hook.example/a?sig=b' };

  expect(parseOptions([], env).webhook?.href).toBe('https://hook.example/a?sig=b');
  expect(parseOptions(['--webhook', 'http://localhost:9000/hook'], env).webhook?.href).toBe(
    'http://localhost:9000/hook',
  );
  expect(parseOptions([], { WEBHOOK_URL: '' }).webhook).toBeUndefined();
});

test('empty variables count as not set', () => {
  const env = { INFLUX_URL: '', INFLUX_ORG: '', INFLUX_BUCKET: '', INFLUX_TOKEN: '', DYNAMODB_ENDPOINT: '' };

  expect(parseOptions([], { ...env, IDLE_SECONDS: '' })).toEqual(parseOptions([], {}));
});

test.each<[string, string[], Record<string, string>, string]>([
  ['a port that is no number', ['--port', '8787x'], {}, '--port "8787x": a whole number from 0 to 65535 is allowed.'],
  ['a port that does not exist', ['--port', '65536'], {}, '--port "65536": a whole number from 0 to 65535 is allowed.'],
  ['a host that is a name', ['--host', 'example.com'], {}, '--host "example.com": an IP address is needed'],
  ['an empty host', ['--host', ''], {}, '--host "": an IP address is needed'],
  ['an empty folder', ['--data', ''], {}, '--data "": the name of a folder is needed.'],
  ['a target without an id', ['--target', 'http://x'], {}, 'it is <id>=<url>, like shop=http://localhost:8089.'],
  [
    'an id in capitals',
    ['--target', 'Shop=http://x'],
    {},
    '--target "Shop=http://x": an id has 3 to 64 characters: a to z, 0 to 9, and hyphens inside',
  ],
  ['an id that is too short', ['--target', 'ab=http://x'], {}, 'an id has 3 to 64'],
  ['a URL of another kind', ['--target', 'shop=ftp://x'], {}, '--target shop=…: begin with http:// or https://.'],
  [
    'a URL that is none',
    ['--target', 'shop=localhost'],
    {},
    '--target shop=…: not a URL; it looks like http://host:8089',
  ],
  ['a URL with a query', ['--target', 'shop=http://x/?a=b'], {}, '--target shop=…: a query is not allowed.'],
  ['the same id twice', ['--target=shop=http://x', '--target=shop=http://y'], {}, 'each id may be given once'],
  ['the id demo beside --demo', ['--target=demo=http://x', '--demo'], {}, '--target demo=…: --demo takes this id.'],
  ['an unknown option', ['--prot', '1'], {}, "Unknown option '--prot'. Did you mean --port? See npm start -- --help."],
  [
    'a misspelt option with a value',
    ['--traget=shop=http://x'],
    {},
    "Unknown option '--traget'. Did you mean --target?",
  ],
  ['an option like no other', ['--quux'], {}, "Unknown option '--quux'. See npm start -- --help."],
  ['a webhook that is no URL', ['--webhook', 'hook.example/s3cret'], {}, '--webhook: an http or https URL is needed'],
  [
    'a webhook of another kind',
    [],
    { WEBHOOK_URL: 'file:///etc/passwd' },
    'WEBHOOK_URL: an http or https URL is needed',
  ],
  ['a webhook with a password', ['--webhook', 'https://me:s3cret@hook.example'], {}, '--webhook: a URL with a user'],
  ['an unknown letter', ['-x'], {}, "Unknown option '-x'"],
  ['an option without its value', ['--port'], {}, "Option '--port <value>' argument missing. See npm start -- --help."],
  [
    'a host name with a port',
    ['--allow-host', 'a.example:80'],
    {},
    '--allow-host "a.example:80": a host name is needed',
  ],
  ['a URL as a host name', [], { ALLOW_HOSTS: 'http://a.example' }, 'ALLOW_HOSTS "http://a.example": a host name'],
  ['an argument that is no option', ['shop'], {}, 'Unexpected argument'],
  [
    'an idle interval between the choices',
    [],
    { IDLE_SECONDS: '7' },
    'IDLE_SECONDS "7": 2, 5, 10, 15, 20, 30, 60 are allowed.',
  ],
  ['an idle interval in another notation', [], { IDLE_SECONDS: '1e1' }, 'IDLE_SECONDS "1e1"'],
  ['an endpoint that is no URL', [], { DYNAMODB_ENDPOINT: 'localhost' }, 'DYNAMODB_ENDPOINT: not a URL'],
  [
    'an InfluxDB URL of another kind',
    [],
    { ...influx, INFLUX_URL: 'udp://x' },
    'INFLUX_URL: begin with http:// or https://',
  ],
  [
    'a token as it stands in the documents',
    [],
    { ...influx, INFLUX_TOKEN: '…' },
    'INFLUX_TOKEN cannot be used: it has a character in it that no token has, such as … or a line break.',
  ],
  [
    'half an InfluxDB',
    [],
    { INFLUX_URL: 'http://x', INFLUX_TOKEN: 'abc' },
    'INFLUX_URL, INFLUX_TOKEN are set, but INFLUX_BUCKET is missing: set them, or none',
  ],
  [
    'an organisation alone',
    [],
    { INFLUX_ORG: 'acme' },
    'INFLUX_ORG is set, but INFLUX_URL, INFLUX_BUCKET, INFLUX_TOKEN are missing',
  ],
])('%s is refused with the reason', (_what, argv, env, message) => {
  expect(() => parseOptions(argv, env)).toThrow(OptionError);
  expect(() => parseOptions(argv, env)).toThrow(message);
});

test('InfluxDB 1 and 3 Core are named without an organisation', () => {
  expect(parseOptions([], { ...influx, INFLUX_ORG: undefined }).influx).toEqual({
    ...parseOptions([], influx).influx,
    org: '',
  });
});

test('no message shows a password or a token', () => {
  const refused = [
    (): unknown => parseOptions(['--target', 'shop=http://user:hunter2@x'], {}),
    (): unknown => parseOptions(['--target', 'SHOP=http://user:hunter2@x'], {}),
    (): unknown => parseOptions(['--target', 'http://user:hunter2@x'], {}),
    (): unknown => parseOptions([], { ...influx, INFLUX_TOKEN: 'hunter2', INFLUX_BUCKET: '' }),
    (): unknown => parseOptions([], { ...influx, INFLUX_TOKEN: 'hunter2\n' }),
    (): unknown => parseOptions([], { ...influx, INFLUX_URL: 'http://user:hunter2@x' }),
  ];

  for (const refusedCall of refused) {
    expect(refusedCall).toThrow(OptionError);
    expect(refusedCall).not.toThrow('hunter2');
  }
});

test('the help names every option and variable', () => {
  const names = [
    '--host',
    '--port',
    '--data',
    '--target',
    '--demo',
    '--help',
    '--version',
    '-h',
    '--allow-host',
    'ALLOW_HOSTS',
    ...Object.keys(influx),
  ];

  for (const name of [...names, 'DYNAMODB_ENDPOINT', 'IDLE_SECONDS', 'ADMIN_TOKEN', 'REPORTER_TOKEN'])
    expect(helpText).toContain(name);
});
