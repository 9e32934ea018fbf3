import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { unpackText, Unreadable } from '../../../lambda/influx/spool/stored-object.ts';

it('what unpacks to more than 128 MiB is unreadable, and costs no more memory than that', () => {
  expect(() => unpackText(gzipSync(Buffer.alloc(129 * 1024 * 1024)))).toThrow(
    new Unreadable('it unpacks to more than 134217728 bytes'),
  );
});

it('entries that somebody put together, one behind the other, are read', () => {
  expect(unpackText(Buffer.concat([gzipSync('m f=1 1\n'), gzipSync('m f=2 2')]))).toBe('m f=1 1\nm f=2 2');
});
