/** Implements MachineApi over one guest at a time. The caller passes in what differs between a worker and a test. */
import type { StreamOpen } from '../../../guest/protocol/wire/byte-stream.ts'
import { EngineError } from '../../../guest/protocol/errors.ts'
import { pipeStreams } from '../../../guest/protocol/wire/pipe-streams.ts'
import type { SiteFiles } from '../catalogue/catalogue.ts'
import type { KeyValueStore } from '../storage/key-value-store.ts'
import { openStore } from '../storage/open-store.ts'
import { SessionKeeper } from '../sessions/session-keeper.ts'
import type { Release } from '../release/release.ts'
import { StoredChunks } from '../trees/stored-chunks.ts'
import type { OnBootProgress } from '../vm/boot-progress.ts'
import { DEFAULT_MEMORY } from '../vm/boot.ts'
import type { Guest, GuestOptions, openGuest } from '../vm/guest.ts'
import { checkHost } from './check-host.ts'
import { CountedSite } from './counted-site.ts'
import { openKeptSite } from './kept-site.ts'
import type {
  BootOptions,
  BootResult,
  DamagedFile,
  MachineApi,
  MachineStats,
  OfflineSurvey,
  OnBytes,
  SessionSave,
} from './machine-api.ts'
import { MachineSaves } from './machine-saves.ts'
import { OfflineContent } from './offline-content.ts'
import { paceOf } from './pace.ts'
import { PortStream } from './port-stream.ts'

export interface MachineHostOptions {
  /** @param isKept whether what is read of it goes into the store */
  site(baseUrl: string, isKept: boolean): SiteFiles
  /** Throws EngineError `unavailable` where nothing can be stored. */
  openStore(): KeyValueStore
  /** The locks of the site, where the browser has them. */
  locks?: LockManager
  /** Compiles v86; `onBytes` gets the size of what was downloaded. */
  wasm(onBytes: (bytes: number) => void): Promise<WebAssembly.Module>
  now(): number
  openGuest: typeof openGuest
}

/**
 * Bytes of unpacked chunks and blocks kept in memory. The tab must stay small, and what is dropped can be unpacked
 * again.
 */
const BLOCK_CACHE = 24 * 1024 * 1024

export class MachineHost implements MachineApi {
  readonly #options: MachineHostOptions
  #guest: Guest | null = null
  #saves: MachineSaves | null = null
  #site: CountedSite | null = null
  #keyValues: KeyValueStore | null = null
  #offline: OfflineContent | null = null
  readonly #prefetches = new Set<{ stop: AbortController; over: Promise<unknown> }>()
  #booting: { stop: AbortController; over: Promise<unknown> } | null = null

  constructor(options: MachineHostOptions) {
    this.#options = options
  }

  async boot(options: BootOptions, onProgress: OnBootProgress): Promise<BootResult> {
    if (this.#guest || this.#booting) throw new EngineError('conflict', 'the machine runs already')
    const stop = new AbortController()
    const booting = this.#boot(options, onProgress, stop.signal)
    this.#booting = { stop, over: booting.catch(() => undefined) }
    try {
      return await booting
    } finally {
      this.#booting = null
    }
  }

  async #boot(
    { baseUrl, memory, cold, mayForget, session }: BootOptions,
    onProgress: OnBootProgress,
    signal: AbortSignal,
  ): Promise<BootResult> {
    const { site: siteOf, wasm, now } = this.#options
    const start = now()
    onProgress({ step: 'check', state: 'running' })
    checkHost(memory ?? DEFAULT_MEMORY)
    const { store: keyValues, shared } = await openStore(() => this.#options.openStore(), mayForget === true)
    onProgress({ step: 'check', state: 'done' })
    const site = new CountedSite(siteOf(baseUrl, shared))
    const chunks = new StoredChunks(keyValues)
    const locks = shared ? this.#options.locks : undefined
    const keeper = session && new SessionKeeper(keyValues, locks)
    const kept = shared ? await openKeptSite(site, keyValues, signal) : undefined
    const options: GuestOptions = {
      ...{ files: kept ?? site, keyValues, locks, chunks, memory, cold, signal },
      wasm: () => wasm((bytes) => site.add(bytes)),
      blockCache: BLOCK_CACHE,
      onProgress,
      onFileError: (error) => console.error(error),
      ...(session === 'resume' && { saved: (base) => keeper!.find(base) }),
    }
    const opening = this.#open(options, keeper)
    opening.catch(() => keeper?.close())
    const guest = await opening
    const saves = new MachineSaves(guest, keeper)
    this.#guest = guest
    this.#saves = saves
    this.#site = site
    this.#keyValues = keyValues
    this.#offline = new OfflineContent({ trees: guest.trees, content: guest.content, kept })
    void kept?.prune().catch((error: unknown) => console.error(error))
    void chunks.prune(chunkNames(guest)).catch((error: unknown) => console.error(error))
    const { restored, manifest } = guest
    const elapsed = now() - start
    const { buildId } = manifest
    const about = { buildId, restored, memory: guest.memory, elapsed, bytes: site.bytes }
    return { ...about, session: await saves.session() }
  }

  /** A saved machine that does not start gives way to a new one. */
  async #open(options: GuestOptions, keeper: SessionKeeper | undefined): Promise<Guest> {
    const { openGuest } = this.#options
    try {
      const guest = await openGuest(options)
      void keeper?.started().catch((error: unknown) => console.error(error))
      return guest
    } catch (thrown) {
      if (keeper?.outcome.state !== 'resumed' || options.signal?.aborted === true) throw thrown
      const guest = await openGuest({ ...options, saved: undefined })
      await keeper.failed(EngineError.from(thrown))
      return guest
    }
  }

