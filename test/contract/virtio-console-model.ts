/**
 * A model of v86's virtio console and the guest's hvc tty, for channel tests without a VM: sixteen receive buffers of
 * 4096 bytes, a send without a free buffer is dropped, a longer one cut off; the guest reads bytes in pieces of any size.
 */
import type { ChannelTransport } from '../../guest/protocol/wire/link.ts'

const BUFFERS = 16
const BUFFER_SIZE = 4096

export interface ConsoleModelOptions {
  /** Size of the next piece that arrives, 1 … available. Default: everything at once. */
  pieceSize?: (available: number) => number
  /** May spoil or drop a piece on its way; identity by default. */
  toGuest?: (bytes: Uint8Array) => Uint8Array
  toPage?: (bytes: Uint8Array) => Uint8Array
}

export class VirtioConsoleModel {
  readonly #options: ConsoleModelOptions
  #posted: Uint8Array[] = []
  #toPage: Uint8Array[] = []
  #pageListener: ((chunk: Uint8Array) => void) | null = null
  #guestListener: ((chunk: Uint8Array) => void) | null = null
  #scheduled = false
  /** Sends that found no buffer. */
  dropped = 0

  constructor(options: ConsoleModelOptions = {}) {
    this.#options = options
  }

  get page(): ChannelTransport {
    return {
      send: (bytes) => {
        if (this.#posted.length >= BUFFERS) {
          this.dropped++
          return false
        }
        const spoil = this.#options.toGuest ?? ((all: Uint8Array) => all)
        this.#posted.push(spoil(new Uint8Array(bytes.subarray(0, BUFFER_SIZE))))
        this.#schedule()
        return true
      },
      onData: (listener) => (this.#pageListener = listener),
    }
  }

  /** Opens the guest's end, taking it from whoever had it: what lies in the device meanwhile stays there. */
  openGuest(): ChannelTransport & { close(): void } {
    return {
      send: (bytes) => {
        const spoil = this.#options.toPage ?? ((all: Uint8Array) => all)
        this.#toPage.push(spoil(new Uint8Array(bytes)))
        this.#schedule()
        return true
      },
      onData: (listener) => {
        this.#guestListener = listener
        this.#schedule()
      },
      close: () => (this.#guestListener = null),
    }
  }

  /** Bytes that reach the page or the guest out of nowhere. */
  injectToPage(bytes: Uint8Array): void {
    this.#toPage.push(new Uint8Array(bytes))
    this.#schedule()
  }
  injectToGuest(bytes: Uint8Array): void {
    this.#posted.push(new Uint8Array(bytes))
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (this.#guestListener && this.#posted.length > 0)
      this.#inPieces(this.#posted.shift()!, this.#guestListener)
    while (this.#pageListener && this.#toPage.length > 0)
      this.#inPieces(this.#toPage.shift()!, this.#pageListener)
  }

  #inPieces(bytes: Uint8Array, listener: (chunk: Uint8Array) => void): void {
    const size = this.#options.pieceSize ?? ((available) => available)
    for (let at = 0; at < bytes.length;) {
      const piece = new Uint8Array(bytes.subarray(at, at + size(bytes.length - at)))
      at += piece.length
      listener(piece)
    }
  }
}
