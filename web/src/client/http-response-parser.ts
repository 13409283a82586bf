import { EngineError } from '../../../guest/protocol/errors.ts'

export interface ResponseHead {
  status: number
  reason: string
  /** Lower-case names; repeated fields are joined with ', ' (RFC 9110 section 5.3). */
  headers: Record<string, string>
  /** False when the connection ends with this response. */
  keepAlive: boolean
}

export type ResponseEvent =
  { type: 'head'; head: ResponseHead } | { type: 'data'; chunk: Uint8Array } | { type: 'end' }

/** Bytes of status line and fields together; Node's own limit is 16 KiB, nginx's 4 × 8 KiB. */
export const MAX_HEAD_BYTES = 64 << 10
/** A chunk-size line with its extensions. */
const MAX_LINE_BYTES = 1 << 10

type State =
  | { name: 'head' | 'chunk-size' | 'chunk-end' | 'trailers' | 'until-close' | 'done' }
  | { name: 'length' | 'chunk-data'; left: number }

/**
 * Incremental parser of one HTTP/1.1 response (RFC 9112 sections 4, 6 and 7): content-length, chunked, until-close,
 * bodiless statuses and 101. Bytes may arrive split anywhere. Throws EngineError `corrupt` for what is not HTTP.
 * After `end`, what belongs to nobody yet (upgraded bytes) is in `rest`.
 */
export class ResponseParser {
  rest: Uint8Array = new Uint8Array(0)
  private state: State = { name: 'head' }
  private trailerBytes = 0

  private readonly method: string

  constructor(method: string) {
    this.method = method
  }

  get done(): boolean {
    return this.state.name === 'done'
  }

  push(chunk: Uint8Array): ResponseEvent[] {
    this.rest = this.rest.length === 0 ? chunk : concat(this.rest, chunk)
    const events: ResponseEvent[] = []
    while (!this.done && this.step(events));
    return events
  }

  /** Takes the end of the peer's side. */
  finish(): ResponseEvent[] {
    if (this.done) return []
    if (this.state.name !== 'until-close') {
      throw new EngineError('unavailable', 'the connection ended in the middle of an HTTP response')
    }
    this.state = { name: 'done' }
    return [{ type: 'end' }]
  }

  /** Consumes what it can of one element; answers false when it needs more bytes. */
  private step(events: ResponseEvent[]): boolean {
    const { state } = this
    switch (state.name) {
      case 'head':
        return this.readHead(events)
      case 'length':
      case 'chunk-data':
        return this.readCounted(state, events)
      case 'until-close':
        if (this.rest.length > 0) events.push({ type: 'data', chunk: this.take(this.rest.length) })
        return false
      case 'chunk-size':
        return this.readChunkSize()
      case 'chunk-end':
        return this.readChunkEnd()
      case 'trailers':
        return this.readTrailer(events)
      case 'done':
        return false
    }
  }

  private readHead(events: ResponseEvent[]): boolean {
    const end = headEnd(this.rest)
    if ((end === -1 ? this.rest.length : end) > MAX_HEAD_BYTES) {
      throw new EngineError('too-large', `HTTP response head is larger than ${MAX_HEAD_BYTES} bytes`)
    }
    if (end === -1) return false
    const head = parseHead(this.take(end))
    if (head.status >= 100 && head.status < 200 && head.status !== 101) return true // interim (RFC 9110 section 15.2)
    this.state = bodyState(this.method, head)
    if (this.state.name === 'until-close') head.keepAlive = false
    events.push({ type: 'head', head })
    if (this.done) events.push({ type: 'end' })
    return true
  }

  private readCounted(
    state: { name: 'length' | 'chunk-data'; left: number },
    events: ResponseEvent[],
  ): boolean {
    if (this.rest.length === 0) return false
    const chunk = this.take(Math.min(state.left, this.rest.length))
    state.left -= chunk.length
    events.push({ type: 'data', chunk })
    if (state.left > 0) return false
    if (state.name === 'chunk-data') this.state = { name: 'chunk-end' }
    else this.end(events)
    return true
  }

