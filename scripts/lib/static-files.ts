import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Media types by a file's extension. Compressed artefacts are data and not encodings of other files, so they are sent as they are. */
export const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.wasm': 'application/wasm',
  '.gz': 'application/gzip',
  '.zst': 'application/zstd',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.yaml': 'application/yaml',
}

/**
 * Matches files whose names say that their content never changes: content-hashed chunks, blobs by digest, vite's
 * assets.
 */
export const IMMUTABLE = /\/(assets\/[^/]+|blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{32}\.gz)$/

export interface ByteRange {
  start: number
  /** The last byte, as in the header. */
  end: number
}

/**
 * One range of a Range header (RFC 9110, section 14): the range, `undefined` to answer with the whole file, or
 * `'unsatisfiable'`. Several ranges at once are answered with the whole file, which the RFC allows.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | undefined | 'unsatisfiable' {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    const length = Math.min(Number(match[2]), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  if (start >= size) return 'unsatisfiable'
  return start > end ? undefined : { start, end }
}

/** Answers GET and HEAD from a folder, below a sub-path (`base`, with slashes at both ends). */
export async function serveFile(
  dir: string,
  base: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD')
  const path = filePath(dir, base, request.url ?? '/')
  const status = path === undefined ? undefined : await stat(path).catch(() => undefined)
  if (path === undefined || status === undefined || !status.isFile())
    return refuse(response, 404, 'not found')
  const etag = `"${status.size.toString(36)}-${Math.floor(status.mtimeMs).toString(36)}"`
  response.setHeader('etag', etag)
  response.setHeader('accept-ranges', 'bytes')
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream')
  response.setHeader(
    'cache-control',
    IMMUTABLE.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304).end()
  const range = parseRange(request.headers.range, status.size)
  if (range === 'unsatisfiable') {
    response.setHeader('content-range', `bytes */${status.size}`)
    return refuse(response, 416, 'no such range')
  }
  if (range !== undefined)
    response.setHeader('content-range', `bytes ${range.start}-${range.end}/${status.size}`)
  response.setHeader('content-length', range === undefined ? status.size : range.end - range.start + 1)
  response.writeHead(range === undefined ? 200 : 206)
  if (request.method === 'HEAD') return void response.end()
  await pipeline(createReadStream(path, range), response)
}

/** The file a URL names; undefined when it lies outside the folder or the sub-path. */
export function filePath(dir: string, base: string, url: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(new URL(url, 'http://host').pathname)
  } catch {
    // A path with broken escapes names no file.
    return undefined
  }
  if (!path.startsWith(base) || path.includes('\0')) return undefined
  const inside = path.slice(base.length)
  const full = normalize(join(dir, inside === '' || inside.endsWith('/') ? `${inside}index.html` : inside))
  return full.startsWith(normalize(dir) + sep) ? full : undefined
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
}
