/** A registry on this machine that serves a Layout by the distribution protocol, with the faults that tests ask for. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Digest } from '../../guest/protocol/api/content.ts'
import type { Descriptor } from '../../web/src/content/blob-store.ts'
import type { Layout } from './make-layout.ts'

export interface RegistryFaults {
  /** Closes the connection after so many bytes of a blob, once. */
  breakBlobAfter?: number
  ignoreRange?: boolean
  /** Instead of the stored bytes. */
  replace?: Map<Digest, Uint8Array>
  /** Content-Type of manifests, instead of the descriptor's. */
  manifestType?: string
  auth?: 'basic' | 'bearer'
  /** Blobs are redirected to another port, as to a CDN. */
  redirect?: boolean
  status?: number
}

export interface SeenRequest {
  url: string
  authorization: string | undefined
  range: string | undefined
}

export const USER = { username: 'ann', password: 'pä:ss' }
const TOKEN = 'token-of-ann'
const basic = `Basic ${Buffer.from(`${USER.username}:${USER.password}`).toString('base64')}`

export class FakeRegistry {
  readonly faults: RegistryFaults = {}
  readonly seen: SeenRequest[] = []
  readonly tags = new Map<string, Descriptor>()
  private readonly layout: Layout
  private readonly servers: Server[]

  private constructor(layout: Layout) {
    this.layout = layout
    this.servers = [
      this.serve((request, response) => this.answer(request, response)),
      this.serve((request, response) => this.cdn(request, response)),
    ]
  }

  static async start(layout: Layout): Promise<FakeRegistry> {
    const registry = new FakeRegistry(layout)
    await Promise.all(
      registry.servers.map(
        (server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)),
      ),
    )
    return registry
  }

  /** `127.0.0.1:<port>`. */
  get domain(): string {
    return `127.0.0.1:${this.port(0)}`
  }

  async close(): Promise<void> {
    await Promise.all(
      this.servers.map((server) => {
        server.closeAllConnections()
        return new Promise((resolve) => server.close(resolve))
      }),
    )
  }

  private port(index: number): number {
    return (this.servers[index]!.address() as AddressInfo).port
  }

  private serve(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
    return createServer((request, response) => {
      const { authorization, range } = request.headers
      this.seen.push({ url: request.url!, authorization, range })
      listener(request, response)
    })
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, 'http://registry')
    if (url.pathname === '/token') return this.token(request, response)
    const { auth, status } = this.faults
    if (status !== undefined) return fail(response, status, 'TOOMANYREQUESTS', 'slow down')
    const expected = auth === 'bearer' ? `Bearer ${TOKEN}` : basic
    if (auth !== undefined && request.headers.authorization !== expected) return this.challenge(response)
    const match = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname)
    if (match === null) return fail(response, 404, 'NAME_UNKNOWN', 'repository name not known to registry')
    if (match[2] === 'manifests') return this.manifest(`${match[1]}:${match[3]}`, match[3]!, response)
    if (this.faults.redirect !== true) return this.blob(match[3] as Digest, request, response)
    response.writeHead(307, { Location: `http://127.0.0.1:${this.port(1)}/${match[3]}` }).end()
  }

  private cdn(request: IncomingMessage, response: ServerResponse): void {
    this.blob(request.url!.slice(1) as Digest, request, response)
  }

  private challenge(response: ServerResponse): void {
    const bearer = `Bearer realm="http://${this.domain}/token",service="fake, registry",scope="repository:x:pull"`
    const value = this.faults.auth === 'bearer' ? bearer : 'Basic realm="fake"'
    response.setHeader('WWW-Authenticate', value)
    fail(response, 401, 'UNAUTHORIZED', 'authentication required')
  }

  private token(request: IncomingMessage, response: ServerResponse): void {
    const { authorization } = request.headers
    if (authorization !== undefined && authorization !== basic)
      return fail(response, 401, 'UNAUTHORIZED', 'wrong')
    response.end(JSON.stringify({ token: authorization === undefined ? 'anonymous' : TOKEN }))
  }

  private manifest(tag: string, digest: string, response: ServerResponse): void {
    const descriptor = this.tags.get(tag)
    const name = descriptor?.digest ?? (digest as Digest)
    const bytes = this.faults.replace?.get(name) ?? this.layout.blobs.get(name)
    if (bytes === undefined) return fail(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    const own = this.layout.mediaTypes.get(name)!
    response.setHeader('Content-Type', this.faults.manifestType ?? own)
    response.setHeader('Docker-Content-Digest', name)
    response.end(bytes)
  }

  private blob(digest: Digest, request: IncomingMessage, response: ServerResponse): void {
    const bytes = this.faults.replace?.get(digest) ?? this.layout.blobs.get(digest)
    if (bytes === undefined) return fail(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry')
    const range = this.faults.ignoreRange === true ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const start = Number(range?.[1] ?? 0)
    if (range !== null) {
      response.statusCode = 206
      response.setHeader('Content-Range', `bytes ${start}-${bytes.length - 1}/${bytes.length}`)
    }
    response.setHeader('Content-Length', bytes.length - start)
    const limit = this.faults.breakBlobAfter
    if (limit === undefined || bytes.length - start <= limit) return void response.end(bytes.subarray(start))
    delete this.faults.breakBlobAfter
    response.write(bytes.subarray(start, start + limit), () => response.destroy())
  }
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  response.statusCode = status
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}
