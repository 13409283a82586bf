import { EngineError } from '../../../../guest/protocol/errors.ts'
import type { Lab, LabCall } from '../contract/lab.ts'
import { parseFrameMessage, type LabEventName, type LabEvents } from '../contract/messages.ts'

type Listener = (detail: object) => void
type Pending = { resolve(result: unknown): void; reject(error: EngineError): void }

/** The page's end of the port to a lab. Calls that are made before it is there wait for it; its end rejects them all. */
export class LabLink {
  /** Resolves when the frame answers. */
  readonly ready: Promise<void>
  /** Resolves when the machine runs. */
  readonly booted: Promise<LabEvents['booted']>
  #port: MessagePort | undefined
  #ended: EngineError | undefined
  #nextId = 1
  readonly #pending = new Map<number, Pending>()
  readonly #listeners = new Map<LabEventName, Set<Listener>>()
  #fail!: (error: EngineError) => void
  #connected!: () => void

  constructor() {
    const ended = new Promise<never>((_resolve, reject) => (this.#fail = reject))
    this.ready = Promise.race([new Promise<void>((resolve) => (this.#connected = resolve)), ended])
    const booted = new Promise<LabEvents['booted']>((resolve) => this.on('booted', resolve))
    this.booted = Promise.race([booted, ended])
    // Who waits for them is told; that nobody does is no failure of the page.
    for (const promise of [ended, this.ready, this.booted]) promise.catch(() => undefined)
  }

  /** Takes the port that the frame has the other end of. */
  connect(port: MessagePort): void {
    this.#port = port
    port.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data)
    this.#connected()
  }

  /** Rejects with the lab's EngineError. */
  async call<Call extends LabCall>(call: Call, ...args: Parameters<Lab[Call]>): Promise<unknown> {
    await this.ready
    if (this.#ended) throw this.#ended
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject })
      this.#port!.postMessage({ id, call, args })
    })
  }

  /** The listener is told of each event; the answer ends that. */
  on<Name extends LabEventName>(event: Name, listener: (detail: LabEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners.add(listener as Listener))
    return () => void listeners.delete(listener as Listener)
  }

  end(reason: EngineError): void {
    this.#ended ??= reason
    this.#port?.close()
    this.#fail(reason)
    for (const { reject } of this.#pending.values()) reject(reason)
    this.#pending.clear()
  }

  #take(data: unknown): void {
    const message = parseFrameMessage(data)
    if (message === undefined) return
    if ('event' in message) {
      for (const listener of this.#listeners.get(message.event) ?? []) listener(message.detail)
      return
    }
    const pending = message.id === null ? undefined : this.#pending.get(message.id)
    if (message.id === null || pending === undefined) return
    this.#pending.delete(message.id)
    if ('error' in message) pending.reject(new EngineError(message.error.code, message.error.message))
    else pending.resolve(message.result)
  }
}
