/** A running guest: an emulator with its console, its repairs and the channel to its engine. `boot` makes one. */
import type { ByteStream, StreamHandler, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { PageLink } from '../../../guest/protocol/wire/page-link.ts'
import type { Emulator } from './emulator.ts'
import { GuestConsole } from './guest-console.ts'
import { Repairer } from './repair.ts'

/** Ports of the virtio console: SPEC.md, "The device". */
const PORT = { console: 0, channel: 1, repair: 2 } as const

export interface MachineParts {
  emulator: Emulator
  buildId: string
  /** Serves the streams that the guest opens: content, registry and volumes. */
  onStream: StreamHandler
}

export class Machine {
  readonly console: GuestConsole
  readonly #emulator: Emulator
  readonly #repairer: Repairer
  readonly #link: PageLink
  #ended: EngineError | null = null
  #rejectEnded: (error: EngineError) => void = () => undefined
  readonly #whenEnded = new Promise<never>((_resolve, reject) => (this.#rejectEnded = reject))

  constructor({ emulator, buildId, onStream }: MachineParts) {
    this.#emulator = emulator
    this.console = new GuestConsole(emulator.port(PORT.console))
    this.#repairer = new Repairer(emulator.port(PORT.repair))
    this.#link = new PageLink(emulator.port(PORT.channel), { buildId, onStream, newEpoch })
    this.#watchForPanic()
  }

  /**
   * Runs the guest; with `restored`, repairs it before anything speaks to its engine. `connect` waits for the engine.
   */
  async start(restored: boolean): Promise<void> {
    await this.#emulator.run()
    if (restored) this.#repairer.repair()
    await Promise.race([this.#repairer.done, this.#whenEnded])
    if (restored) this.#link.begin()
  }

  /** Resolves once the engine has answered. */
  async connect(): Promise<void> {
    await this.#link.channel()
  }

  /**
   * Opens a stream to the engine; waits for one that is being restarted. Rejects when the guest refuses, or when the
   * machine ends.
   */
  async openStream(open: StreamOpen): Promise<ByteStream> {
    const channel = await this.#link.channel()
    return channel.open(open)
  }

  async pause(): Promise<void> {
    await this.#emulator.stop()
  }

  async resume(): Promise<void> {
    if (this.#ended) throw this.#ended
    await this.#emulator.run()
  }

  /** Saves the state and stops the machine: see Emulator.save. */
  async save(): Promise<ArrayBuffer> {
    return this.#emulator.save()
  }

  /** Stops the machine and saves its state apart from its memory, which is in `ram`; `resume` lets it go on. */
  async suspend(): Promise<ArrayBuffer> {
    return this.#emulator.saveDevices()
  }

  /** See Emulator.ram. */
  get ram(): Uint8Array<ArrayBuffer> {
    return this.#emulator.ram
  }

  /** Milliseconds for which the guest has had nothing to do. */
  quietFor(): number {
    return this.#emulator.workload.quietFor()
  }

  /** See Workload. */
  worked(): number {
    return this.#emulator.workload.worked()
  }

  /** How many instructions the guest's processor has executed, modulo 2^32. */
  get instructions(): number {
    return this.#emulator.instructions
  }

  get wasmMemory(): number {
    return this.#emulator.memory.buffer.byteLength
  }

  /** Ends the machine; every pending call and stream is rejected with `error`. */
  async shutdown(error = new EngineError('unavailable', 'the machine was shut down')): Promise<void> {
    this.#end(error)
    await this.#emulator.destroy()
  }

  #end(error: EngineError): void {
    if (this.#ended) return
    this.#ended = error
    this.#link.close(error)
    this.#rejectEnded(error)
  }

  #watchForPanic(): void {
    this.#whenEnded.catch(() => undefined)
    this.console.listen(() => {
      if (!this.console.tail.includes('Kernel panic')) return
      this.#end(new EngineError('internal', 'the guest kernel panicked', { console: this.console.tail }))
    })
  }
}

function newEpoch(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
