/** A registry handler as an HTTP server on this machine's loopback, where other people's clients can reach it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RegistryHandler } from '../../web/src/registry-server/registry-messages.ts'

export interface ServedRegistry {
  /** `127.0.0.1:<port>`. */
  domain: string
  /** `PUT /v2/…`, in order. */
  seen: string[]
  close(): Promise<void>
}

/** Answers a request itself, and says so, or leaves it to the registry. */
export type Interceptor = (request: IncomingMessage, response: ServerResponse) => boolean

export async function serveRegistry(
  handle: RegistryHandler,
  intercept: Interceptor = () => false,
): Promise<ServedRegistry> {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (intercept(request, response)) return
    answer(handle, request, response).catch((error: Error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    domain: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

async function answer(
  handle: RegistryHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)])
  const {
    status,
    headers: answered,
    body,
  } = await handle({
    method: request.method!,
    url: request.url!,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: request,
  })
  response.writeHead(status, answered)
  for await (const chunk of body) response.write(chunk)
  response.end()
}
