import { Parser } from 'htmlparser2';

/** Of a page no more is read: the parser looks through all open elements at each tag. */
const maxTags = 1_000;

/** What a page with a login form says besides what a person enters. */
export interface LoginForm {
  /** Where the form leads, relative to its page; undefined: to the page itself. */
  readonly action: string | undefined;
  /** Values of hidden inputs by name, such as a CSRF token. */
  readonly hidden: Readonly<Record<string, string>>;
}

interface FoundForm {
  readonly action: string | undefined;
  readonly hidden: Record<string, string>;
  readonly inputs: Set<string>;
}

/**
 * The form of a page that has the most of these inputs. Locust's own login page builds its form in the browser, from
 * `window.authArgs`, which says where it leads. Of a page with more than 1,000 tags the first count.
 * @param names of the fields that are entered
 */
export function readLoginForm(page: string, names: readonly string[]): LoginForm {
  const forms: FoundForm[] = [];
  let form: FoundForm | undefined;
  let script = '';
  let isInScript = false;
  let tags = 0;
  const parser = new Parser({
    onopentagname() {
      tags += 1;
      if (tags > maxTags) parser.pause();
    },
    onopentag(tag, { action, type, name, value = '' }) {
      isInScript = tag === 'script';
      if (tag === 'form') {
        form = { action, hidden: {}, inputs: new Set() };
        forms.push(form);
      }
      if (tag !== 'input' || name === undefined) return;
      form?.inputs.add(name);
      if (form !== undefined && type?.toLowerCase() === 'hidden') form.hidden[name] = value;
    },
    ontext(text) {
      if (isInScript) script += text;
    },
    onclosetag(tag) {
      if (tag === 'form') form = undefined;
      isInScript = false;
    },
  });
  parser.write(page);
  parser.end();
  const matches = ({ inputs }: FoundForm): number => names.filter((name) => inputs.has(name)).length;
  const [best] = forms.toSorted((a, b) => matches(b) - matches(a));
  return best ?? { action: locustAction(script), hidden: {} };
}

function locustAction(script: string): string | undefined {
  const [, json] = script.split(/\bwindow\.authArgs\s*=/);
  try {
    const args = JSON.parse(json?.replace(/;\s*$/, '') ?? '') as {
      readonly username_password_callback?: unknown;
      readonly custom_form?: { readonly callback_url?: unknown };
    };
    const action = args.username_password_callback ?? args.custom_form?.callback_url;
    return typeof action === 'string' ? action : undefined;
  } catch {
    return undefined;
  }
}
