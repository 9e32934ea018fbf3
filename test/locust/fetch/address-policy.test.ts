import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, test } from 'vitest';
import { addressVerdict, guardedLookup, type AddressPolicy } from '../../../lambda/locust/network/address-policy.ts';

const strict = addressVerdict({ allowPrivate: false, allowLoopback: false });
const open = addressVerdict({ allowPrivate: true, allowLoopback: true });

/** What the URL parser makes of a host, as the client sees it. */
function hostOf(spelling: string): string {
  return new URL(`http://${spelling}/`).hostname.replace(/^\[|\]$/g, '');
}

describe('addresses that no setting opens', () => {
  test.each([
    ['a cloud metadata address', '169.254.169.254'],
    ['a cloud metadata address', '169.254.170.2'],
    ['a cloud metadata address', '100.100.100.200'],
    ['a cloud metadata address', '168.63.129.16'],
    ['a cloud metadata address', '192.0.0.192'],
    ['a cloud metadata address', 'fd00:ec2::254'],
    ['a cloud metadata address', 'fd00:0ec2:0:0:0:0:0:23'],
    ['a cloud metadata address', 'fd20:ce::254'],
    ['a cloud metadata address', 'fd00:c1::a9fe:a9fe'],
    ['a cloud metadata address', 'fd00:42::42'],
    ['a cloud metadata address', '169.254.42.42'],
    ['a cloud metadata address', 'fd00:a9fe:a9fe::1'],
    ['a cloud metadata address', 'fd00:a9fe:a9fe::254'],
    ['a cloud metadata address', 'fd00:a9fe:a9fe:0:0:0:0:1'],
    ['a cloud metadata address', 'fd00:100::100:200'],
    ['a cloud metadata address', 'FD00:0100:0:0:0:0:0100:0200'],
    ['a cloud metadata address', 'fd00:a9fe:a9fe::1%eth0'],
    ['a cloud metadata address', '::ffff:169.254.169.254'],
    ['a cloud metadata address', '::ffff:a9fe:a9fe'],
    ['a cloud metadata address', '::ffff:0:169.254.169.254'],
    ['a cloud metadata address', '64:ff9b::169.254.169.254'],
    ['a link-local address', '169.254.0.1'],
    ['a link-local address', 'fe80::1'],
    ['a link-local address', 'fe80::1%eth0'],
    ['a link-local address', 'febf:ffff::1'],
    ['an unspecified address', '0.0.0.0'],
    ['an unspecified address', '0.1.2.3'],
    ['an unspecified address', '::'],
    ['an unspecified address', '::ffff:0.0.0.0'],
    ['a multicast address', '224.0.0.1'],
    ['a multicast address', '239.255.255.255'],
    ['a multicast address', 'ff02::1'],
    ['a broadcast address', '255.255.255.255'],
    ['a reserved address', '240.0.0.1'],
    ['a reserved address', '192.0.2.1'],
    ['a reserved address', '198.51.100.7'],
    ['a reserved address', '203.0.113.7'],
    ['a reserved address', '192.88.99.1'],
    ['a reserved address', '2001:db8::1'],
    ['a reserved address', '2001:2::1'],
    ['a reserved address', '3fff::1'],
    ['a reserved address', '100::1'],
    ['a reserved address', '4000::1'],
    ['a reserved address', '5f00::1'],
    ['a tunnel to an IPv4 address', '::127.0.0.1'],
    ['a tunnel to an IPv4 address', '::8.8.8.8'],
    ['a tunnel to an IPv4 address', '2002:7f00:1::'],
    ['a tunnel to an IPv4 address', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['a tunnel to an IPv4 address', '64:ff9b:1::a9fe:a9fe'],
    ['a tunnel to an IPv4 address', '2606:4700::5efe:127.0.0.1'],
    ['a tunnel to an IPv4 address', '2606:4700::200:5efe:10.0.0.1'],
    ['no IP address', 'localhost'],
    ['no IP address', ''],
    ['no IP address', '127.1'],
  ])('%s: %s', (rule, address) => {
    expect(strict(address)).toBe(rule);
    expect(open(address)).toBe(rule);
  });
});

describe('addresses that one setting opens', () => {
  const loopback: AddressPolicy = { allowPrivate: false, allowLoopback: true };
  const privately: AddressPolicy = { allowPrivate: true, allowLoopback: false };
  test.each([
    ['a loopback address', '127.0.0.1', loopback, privately],
    ['a loopback address', '127.255.255.254', loopback, privately],
    ['a loopback address', '::1', loopback, privately],
    ['a loopback address', '::ffff:127.0.0.1', loopback, privately],
    ['a loopback address', '64:ff9b::7f00:1', loopback, privately],
    ['a private address', '10.0.0.1', privately, loopback],
    ['a private address', '172.16.0.1', privately, loopback],
    ['a private address', '172.31.255.255', privately, loopback],
    ['a private address', '192.168.1.1', privately, loopback],
    ['a private address', '100.64.0.1', privately, loopback],
    ['a private address', '198.18.0.1', privately, loopback],
    ['a private address', '::ffff:10.0.0.1', privately, loopback],
    ['a private address', '64:ff9b::10.0.0.1', privately, loopback],
    ['a private address', 'fc00::1', privately, loopback],
    ['a private address', 'fdff::1', privately, loopback],
    ['a private address', 'fec0::1', privately, loopback],
  ])('%s: %s', (rule, address, opening, other) => {
    expect(strict(address)).toBe(rule);
    expect(addressVerdict(other)(address)).toBe(rule);
    expect(addressVerdict(opening)(address)).toBeUndefined();
  });
});

test.each([
  '1.1.1.1',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '128.0.0.1',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a05:d018::1',
  '::ffff:1.1.1.1',
  '64:ff9b::1.1.1.1',
])('the public address %s is allowed', (address) => {
  expect(strict(address)).toBeUndefined();
});

test.each([
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '0x7f.1',
  '127.1',
  '127.0.0.1.',
  '127。0。0。1',
  '①②⑦.0.0.1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::FFFF:7F00:1]',
])('http://%s/ is recognised as loopback', (spelling) => {
  expect(strict(hostOf(spelling))).toBe('a loopback address');
});

test.each(['2852039166', '0xa9.0xfe.0xa9.0xfe', '0251.0376.0251.0376', '169.254.43518', '[::ffff:a9fe:a9fe]'])(
  'http://%s/ is recognised as the metadata service',
  (spelling) => {
    expect(open(hostOf(spelling))).toBe('a cloud metadata address');
  },
);

test('a URL with an IPv6 zone id is no URL at all', () => {
  expect(URL.canParse('http://[fe80::1%25eth0]/')).toBe(false);
  expect(URL.canParse('http://[fe80::1%eth0]/')).toBe(false);
});

describe('names', () => {
  const answering = (...addresses: string[]): LookupFunction => {
    return (_name, _options, callback) => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  };
  const resolve = (lookup: LookupFunction, all: boolean): Promise<string | LookupAddress[]> => {
    return new Promise((done, fail) => {
      guardedLookup(strict, lookup)('shop.test', { all }, (error, found) => {
        if (error) fail(error);
        else done(found);
      });
    });
  };

  test('a name is refused when any of its addresses is, wherever that one stands', async () => {
    const message = 'shop.test resolves to 10.0.0.1, which is a private address';
    for (const all of [true, false]) {
      await expect(resolve(answering('1.1.1.1', '10.0.0.1'), all)).rejects.toThrow(message);
      await expect(resolve(answering('10.0.0.1', '1.1.1.1'), all)).rejects.toThrow(message);
    }
  });

  test('allowed addresses are handed over as the caller asked for them', async () => {
    const both = [
      { address: '2606:4700::1', family: 6 },
      { address: '1.1.1.1', family: 4 },
    ];
    await expect(resolve(answering('2606:4700::1', '1.1.1.1'), true)).resolves.toEqual(both);
    await expect(resolve(answering('1.1.1.1'), false)).resolves.toBe('1.1.1.1');
  });

  test('a name without an address, and one with something else in its place, are refused', async () => {
    await expect(resolve(answering(), true)).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolve(answering('localhost'), true)).rejects.toThrow('no IP address');
  });
});
