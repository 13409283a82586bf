import type { ByteStream } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import type { EncodedRequest } from './http-request.ts'
import { ResponseParser, type ResponseEvent, type ResponseHead } from './http-response-parser.ts'
import { PrefixedStream } from './prefixed-stream.ts'

export interface Exchange {
  head: ResponseHead
  /** Must be read to its end or returned early; an early return resets the connection. */
  body: AsyncIterableIterator<Uint8Array>
  /** The raw stream after a 101, from its first byte on. */
  upgraded(): ByteStream
}

/** One HTTP/1.1 connection over a ByteStream: requests one after another, never pipelined. */
export class HttpConnection {
  private readonly stream: ByteStream
  /** A read that was started while idle, to see the peer hang up; its bytes belong to the next response. */
  private pending: Promise<Uint8Array | null> | undefined
  private failure: unknown

  constructor(stream: ByteStream) {
    this.stream = stream
    stream.closed.catch((reason: unknown) => (this.failure ??= reason))
  }

  /**
   * Sends a request and resolves with the response's head. `onReusable` is called once the response was read whole and
   * the connection may carry another request. Rejects with the signal's reason when aborted.
   */
  async exchange(request: EncodedRequest, signal?: AbortSignal, onReusable?: () => void): Promise<Exchange> {
    const exchange = new ResponseReader(() => this.read(), new ResponseParser(request.method))
    const abort = () => this.fail(signal?.reason, 'the request was aborted')
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    exchange.onSettled = (complete) => {
      signal?.removeEventListener('abort', abort)
      if (!complete) this.fail(undefined, 'the response was abandoned')
      else if (exchange.head?.status === 101) return
      else if (exchange.head?.keepAlive) onReusable?.()
      else void this.stream.end().catch(() => this.stream.reset('the connection is over'))
    }
    this.send(request).catch((reason: unknown) => this.fail(reason, 'the request could not be sent'))
    const head = await exchange.readHead()
    return { head, body: exchange, upgraded: () => new PrefixedStream(exchange.parser.rest, this.stream) }
  }

  /** Calls `onClosed` when the peer hangs up, or sends something unasked, while no request is under way. */
  watch(onClosed: () => void): void {
    this.pending ??= this.stream.read()
    this.pending.then(
      (chunk) => {
        if (chunk === null) this.stream.end().catch(() => this.stream.reset('the connection is over'))
        onClosed()
      },
      () => onClosed(),
    )
  }

  close(): void {
    this.fail(undefined, 'the connection is no longer needed')
  }

  private async read(): Promise<Uint8Array | null> {
    const { pending } = this
    this.pending = undefined
    try {
      return await (pending ?? this.stream.read())
    } catch (reason) {
      throw this.failure ?? reason
    }
  }

  private async send({ head, body }: EncodedRequest): Promise<void> {
    if (body instanceof Uint8Array) {
      const whole = new Uint8Array(head.length + body.length)
      whole.set(head)
      whole.set(body, head.length)
      return this.stream.write(whole)
    }
    await this.stream.write(head)
    for await (const chunk of body ?? []) await this.stream.write(chunk)
  }

  private fail(reason: unknown, message: string): void {
    this.failure ??= reason ?? new EngineError('unavailable', message)
    this.stream.reset(message)
  }
}

/** Pulls a response through the parser as its reader asks for it, so that flow control reaches the peer. */
class ResponseReader implements AsyncIterableIterator<Uint8Array> {
  readonly parser: ResponseParser
  head: ResponseHead | undefined
  onSettled: (complete: boolean) => void = () => {}
  private readonly read: () => Promise<Uint8Array | null>
  private readonly queue: ResponseEvent[] = []
  private settled = false

  constructor(read: () => Promise<Uint8Array | null>, parser: ResponseParser) {
    this.read = read
    this.parser = parser
  }

  async readHead(): Promise<ResponseHead> {
    const event = await this.nextEvent()
    if (event.type !== 'head') throw new EngineError('internal', 'an HTTP response must begin with its head')
    this.head = event.head
    if (this.parser.done && this.queue[0]?.type === 'end') this.settle(true)
    return event.head
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.settled) return { done: true, value: undefined }
    const event = await this.nextEvent()
    if (event.type === 'data') return { done: false, value: event.chunk }
    this.settle(true)
    return { done: true, value: undefined }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.settle(this.parser.done)
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  private async nextEvent(): Promise<ResponseEvent> {
    try {
      for (;;) {
        const event = this.queue.shift()
        if (event) return event
        const chunk = await this.read()
        this.queue.push(...(chunk === null ? this.parser.finish() : this.parser.push(chunk)))
      }
    } catch (reason) {
      this.settle(false)
      throw reason
    }
  }

  private settle(complete: boolean): void {
    if (this.settled) return
    this.settled = true
    this.onSettled(complete)
  }
}
