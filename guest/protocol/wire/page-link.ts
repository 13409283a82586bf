import type { Channel } from './byte-stream.ts'
import { deferred } from './deferred.ts'
import type { Deferred } from './deferred.ts'
import { EngineError } from '../errors.ts'
import { MAX_PAYLOAD_TO_GUEST, MAX_PAYLOAD_TO_PAGE } from './frame.ts'
import { CreditedSink } from './frame-sink.ts'
import { checkHello } from './hello.ts'
import type { Hello } from './hello.ts'
import { Link } from './link.ts'
import type { ChannelTransport, LinkOptions } from './link.ts'

export interface PageLinkOptions extends LinkOptions {
  /** A random name for a session, unpredictable and never repeated: 128 bits in hexadecimal. */
  newEpoch: () => string
}

/**
 * The page's end. It keeps a session with whatever engine is in the guest: after a fault, or when a restarted engine
 * knocks, everything of the old session is rejected and a new one begins.
 */
export class PageLink {
  readonly #options: PageLinkOptions
  readonly #link: Link
  #epoch: string | null = null
  /** The hello found no buffer in the guest's device; any sign of life of the guest sends it again. */
  #unsent = false
  #waiting: Deferred<Channel> | null = null
  #failure: EngineError | null = null

  constructor(transport: ChannelTransport, options: PageLinkOptions) {
    this.#options = options
    const { send } = transport
    const onData: ChannelTransport['onData'] = (listener) =>
      transport.onData((chunk) => {
        listener(chunk)
        if (this.#unsent) this.#greet()
      })
    this.#link = new Link({ send: send.bind(transport), onData }, options, {
      side: 'page',
      maxPayload: MAX_PAYLOAD_TO_GUEST,
      maxPeerPayload: MAX_PAYLOAD_TO_PAGE,
      newSink: (sendFrame, crc32) => new CreditedSink(sendFrame, crc32),
      onHello: (hello) => this.#onHello(hello),
      onSession: (session) => {
        this.#waiting?.resolve(session)
        this.#waiting = null
      },
      // A garbled greeting comes from an engine that died while it wrote it; the next engine knocks.
      onSessionLost: (_error, greeting) => {
        if (!greeting) this.begin()
      },
    })
  }

  /**
   * Starts a session with an engine that may be listening already, as after a restore. After a cold boot there is
   * nothing to do: the engine knocks.
   */
  begin(): void {
    if (this.#failure) return
    this.#link.drop(new EngineError('unavailable', 'the page began a new channel session'))
    this.#epoch = this.#options.newEpoch()
    this.#greet()
  }

  /** The session, or the next one when there is none now. Rejects when the guest is unfit or the link was closed. */
  channel(): Promise<Channel> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#link.session) return Promise.resolve(this.#link.session)
    this.#waiting ??= deferred()
    return this.#waiting.promise
  }

  /** Ends the link for good; everything pending is rejected with `error`. */
  close(error: EngineError): void {
    if (this.#failure) return
    this.#failure = error
    this.#link.session?.close(error.message)
    this.#link.stop(error)
    this.#waiting?.reject(error)
    this.#waiting = null
  }

  #greet(): void {
    this.#unsent = !this.#link.greet(this.#epoch)
  }

  #onHello(hello: Hello): boolean {
    try {
      checkHello(hello, this.#options.buildId, 'guest')
    } catch (error) {
      this.close(EngineError.from(error))
      return false
    }
    if (hello.epoch === null) {
      this.begin()
      return false
    }
    // An answer to an earlier greeting of ours begins no session: the answer to the latest is under way.
    return hello.epoch === this.#epoch
  }
}
