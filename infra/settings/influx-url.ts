import { isIP } from 'node:net';
import { addressVerdict } from '../../lambda/locust/network/address-policy.ts';

/** The address comes from the settings, so private ones are fine. */
const verdict = addressVerdict({ allowPrivate: true, allowLoopback: false });

/** Reads an http or https URL without user, password, query and white space. @returns undefined for any other */
export function readInfluxUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || /\s/.test(text) || !/^https?:$/.test(url.protocol)) return undefined;
  return url.username + url.password + url.search + url.hash === '' ? text : undefined;
}

/**
 * Whether a URL means another machine for everybody: not localhost, and no address that is loopback or that nobody can
 * be reached at. Names are not looked up.
 * @throws TypeError when it is no URL
 */
export function leadsElsewhere(url: string): boolean {
  const { hostname } = new URL(url);
  if (/(?:^|\.)localhost\.?$/.test(hostname)) return false;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 || verdict(address) === undefined;
}
