import type { Channel } from './byte-stream.ts'
import type { EngineError } from '../errors.ts'
import { MAX_PAYLOAD_TO_GUEST, MAX_PAYLOAD_TO_PAGE } from './frame.ts'
import { BatchingSink } from './frame-sink.ts'
import { PROTOCOL_VERSION } from './hello.ts'
import type { Hello } from './hello.ts'
import { Link } from './link.ts'
import type { ChannelTransport, LinkOptions } from './link.ts'

export interface GuestLinkOptions extends LinkOptions {
  /** Runs a task after pending input has had its turn: Node's setImmediate. */
  defer: (task: () => void) => void
  /** Called for every session, the first included. */
  onSession?: (channel: Channel) => void
}

/** The engine's end: knocks when it starts and whenever it lost a session, and accepts every session the page begins. */
export class GuestLink {
  readonly #link: Link

  constructor(transport: ChannelTransport, options: GuestLinkOptions) {
    this.#link = new Link(transport, options, {
      side: 'guest',
      maxPayload: MAX_PAYLOAD_TO_PAGE,
      maxPeerPayload: MAX_PAYLOAD_TO_GUEST,
      newSink: (send, crc32) => new BatchingSink(send, crc32, options.defer),
      onHello: (hello) => this.#onHello(hello),
      onSession: (session) => options.onSession?.(session),
      onSessionLost: (error) => this.knock(error.message),
    })
  }

  get channel(): Channel | null {
    return this.#link.session
  }

  knock(reason: string): void {
    this.#link.greet(null, reason)
  }

  close(error: EngineError): void {
    this.#link.session?.close(error.message)
    this.#link.stop(error)
  }

  /** The page compares versions and builds, since it can tell a person; the guest only keeps out of a wrong session. */
  #onHello(hello: Hello): boolean {
    if (hello.epoch === null) return false
    this.#link.greet(hello.epoch)
    return hello.protocol === PROTOCOL_VERSION
  }
}
