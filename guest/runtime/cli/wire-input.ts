/** The thin client's stdin, which it reads as it is told to. */
import { CLI_MESSAGE } from '../../protocol/api/cli-protocol.ts'
import { concatBytes } from '../../vocabulary/concat-bytes.ts'
import type { ClientPipes } from './client-pipes.ts'
import type { CliInput } from './shared/session.ts'

/** Bytes typed or piped ahead of their reader; above it the client is told to pause. */
const INPUT_AHEAD = 262_144

/** Payloads of `wantStdin`. */
const STOP = 0
const READ = 1
const READ_ONCE = 2

/** Input that arrives before it is asked for waits here; the client sends none before `wantStdin`. */
export class WireInput implements CliInput {
  readonly isTerminal: boolean
  readonly #send: (type: number, payload: Uint8Array) => void
  readonly #pipes: ClientPipes
  #chunks: Uint8Array[] = []
  #ahead = 0
  #wanted = false
  #ended = false
  #waiting: ((chunk: Uint8Array | null) => void) | undefined
  #peeking: (() => void) | undefined

  constructor(isTerminal: boolean, send: (type: number, payload: Uint8Array) => void, pipes: ClientPipes) {
    this.isTerminal = isTerminal
    this.#send = send
    this.#pipes = pipes
  }

  read(): Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#ahead -= chunk.length
      return Promise.resolve(chunk)
    }
    if (this.#ended) return Promise.resolve(null)
    this.#want(true)
    return new Promise((resolve) => (this.#waiting = resolve))
  }

  #want(wanted: boolean): void {
    if (wanted === this.#wanted || this.#ended) return
    this.#wanted = wanted
    this.#send(CLI_MESSAGE.wantStdin, Uint8Array.of(wanted ? READ : STOP))
  }

  /** The client reads once for each request, so that it has no bytes under way when it goes on by a pipe. */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#ahead < length && !this.#ended) {
      const arrived = new Promise<void>((resolve) => (this.#peeking = resolve))
      this.#send(CLI_MESSAGE.wantStdin, Uint8Array.of(READ_ONCE))
      await arrived
    }
    return concatBytes(this.#chunks)
  }

  readonly pipeTo = (path: string): Promise<number> => {
    const head = concatBytes(this.#chunks)
    this.#chunks = []
    this.#ahead = 0
    return this.#pipes.fromStdin(path, head)
  }

  stop(): void {
    this.#want(false)
    this.#waiting?.(null)
    this.#waiting = undefined
  }

  setRaw(raw: boolean): void {
    if (this.isTerminal) this.#send(CLI_MESSAGE.rawTerminal, Uint8Array.of(raw ? 1 : 0))
  }

  /** @param chunk empty at the end of file */
  take(chunk: Uint8Array): void {
    if (chunk.length === 0) this.end()
    else if (this.#waiting === undefined) {
      this.#chunks.push(chunk)
      this.#ahead += chunk.length
      if (this.#ahead > INPUT_AHEAD) this.#want(false)
      this.#peeking?.()
    } else {
      this.#waiting(chunk)
      this.#waiting = undefined
    }
  }

  end(): void {
    this.#ended = true
    this.#peeking?.()
    this.#waiting?.(null)
    this.#waiting = undefined
  }
}
