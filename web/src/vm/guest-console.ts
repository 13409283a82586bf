/** The kernel's console and rescue shell (`/dev/hvc0`), for people and post-mortems; the engine never uses it. */
import type { ChannelTransport } from '../../../guest/protocol/wire/link.ts'

/** Characters of console output that are kept for error messages. */
const TAIL = 8192
/** One virtio-console buffer of the guest. */
const MAX_SEND = 4096

export class GuestConsole {
  readonly #port: ChannelTransport
  readonly #decoder = new TextDecoder()
  readonly #listeners = new Set<(bytes: Uint8Array) => void>()
  #tail = ''

  constructor(port: ChannelTransport) {
    this.#port = port
    port.onData((bytes) => {
      this.#tail = (this.#tail + this.#decoder.decode(bytes, { stream: true })).slice(-TAIL)
      for (const listener of this.#listeners) listener(bytes)
    })
  }

  /** The last of what the guest has printed. */
  get tail(): string {
    return this.#tail
  }

  /** Returns a function that ends the listening. */
  listen(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Types `bytes`; returns the number for which the guest had room. */
  type(bytes: Uint8Array): number {
    let typed = 0
    while (typed < bytes.length) {
      const piece = bytes.subarray(typed, typed + MAX_SEND)
      if (!this.#port.send(piece)) break
      typed += piece.length
    }
    return typed
  }
}
