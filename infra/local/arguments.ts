import { parseArgs } from 'node:util';
import { nearest } from './nearest.ts';

/** An option or variable that cannot be used. The message names it, its value (never the token's) and what is allowed. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** The id that `--demo` registers its simulated Locust under. */
export const demoTargetId = 'demo';

/** How often idle targets may be asked, seconds. */
export const idleSecondsChoices: readonly number[] = [2, 5, 10, 15, 20, 30, 60];
export const helpText = `Usage: npm start -- [options]

  --target <id>=<url>  collect from the Locust at <url>, as target <id>; may be given more than once
  --demo               simulate a load test and collect from it, as target ${demoTargetId}
  --data <folder>      where the registry and the embedded store keep their files (default .local)
  --host <address>     where page and API listen (default 127.0.0.1: this machine alone; 0.0.0.0: any network)
  --port <number>      port of page and API (default 8787, 0 for any free one)
  --allow-host <name>  answer requests for this host name too, as behind a proxy or in a container network;
                       may be given more than once
  --webhook <url>      tell this URL as JSON when runs start and end, with their verdict
  --version            show the version
  -h, --help           show this

Environment variables
  INFLUX_URL, INFLUX_ORG, INFLUX_BUCKET, INFLUX_TOKEN
                       write to this InfluxDB instead of the embedded store; all four or none
  DYNAMODB_ENDPOINT    keep the registry in this DynamoDB instead of the embedded one
  ADMIN_TOKEN, REPORTER_TOKEN
                       the API's two tokens; without, they are made once and kept in tokens.json in the data folder
  ALLOW_HOSTS          host names as for --allow-host, separated by commas
  WEBHOOK_URL          as --webhook; other users of the machine do not see it
  IDLE_SECONDS         look for started tests this often: ${idleSecondsChoices.join(', ')} (default 10)
`;

const options = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8787' },
  data: { type: 'string', default: '.local' },
  target: { type: 'string', multiple: true },
  'allow-host': { type: 'string', multiple: true },
  demo: { type: 'boolean', default: false },
  webhook: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const;

/** What is asked for instead of a start, whatever else is wrong with the arguments. */
export function informationAsked(argv: readonly string[]): 'help' | 'version' | undefined {
  if (argv.includes('--help') || argv.includes('-h')) return 'help';
  return argv.includes('--version') ? 'version' : undefined;
}

/**
 * The arguments as texts, by option.
 * @throws OptionError for options that there are not, with the nearest one that there is
 */
// Its type comes from the option table; writing it out would say everything twice.
export function parseArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options }).values;
  } catch (error) {
    throw new OptionError(`${problemOf(error)} See npm start -- --help.`, { cause: error });
  }
}

/** Node's own message goes on with how to give an argument that begins with a dash, which there is none of here. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [sentence = ''] = message.split(/\.(?:\s|$)/);
  const [, unknown] = /^Unknown option '(-{1,2}[^']*)'/.exec(message) ?? [];
  const near =
    unknown === undefined
      ? undefined
      : nearest(
          unknown,
          Object.keys(options).map((name) => `--${name}`),
        );
  return near === undefined ? `${sentence}.` : `${sentence}. Did you mean ${near}?`;
}
