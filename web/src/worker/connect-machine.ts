/**
 * The page's end of the worker. comlink never settles a call whose worker is gone, so here every pending call and
 * stream rejects with EngineError `unavailable` as soon as the worker fails or is terminated.
 */
import { proxy, wrap } from 'comlink'
import type { Endpoint, Remote } from 'comlink'
import type { ByteStream, StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import './error-transfer.ts'
import type { MachineApi } from './machine-api.ts'
import { PortStream } from './port-stream.ts'

/** The part of a Worker that is used; tests give a message port. */
export type WorkerLike = Endpoint & {
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void
  terminate(): void
}

export interface ConnectedMachine {
  api: Omit<MachineApi, 'openStream'>
  openStream(open: StreamOpen): Promise<ByteStream>
  /** Resolves with the reason when the worker has died or was terminated. */
  readonly dead: Promise<EngineError>
  terminate(): void
}

/** Starts a worker and connects to it. */
export function connectMachine(): ConnectedMachine {
  const worker = new Worker(new URL('./machine-worker.ts', import.meta.url), {
    type: 'module',
    name: 'machine',
  })
  return connectWorker(worker)
}

export function connectWorker(worker: WorkerLike): ConnectedMachine {
  const remote = wrap<MachineApi>(worker)
  const life = new WorkerLife(worker)
  return {
    api: {
      boot: (options, onProgress) => life.call(() => remote.boot(options, proxy(onProgress))),
      prefetch: (images, onProgress, hurry) =>
        life.call(() => remote.prefetch(images, proxy(onProgress), hurry)),
      surveyOffline: () => life.call(() => remote.surveyOffline()),
      checkOffline: (onProgress) => life.call(() => remote.checkOffline(proxy(onProgress))),
      fetchRelease: (release, onProgress) => life.call(() => remote.fetchRelease(release, proxy(onProgress))),
      stats: () => life.call(() => remote.stats()),
      pause: () => life.call(() => remote.pause()),
      resume: () => life.call(() => remote.resume()),
      save: (onlyIfWorked) => life.call(() => remote.save(onlyIfWorked)),
      saveToFile: () => life.call(() => remote.saveToFile()),
      openFile: (file) => life.call(() => remote.openFile(file)),
      forget: () => life.call(() => remote.forget()),
      shutdown: () => life.call(() => remote.shutdown()),
    },
    openStream: (open) => openStream(life, remote, open),
    dead: life.dead,
    terminate: () => life.end(new EngineError('unavailable', 'the machine was stopped')),
  }
}

async function openStream(
  life: WorkerLife,
  remote: Remote<MachineApi>,
  open: StreamOpen,
): Promise<ByteStream> {
  const port = await life.call(() => remote.openStream(open))
  const stream = new PortStream(port)
  life.watch(stream.closed, (error) => stream.lose(error))
  return stream
}

/** Knows when the worker has died, and tells those who wait; keeps no reference to those who no longer do. */
class WorkerLife {
  readonly dead: Promise<EngineError>
  readonly #worker: WorkerLike
  readonly #waiting = new Set<(error: EngineError) => void>()
  #reason: EngineError | null = null

  constructor(worker: WorkerLike) {
    this.#worker = worker
    this.dead = new Promise((resolve) => this.#waiting.add(resolve))
    worker.addEventListener('error', (event) => this.end(failureOf(event)))
    worker.addEventListener('messageerror', () =>
      this.end(new EngineError('internal', 'a message of the machine’s worker could not be read')),
    )
  }

  end(error: EngineError): void {
    if (this.#reason) return
    this.#reason = error
    for (const die of this.#waiting) die(error)
    this.#waiting.clear()
    this.#worker.terminate()
  }

  /** Calls `onDeath` when the worker dies before `work` has settled. */
  watch(work: Promise<unknown>, onDeath: (error: EngineError) => void): void {
    if (this.#reason) return onDeath(this.#reason)
    this.#waiting.add(onDeath)
    const settled = () => void this.#waiting.delete(onDeath)
    work.then(settled, settled)
  }

  async call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#reason) throw this.#reason
    const pending = work()
    return new Promise<T>((resolve, reject) => {
      pending.then(resolve, reject)
      this.watch(pending, reject)
    })
  }
}

function failureOf(event: Event): EngineError {
  const { message, filename } = event as Partial<ErrorEvent>
  const reason = message ? `: ${message}` : ': its script could not be loaded'
  return new EngineError('unavailable', `the machine’s worker failed${reason}; reload the page`, {
    file: filename,
  })
}
