import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
}

export interface SiteServer {
  /** Of the site, with a trailing slash: a sub-path, as on any school's server. */
  url: string
  /** Paths asked for, in order. */
  requests: string[]
  /** Nobody answers any more. */
  close(): Promise<void>
}

/** Serves a built site under `/lab/` with nothing but files and types: no special headers, no fallbacks. */
export async function serveSite(root: string): Promise<SiteServer> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost')
    requests.push(pathname)
    const path = normalize(decodeURIComponent(pathname)).replace(/^\/lab\//, '')
    if (path === pathname || path.startsWith('..')) return void response.writeHead(404).end()
    const file = join(root, path === '' ? 'index.html' : path)
    stat(file).then(
      (found) => {
        if (!found.isFile()) return void response.writeHead(404).end()
        const type = TYPES[extname(file)] ?? 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, 'content-length': found.size })
        createReadStream(file).pipe(response)
      },
      () => void response.writeHead(404).end(),
    )
  })
  const port = await listen(server)
  return {
    url: `http://localhost:${port}/lab/`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve(address.port)
    })
  })
}