  private readChunkSize(): boolean {
    const line = this.takeLine()
    if (line === undefined) return false
    const size = /^([0-9A-Fa-f]{1,12})[\t ]*(;.*)?$/.exec(line)?.[1]
    if (size === undefined)
      throw new EngineError('corrupt', `${JSON.stringify(line)} is not an HTTP chunk size`)
    const left = Number.parseInt(size, 16)
    this.state = left === 0 ? { name: 'trailers' } : { name: 'chunk-data', left }
    return true
  }

  private readChunkEnd(): boolean {
    const line = this.takeLine()
    if (line === undefined) return false
    if (line !== '') throw new EngineError('corrupt', 'HTTP chunk is longer than its size says')
    this.state = { name: 'chunk-size' }
    return true
  }

  private readTrailer(events: ResponseEvent[]): boolean {
    const line = this.takeLine()
    if (line === undefined) return false
    this.trailerBytes += line.length
    if (this.trailerBytes > MAX_HEAD_BYTES) throw new EngineError('too-large', 'HTTP trailers are too large')
    if (line === '') this.end(events)
    return true
  }

  private end(events: ResponseEvent[]): void {
    this.state = { name: 'done' }
    events.push({ type: 'end' })
  }

  private take(length: number): Uint8Array {
    const taken = this.rest.subarray(0, length)
    this.rest = this.rest.subarray(length)
    return taken
  }

  private takeLine(): string | undefined {
    const end = this.rest.indexOf(0x0a)
    if (end === -1 || end > MAX_LINE_BYTES) {
      if (this.rest.length > MAX_LINE_BYTES)
        throw new EngineError('too-large', 'HTTP chunk header is too long')
      return undefined
    }
    return latin1(this.take(end + 1)).replace(/\r?\n$/, '')
  }
}

/** Index just behind the empty line; a lone LF ends a line too (RFC 9112 section 2.2). */
function headEnd(bytes: Uint8Array): number {
  for (let lf = bytes.indexOf(0x0a); lf !== -1; lf = bytes.indexOf(0x0a, lf + 1)) {
    if (bytes[lf + 1] === 0x0a) return lf + 2
    if (bytes[lf + 1] === 0x0d && bytes[lf + 2] === 0x0a) return lf + 3
  }
  return -1
}

function parseHead(bytes: Uint8Array): ResponseHead {
  const [statusLine = '', ...fields] = latin1(bytes).trimEnd().split(/\r?\n/)
  const match = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: (.*))?$/.exec(statusLine)
  if (!match)
    throw new EngineError('corrupt', `${JSON.stringify(statusLine.slice(0, 80))} is not an HTTP status line`)
  const headers: Record<string, string> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    if (colon < 1)
      throw new EngineError('corrupt', `${JSON.stringify(field.slice(0, 80))} is not an HTTP field`)
    const name = field.slice(0, colon).toLowerCase()
    const value = field.slice(colon + 1).trim()
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  const connection = headers['connection']?.toLowerCase() ?? ''
  const keepAlive = match[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive')
  return { status: Number(match[2]), reason: match[3] ?? '', headers, keepAlive }
}

/** Tells how long the body is: RFC 9112 section 6.3. */
function bodyState(method: string, { status, headers }: ResponseHead): State {
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) return { name: 'done' }
  if (headers['transfer-encoding'] !== undefined) {
    const isChunked = /(^|,)\s*chunked\s*$/i.test(headers['transfer-encoding'])
    return { name: isChunked ? 'chunk-size' : 'until-close' }
  }
  const length = headers['content-length']
  if (length === undefined) return { name: 'until-close' }
  const distinct = [...new Set(length.split(/\s*,\s*/))]
  if (distinct.length !== 1 || !/^\d{1,15}$/.test(distinct[0]!)) {
    throw new EngineError('corrupt', `${JSON.stringify(length)} is not an HTTP content length`)
  }
  const left = Number(distinct[0])
  return left === 0 ? { name: 'done' } : { name: 'length', left }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length)
  joined.set(a)
  joined.set(b, a.length)
  return joined
}

/** HTTP fields are octets; ISO 8859-1 maps each to one code unit. */
function latin1(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
