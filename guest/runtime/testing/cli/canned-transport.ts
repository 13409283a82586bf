/** The canned engine as an EngineTransport, in memory. Test code. */
import type { ByteStream } from '../../../protocol/wire/byte-stream.ts'
import type { EngineRequest, EngineTransport } from '../../../protocol/api/engine-transport.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { CannedEngine, type CannedRequest } from './canned-engine.ts'

async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

async function requestOf(request: EngineRequest): Promise<CannedRequest> {
  const [path, search = ''] = request.path.split('?') as [string, string?]
  const query = Object.fromEntries(new URLSearchParams(search))
  for (const [name, value] of Object.entries(request.query ?? {}))
    // Of several values the last one counts, as in the recorder.
    for (const one of value === undefined ? [] : [value].flat()) query[name] = String(one)
  let body: unknown
  if (request.body !== undefined && 'json' in request.body)
    body = JSON.parse(JSON.stringify(request.body.json))
  if (request.body !== undefined && 'bytes' in request.body) {
    const chunks: Uint8Array[] = []
    for await (const chunk of request.body.bytes) chunks.push(chunk)
    body = { bytes: Buffer.concat(chunks).length }
  }
  return { method: request.method, path: decodeURIComponent(path), query, body }
}

/** A container that writes `output` and ends; its input is collected in `input`. */
export function outputStream(output: readonly Uint8Array[], input: Uint8Array[] = []): ByteStream {
  const chunks = [...output]
  return {
    read: () => Promise.resolve(chunks.shift() ?? null),
    write: (chunk) => {
      input.push(chunk)
      return Promise.resolve()
    },
    end: () => Promise.resolve(),
    reset: () => chunks.splice(0),
    closed: Promise.resolve(),
  }
}

/** A `dial` for tests in which nothing dials. */
export const noSocket = (): Promise<never> =>
  Promise.reject(new EngineError('unavailable', 'dial unix /run/docker.sock: connect: connection refused'))

export class CannedTransport implements EngineTransport {
  readonly requests: CannedRequest[] = []
  readonly #engine: CannedEngine

  constructor(now: () => number) {
    this.#engine = new CannedEngine(now)
  }

  async request(request: EngineRequest) {
    const canned = await requestOf(request)
    this.requests.push(canned)
    const answer = this.#engine.answer(canned)
    if ('upgrade' in answer) throw new EngineError('invalid', `${canned.path} is a hijacked connection`)
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
    if ('json' in answer) {
      const headers = { 'content-type': 'application/json' }
      return { status: answer.status, headers, body: bodyOf(encode(`${JSON.stringify(answer.json)}\n`)) }
    }
    if ('lines' in answer) {
      const text = answer.lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      return {
        status: answer.status,
        headers: { 'content-type': 'application/json' },
        body: bodyOf(encode(text)),
      }
    }
    return {
      status: answer.status,
      headers: { 'content-type': answer.contentType, ...answer.headers },
      body: bodyOf(answer.bytes),
    }
  }

  async upgrade(request: EngineRequest) {
    const canned = await requestOf(request)
    this.requests.push(canned)
    const answer = this.#engine.answer(canned)
    if ('upgrade' in answer) {
      return { headers: { 'content-type': answer.contentType }, stream: outputStream(answer.upgrade) }
    }
    const message = 'json' in answer ? (answer.json as { message: string }).message : 'not hijacked'
    throw new EngineError('not-found', message)
  }
}
