import { createHash } from 'node:crypto';
import { compress } from 'hono/compress';
import type { Asset } from '../api-ports.ts';
import type { ApiApp } from './route-parts.ts';

/**
 * Serves the page's files, each under its path. They are asked for again at each visit, and sent when they changed,
 * compressed to whoever takes that: a third of the bytes, which a phone notices.
 */
export function addAssetRoutes(app: ApiApp, assets: ReadonlyMap<string, Asset>): void {
  for (const [path, { contentType, body }] of assets) {
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { etag: tag, 'cache-control': 'no-cache', 'content-type': contentType };
    app.get(path, compress({ encoding: 'gzip' }), (context) => {
      const known = context.req.header('if-none-match')?.split(',');
      const isKnown = known?.some((each) => each.trim().replace(/^W\//, '') === tag) === true;
      return isKnown ? context.body(null, 304, headers) : context.body(body, 200, headers);
    });
  }
}
