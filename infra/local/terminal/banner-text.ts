import { plainText } from './plain-text.ts';

export interface StartBanner {
  /** The page's address, with the token that opens it where that may be shown. */
  readonly page: string;
  /** Where the admin token is found, in words; undefined where the address has it. */
  readonly tokenIsIn?: string | undefined;
  /** The `--host` that others reach the page at; undefined where only this machine does. */
  readonly openTo?: string | undefined;
  /** Where the points go, in words. */
  readonly destination: string;
  /** Where targets and runs are kept, in words. */
  readonly registry: string;
  /** `url` is in words for those that have none. */
  readonly targets: readonly BannerTarget[];
}

interface BannerTarget {
  readonly id: string;
  readonly url: string;
  readonly isDemo?: boolean;
}

/** More would push the page's address off the screen. */
const maxTargets = 10;

/** What `npm start` prints first. @param bold marks the parts that stand out */
export function bannerText(banner: StartBanner, bold: (text: string) => string): string {
  const { page, tokenIsIn, openTo, destination, registry, targets } = banner;
  return [
    bold('locust2influx'),
    `Page and API at ${plainText(page)}`,
    ...(tokenIsIn === undefined ? [] : [`The admin token is in ${plainText(tokenIsIn)}`]),
    ...(openTo === undefined
      ? []
      : [`It listens on ${plainText(openTo)}, beyond this machine and unencrypted: the tokens alone protect it`]),
    `Points go to ${plainText(destination)}`,
    `Targets and runs are kept in ${plainText(registry)}`,
    ...(targets.length === 0
      ? ['No targets yet: add one on the page or with --target id=url, or try --demo']
      : ['Targets:', ...targetLines(targets, bold)]),
    'Points are written while a test runs. Ctrl-C stops.',
  ].join('\n');
}

function targetLines(targets: readonly BannerTarget[], bold: (text: string) => string): readonly string[] {
  const sorted = targets.toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const lines = sorted.slice(0, maxTargets).map(({ id, url, isDemo = false }) => {
    const note = isDemo ? '  (a simulated Locust)' : '';
    return `  ${bold(plainText(id))}  ${plainText(url)}${note}`;
  });
  const more = targets.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}
