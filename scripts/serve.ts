/** Serves the built site: `serve.ts [--port N] [--host ADDRESS] [--base /sub/path/]`. Prints its address. */
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { EngineError } from '../guest/protocol/errors.ts'
import { isMain, main } from './lib/main.ts'
import { projectRoot } from './lib/paths.ts'
import { serveFile } from './lib/static-files.ts'

export const distDir = join(projectRoot, 'dist')

const DEFAULT_PORT = 8080
/** Ports above the wanted one that are tried when it is taken. */
const PORTS_TRIED = 20

export interface ServeOptions {
  dir?: string
  /** The exact port, or 0 for any free one; without it the first free one from 8080 on. */
  port?: number
  host?: string
  /** The sub-path of the site, with slashes at both ends. */
  base?: string
  /** Serves the site on a second port too, as the origin for previews: web/src/state/site-config.ts. */
  preview?: boolean
}

export interface SiteServer {
  /** The address, with a trailing slash. */
  url: string
  close(): Promise<void>
}

/** Starts serving a folder. @throws EngineError `unavailable` when there is nothing to serve or no free port */
export async function serveSite(options: ServeOptions = {}): Promise<SiteServer> {
  const { dir = distDir, host = '127.0.0.1', base = '/' } = options
  if (!existsSync(join(dir, 'index.html'))) {
    throw new EngineError('unavailable', `${dir} holds no built site: run \`npm run build\` first`)
  }
  const servers: Server[] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (options.preview === true && request.url === `${base}site.json`)
      return sendSiteConfig(servers.map(portOf), base, request, response)
    serveFile(dir, base, request, response).catch(() => response.destroy())
  }
  servers.push(createServer(answer))
  await listen(servers[0]!, host, options.port ?? DEFAULT_PORT, options.port)
  const port = portOf(servers[0]!)
  if (options.preview === true) {
    servers.push(createServer(answer))
    await listen(servers[1]!, host, options.port === 0 ? 0 : port + 1)
  }
  const name = host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return {
    url: `http://${name}:${port}${base}`,
    close: async () => void (await Promise.all(servers.map(closeServer))),
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}

/** Answers `site.json` with both origins, under the host name by which the visitor reached this machine. */
function sendSiteConfig(
  [page, preview]: number[],
  base: string,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  const name = (headers.host ?? 'localhost').replace(/:\d+$/, '')
  const config = { page: `http://${name}:${page}${base}`, preview: `http://${name}:${preview}${base}` }
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' })
  response.end(JSON.stringify(config))
}

/** @param last the last port to try; default: some above `first` */
async function listen(
  server: Server,
  host: string,
  first: number,
  last = first + PORTS_TRIED,
): Promise<void> {
  for (let candidate = first; ; candidate++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(candidate, host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
      if (candidate >= last) {
        throw new EngineError(
          'unavailable',
          `port ${candidate} is taken: choose another with --port`,
          {},
          error,
        )
      }
    }
  }
}

/** The options of `npm start` and of this script. */
export function parseServeOptions(args: string[]): ServeOptions {
  const { values } = parseArgs({
    args,
    options: { port: { type: 'string' }, host: { type: 'string' }, base: { type: 'string' } },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)) {
    throw new EngineError('invalid', `--port ${values.port} is not a port: give a number from 0 to 65535`)
  }
  if (values.base !== undefined && !/^\/(.*\/)?$/.test(values.base)) {
    throw new EngineError('invalid', `--base ${values.base} must begin and end with a slash`)
  }
  return { port, host: values.host, base: values.base, preview: true }
}

if (isMain(import.meta.url)) {
  await main(async () => {
    const { url } = await serveSite(parseServeOptions(process.argv.slice(2)))
    console.log(url)
  })
}
