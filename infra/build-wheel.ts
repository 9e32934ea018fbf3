import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A file in the wheel. */
interface Member {
  readonly name: string;
  readonly text: string;
}

/** 1 January 1980, the first date that a zip can name: the same sources give the same bytes. */
const zipDate = 0x21;
/** Needed to unpack: version 2.0 of the format. */
const zipVersion = 20;
/** Names are UTF-8. */
const zipFlags = 0x0800;
/** A plain file that everybody may read, as Unix notes it. */
const fileMode = (0o100644 << 16) >>> 0;

/** The name of a wheel says what pip has to know. */
export function wheelName(version: string): string {
  return `locust2influx-${version}-py3-none-any.whl`;
}

/**
 * The companion as a wheel, for `pip install <url>`: its one file and what pip needs to know of it. Nothing in it is
 * compressed; a wheel may be like that.
 */
export function buildWheel(companion: string, version: string): Uint8Array<ArrayBuffer> {
  const folder = `locust2influx-${version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    'Name: locust2influx',
    `Version: ${version}`,
    'Summary: Reports a Locust load test to locust2influx',
    'License: MIT',
    'Requires-Python: >=3.6',
  ];
  const wheel = [
    'Wheel-Version: 1.0',
    `Generator: locust2influx (${version})`,
    'Root-Is-Purelib: true',
    'Tag: py3-none-any',
  ];
  const members = [
    { name: 'locust2influx.py', text: companion },
    { name: `${folder}/METADATA`, text: lines(metadata) },
    { name: `${folder}/WHEEL`, text: lines(wheel) },
  ];
  const record = `${folder}/RECORD`;
  return zip([...members, { name: record, text: lines([...members.map(recordOf), `${record},,`]) }]);
}

const lines = (texts: readonly string[]): string => `${texts.join('\n')}\n`;

function recordOf({ name, text }: Member): string {
  return `${name},sha256=${createHash('sha256').update(text).digest('base64url')},${Buffer.byteLength(text)}`;
}

function zip(members: readonly Member[]): Uint8Array<ArrayBuffer> {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, text } of members) {
    const [nameBytes, content] = [Buffer.from(name), Buffer.from(text)];
    const about = aboutOf(nameBytes, content);
    const file = Buffer.concat([uint32(0x04034b50), about, nameBytes, content]);
    // No comment; of disk 0; not said to be text.
    const place = [uint16(0), uint16(0), uint16(0), uint32(fileMode), uint32(offset)];
    directory.push(uint32(0x02014b50), uint16((3 << 8) | zipVersion), about, ...place, nameBytes);
    files.push(file);
    offset += file.length;
  }
  const entries = Buffer.concat(directory);
  const count = uint16(members.length);
  const end = [
    uint32(0x06054b50),
    uint16(0),
    uint16(0),
    count,
    count,
    uint32(entries.length),
    uint32(offset),
    uint16(0),
  ];
  return new Uint8Array(Buffer.concat([...files, entries, ...end]));
}

/** What stands of a file both before it and in the directory. */
function aboutOf(name: Buffer, content: Buffer): Buffer {
  const isStored = 0;
  return Buffer.concat([
    ...[uint16(zipVersion), uint16(zipFlags), uint16(isStored), uint16(0), uint16(zipDate)],
    ...[uint32(crc32(content)), uint32(content.length), uint32(content.length)],
    ...[uint16(name.length), uint16(0)],
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
