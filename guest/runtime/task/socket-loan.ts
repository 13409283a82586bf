/** A client of the guest that reads and feeds a process itself, by its shim's socket. */
import type { DirectAttach, DirectEnd } from '../../protocol/api/direct-attach.ts'
import { EngineError } from '../../protocol/errors.ts'
import type { ByteStream } from '../../protocol/wire/byte-stream.ts'
import type { Shim } from '../host/launcher/launcher-api.ts'
import type { PipeEnd, PipeOptions } from './pipe-attachment.ts'

interface Lender {
  report(error: unknown): void
  returned(): void
}

/** It must be served once, so that the shim is let go. */
export class SocketLoan {
  readonly #shim: Shim
  readonly #lender: Lender

  constructor(shim: Shim, lender: Lender) {
    this.#shim = shim
    this.#lender = lender
  }

  /**
   * Resolves as `pipeAttachment` does. No byte of the process goes over `stream`, whose end tells the client that the process
   * has ended.
   */
  async serve(
    stream: ByteStream,
    attach: DirectAttach,
    options: Omit<PipeOptions, 'multiplex'>,
  ): Promise<PipeEnd> {
    try {
      const end = await this.#attach(attach, options)
      if (end === 'detached' || end === 'lost') return 'detached'
      await options.ended
      return 'finished'
    } finally {
      await stream.end().catch(() => stream.reset('the process has ended'))
    }
  }

  /** Never rejects. */
  async #attach(
    attach: DirectAttach,
    { stdin, stdout, stderr, closeStdin, detachKeys = new Uint8Array() }: Omit<PipeOptions, 'multiplex'>,
  ): Promise<DirectEnd | 'lost'> {
    const target = { path: this.#shim.socketPath, stdin, stdout, stderr, closeStdin, detachKeys }
    const end = await attach(target).catch(() => 'lost' as const)
    // The output waits for an attachment, and the input for its end, whether the client came to attach or not.
    if (end === 'unreachable' || end === 'lost') await this.#attachInPassing(stdin)
    this.#lender.returned()
    return end
  }

  async #attachInPassing(stdin: boolean): Promise<void> {
    try {
      const attachment = await this.#shim.attach({ stdin })
      attachment.detach()
    } catch (error) {
      if (EngineError.from(error).code !== 'conflict') this.#lender.report(error)
    }
  }
}
