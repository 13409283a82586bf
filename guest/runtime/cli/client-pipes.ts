/** The thin client's stdin or stdout joined with a named pipe: guest/native/docker-client/pipe.c. */
import { CLI_MESSAGE } from '../../protocol/api/cli-protocol.ts'
import { EngineError } from '../../protocol/errors.ts'
import { GUEST_PATHS } from '../../protocol/paths.ts'
import { deferred, type Deferred } from '../../protocol/wire/deferred.ts'
import { concatBytes } from '../../vocabulary/concat-bytes.ts'
import { brokenPipe, endPipe, pipePath } from '../host/pipes.ts'
import type { CliMessage } from './cli-message.ts'

const encoder = new TextEncoder()

export class ClientPipes {
  readonly #send: (type: number, payload: Uint8Array) => Promise<void>
  #ready: Deferred<void> | undefined
  #ended: Deferred<number> | undefined
  #lost: EngineError | undefined
  readonly #socket: string

  /** @param socket the pipes lie beside it */
  constructor(
    send: (type: number, payload: Uint8Array) => Promise<void>,
    socket: string = GUEST_PATHS.cliSocket,
  ) {
    this.#send = send
    this.#socket = socket
  }

  /** @param head bytes of stdin that were read before */
  fromStdin(path: string, head: Uint8Array): Promise<number> {
    const name = encoder.encode(path)
    return this.#join(CLI_MESSAGE.pipeStdin, concatBytes([Uint8Array.of(name.length), name, head]))
  }

  async toStdout(fill: (path: string) => Promise<unknown>): Promise<void> {
    const path = pipePath(this.#socket)
    const ready = deferred<void>()
    this.#ready = ready
    const ended = this.#join(CLI_MESSAGE.pipeStdout, encoder.encode(path))
    try {
      await Promise.race([ready.promise, ended])
      await fill(path)
    } catch (error) {
      // Who should have filled it may never have opened it. What came before the failure is shown.
      endPipe(path)
      await ended.catch(() => undefined)
      throw error
    }
    await ended
  }

  async #join(type: number, payload: Uint8Array): Promise<number> {
    if (this.#lost !== undefined) throw this.#lost
    const ended = deferred<number>()
    this.#ended = ended
    await this.#send(type, payload)
    return ended.promise
  }

  /** False for a message that is about no pipe. */
  receive({ type, payload }: CliMessage): boolean {
    if (type === CLI_MESSAGE.pipeReady) this.#ready?.resolve()
    else if (type === CLI_MESSAGE.pipeEnded && payload.length === 9) this.#end(payload)
    else return false
    return true
  }

  #end(payload: Uint8Array): void {
    const bytes = new DataView(payload.buffer, payload.byteOffset).getBigUint64(1, true)
    if (payload[0] === 0) this.#ended?.resolve(Number(bytes))
    else this.#ended?.reject(brokenPipe())
  }

  /** Nothing more comes from the client. */
  lose(error: EngineError): void {
    this.#lost ??= error
    this.#ended?.reject(error)
  }
}
