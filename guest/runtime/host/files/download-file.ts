/**
 * Downloads files by HTTP from what the guest's network reaches: containers and their published ports. Messages are
 * those of Go's client.
 */
import { createReadStream, createWriteStream, utimesSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { EngineError } from '../../../protocol/errors.ts'

/** net/http's own limit. */
const MAXIMUM_REDIRECTS = 10
const UNNAMED = '__unnamed__'

function reason(url: URL, thrown: NodeJS.ErrnoException): string {
  if (thrown.code === 'ENOTFOUND' || thrown.code === 'EAI_AGAIN')
    return `dial tcp: lookup ${url.hostname}: no such host`
  return `dial tcp ${url.host}: ${thrown.message}`
}

async function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const sent = request(url, { signal, headers: { 'user-agent': 'Porthole' } }, resolve)
    sent.on('error', (thrown) =>
      reject(
        new EngineError(
          'unavailable',
          `Get "${url.href}": ${reason(url, thrown)} (the guest reaches its containers, not the internet)`,
          { url: url.href },
          thrown,
        ),
      ),
    )
    sent.end()
  })
}

async function follow(
  address: string,
  signal: AbortSignal,
): Promise<{ url: URL; response: IncomingMessage }> {
  let url = new URL(address)
  for (let redirects = 0; redirects <= MAXIMUM_REDIRECTS; redirects++) {
    const response = await get(url, signal)
    const { statusCode = 0, statusMessage = '', headers } = response
    if (statusCode >= 400) {
      response.resume()
      throw new EngineError(
        'not-found',
        `failed to GET ${address} with status ${statusCode} ${statusMessage}`,
      )
    }
    if (statusCode < 300 || headers.location === undefined) return { url, response }
    response.resume()
    url = new URL(headers.location, url)
  }
  throw new EngineError('unavailable', `Get "${address}": stopped after ${MAXIMUM_REDIRECTS} redirects`)
}

/**
 * The file's name: the last one in the address, or the one in Content-Disposition; undefined when neither gives one.
 */
function nameOf(address: string, { headers }: IncomingMessage): string | undefined {
  const { pathname } = new URL(address)
  if (!pathname.endsWith('/')) return posix.basename(decodeURIComponent(pathname))
  const name = /filename="?([^";]+)"?/.exec(headers['content-disposition'] ?? '')?.[1]
  return name === undefined || name.endsWith('/') ? undefined : posix.basename(name)
}

/**
 * Writes into `directory`, mode 600, with the sender's time. @returns the name; undefined when it has none and is
 * `__unnamed__`
 */
export async function downloadFile(
  address: string,
  directory: string,
  signal: AbortSignal,
  onProgress: (current: number, total: number | undefined) => Promise<void>,
): Promise<string | undefined> {
  const { response } = await follow(address, signal)
  const name = nameOf(address, response)
  const path = `${directory}/${name ?? UNNAMED}`
  const total = Number(response.headers['content-length']) || undefined
  let current = 0
  await pipeline(
    response,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        current += chunk.length
        await onProgress(current, total)
        yield chunk
      }
    },
    createWriteStream(path, { mode: 0o600 }),
  )
  const modified = new Date(response.headers['last-modified'] ?? 0)
  const time = Number.isNaN(modified.getTime()) ? new Date(0) : modified
  utimesSync(path, time, time)
  return name
}

/** The file's bytes as they are wanted. */
export const readDownloaded = (path: string): AsyncIterable<Uint8Array> => createReadStream(path)
