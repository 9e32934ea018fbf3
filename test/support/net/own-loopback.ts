let opened = 0;

/** For a server that goes down and comes back: a port of 127.0.0.1 may be anybody's a moment later. */
export function ownLoopback(): string {
  // Elsewhere loopback is one address.
  if (process.platform !== 'linux') return '127.0.0.1';
  opened += 1;
  return `127.${64 + (process.pid & 63)}.${(process.pid >> 6) & 255}.${1 + (opened % 250)}`;
}
