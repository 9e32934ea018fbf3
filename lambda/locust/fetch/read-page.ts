import { parsePage } from '../page/page.ts';
import type { LocustPage } from '../page/page.ts';
import { reportLimits } from '../report/limits.ts';
import type { CpuSpending } from './cpu-budget.ts';
import { getBounded, type BoundedGet } from './get-bounded.ts';
import { failureOfError } from './get-failure.ts';
import { failureOfStatus } from './status-failure.ts';
import { textReader } from './text-reader.ts';

const statsPath = /stats\/requests$/;

/** What reading Locust's own page brought. `message`: one sentence for a person, without anything of the page. */
export type PageReading =
  { readonly ok: true; readonly page: LocustPage } | { readonly ok: false; readonly message: string };

/** How a page is asked for: as the statistics of the same Locust are, `url` included. */
export type PageGet = Omit<BoundedGet, 'reader' | 'maxBytes'>;

/** One GET of Locust's page, within `maxPageBytes`. Never rejects. @param limits.timeoutMs of the get's deadline */
export async function readPage(
  get: PageGet,
  { spend, timeoutMs }: { readonly spend: CpuSpending; readonly timeoutMs: number },
): Promise<PageReading> {
  const url = new URL(get.url);
  url.pathname = url.pathname.replace(statsPath, '');
  const { maxPageBytes: maxBytes } = reportLimits;
  const { reader, text } = textReader(maxBytes);
  const headers = { ...get.headers, accept: 'text/html', 'accept-encoding': 'identity' };
  try {
    const answer = await getBounded({ ...get, url, headers, maxBytes, reader });
    const failure = failureOfStatus(answer, url);
    if (failure !== undefined) return unread(failure.message);
    // It was asked for as it is: what came encoded went past the reader.
    const page = answer.body === undefined ? spend(() => parsePage(text())) : undefined;
    return page === undefined ? unread(`The page of ${url.host} is none of Locust's.`) : { ok: true, page };
  } catch (error) {
    const failure = failureOfError(error, url, { timeoutMs, maxBytes, maxPlainBytes: maxBytes });
    if (failure.kind !== 'too-large') return unread(failure.message);
    return unread(`The page of ${url.host} is larger than maxPageBytes, ${maxBytes} bytes.`);
  }
}

function unread(message: string): PageReading {
  return { ok: false, message };
}