  async openStream(open: StreamOpen): Promise<MessagePort> {
    const stream = await this.#running().machine.openStream(open)
    const { port1, port2 } = new MessageChannel()
    void pipeStreams(stream, new PortStream(port1))
    return port2
  }

  prefetch(images: string[] | undefined, onProgress: OnBytes, hurry = false): Promise<void> {
    const { machine, prepareToSave } = this.#running()
    const pace = hurry ? () => Promise.resolve() : paceOf(() => machine.quietFor())
    return this.#download(async (signal) => {
      const fetching = this.#offline!.prefetch(images, onProgress, pace, signal)
      await Promise.all([fetching, prepareToSave()])
    })
  }

  async surveyOffline(): Promise<OfflineSurvey> {
    this.#running()
    return this.#offline!.survey()
  }

  async checkOffline(onProgress: OnBytes): Promise<DamagedFile[]> {
    this.#running()
    return this.#offline!.check(onProgress)
  }

  async fetchRelease(release: Release, onProgress: OnBytes): Promise<void> {
    this.#running()
    const from = { site: this.#site!, keyValues: this.#keyValues! }
    await this.#download((signal) => this.#offline!.fetchRelease(release, from, onProgress, signal))
  }

  /** Ends with the machine. */
  async #download(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const stop = new AbortController()
    const working = work(stop.signal)
    const entry = { stop, over: working.catch(() => undefined) }
    this.#prefetches.add(entry)
    try {
      await working
    } catch (error) {
      // The other parts would go on for a caller who has been told of the failure.
      stop.abort(error)
      throw error
    } finally {
      this.#prefetches.delete(entry)
    }
  }

  stats(): Promise<MachineStats> {
    const { trees, machine, memory } = this.#running()
    const bytesMissing = Array.from(trees.values(), (tree) => tree.missing()).reduce(
      (sum, bytes) => sum + bytes,
      0,
    )
    return Promise.resolve({
      bytesFetched: this.#site?.bytes ?? 0,
      bytesMissing,
      offlineReady: bytesMissing === 0,
      guestMemory: memory * 1024 * 1024,
      wasmMemory: machine.wasmMemory,
    })
  }

  async pause(): Promise<void> {
    await this.#running().machine.pause()
  }

  async resume(): Promise<void> {
    await this.#running().machine.resume()
  }

  async save(onlyIfWorked: boolean): Promise<SessionSave | null> {
    return this.#keeping().save(onlyIfWorked)
  }

  async saveToFile(): Promise<Blob> {
    return this.#keeping().saveToFile()
  }

  async openFile(file: Blob): Promise<void> {
    await this.#keeping().openFile(file)
  }

  async forget(): Promise<void> {
    await this.#keeping().forget()
  }

  async shutdown(): Promise<void> {
    // Callers that wait for the boot or a prefetch get this reason.
    const reason = new EngineError('unavailable', 'the machine was shut down')
    const underWay = [...(this.#booting ? [this.#booting] : []), ...this.#prefetches]
    for (const { stop } of underWay) stop.abort(reason)
    await Promise.all(underWay.map(({ over }) => over))
    const guest = this.#guest
    this.#saves?.close(reason)
    this.#saves = null
    this.#guest = null
    await guest?.machine.shutdown()
    guest?.volumes.close()
  }

  #keeping(): MachineSaves {
    this.#running()
    return this.#saves!
  }

  #running(): Guest {
    if (this.#guest) return this.#guest
    throw new EngineError('unavailable', 'the machine is not running')
  }
}

/** The names of all chunks of this build: others in the store belong to earlier builds. */
function chunkNames({ manifest }: Guest): Set<string> {
  const chunks = manifest.files.filter(({ path }) => path.startsWith('guest/system/'))
  return new Set(chunks.map(({ path }) => path.slice(path.lastIndexOf('/') + 1)))
}
