/**
 * Keeps named volumes with the page: after the end of a container that may have written into them, at changes of the volume
 * itself, while containers run at intervals, and whenever it is asked to. One save at a time; a volume is packed while no
 * container runs that writes into it.
 */
import { Mutex } from '../../../vocabulary/mutex.ts'
import type { KeptVolumes } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { StoredVolume } from '../../../protocol/api/volumes.ts'
import { formatTime } from '../../host/clock.ts'
import { needsMount } from './local-driver.ts'
import type { KeepingDeps, VolumeDeps } from './volume-deps.ts'
import { isAnonymous, type VolumeRecord } from './volume-records.ts'
import type { VolumeStore } from './volume-store.ts'
import { packTree, stampTree, type TreeStamp } from './volume-tree.ts'

/** Changes come in groups: a container is created and then started. So a save waits for this long. */
const CALM_MS = 500
/** The time between two looks at what running containers have written. */
const INTERVAL_MS = 5000
/** The time before a failed save is tried again unasked. */
const RETRY_MS = 60_000
/** Looks are so far apart that saving takes at most one part in this many of the machine's time. */
const SHARE = 10

interface Kept {
  /** Nanoseconds since the epoch; what was written before is kept. */
  at: bigint
  /** Undefined when a change since then might not show in the stamp. */
  stamp?: string
}

async function* noBytes(): AsyncGenerator<Uint8Array> {}

export class VolumeSaver {
  readonly #deps: VolumeDeps & { keeping: KeepingDeps }
  readonly #store: VolumeStore
  /** The reason why nothing is kept. */
  #refusal: string | undefined
  readonly #kept = new Map<string, Kept>()
  readonly #changed = new Set<string>()
  readonly #failures = new Map<string, EngineError>()
  readonly #listeners = new Set<() => void>()
  /** Keeps saves and removals in their order. */
  readonly #order = new Mutex()
  #working: Promise<void> | undefined
  #cancelCalm: (() => void) | undefined
  #cancelLook: (() => void) | undefined
  /** Nanoseconds that the last save took. */
  #cost = 0n

  constructor(deps: VolumeDeps & { keeping: KeepingDeps }, store: VolumeStore) {
    this.#deps = deps
    this.#store = store
  }

  /** Begins to save, or notes in `refusal` why nothing is kept. What was kept in an earlier session is saved again. */
  begin(refusal: string | undefined): void {
    this.#refusal = refusal
    this.#kept.clear()
    this.#failures.clear()
    this.changed(this.#volumes().map(({ name }) => name))
    this.#tell()
  }

  /** @param now the change is over, so nothing is worth waiting for */
  changed(names: readonly string[], now = false): void {
    if (this.#refusal !== undefined) return
    const kept = names.filter((name) => this.#keeps(this.#store.volumes.get(name)))
    for (const name of kept) this.#changed.add(name)
    if (kept.length === 0) return
    this.#tell()
    const work = () => void this.#work()
    if (now) work()
    else this.#cancelCalm ??= this.#deps.keeping.clock.after(CALM_MS, work)
  }

  /** Looks at the volumes that running containers write into, for as long as there are any. */
  watch(): void {
    if (this.#refusal !== undefined || this.#cancelLook !== undefined) return
    if (this.#failures.size === 0 && this.#written().length === 0) return
    const share = Number((this.#cost * BigInt(SHARE)) / 1_000_000n)
    const interval = Math.max(this.#failures.size > 0 ? RETRY_MS : INTERVAL_MS, share)
    this.#cancelLook = this.#deps.keeping.clock.after(interval, () => {
      this.#cancelLook = undefined
      void this.#look()
    })
  }

  /** Notes that the page keeps the volume as it is now. */
  returned({ name }: VolumeRecord, { sum }: TreeStamp): void {
    this.#kept.set(name, { at: this.#deps.keeping.clock.now(), stamp: sum })
    this.#tell()
  }

  /** Resolves when every change until now is kept, or could not be. */
  async flush(): Promise<KeptVolumes> {
    if (this.#refusal === undefined) {
      await this.#find(this.#volumes())
      await this.#work()
    }
    return this.state()
  }

  /** Removes what is kept of a volume that is gone. Rejects when that fails. */
  async forget(name: string): Promise<void> {
    this.#changed.delete(name)
    this.#failures.delete(name)
    this.#kept.delete(name)
    if (this.#refusal !== undefined) return
    await this.#order.run(async () => {
      // A volume of this name may have been made again meanwhile: its own save replaces what is kept.
      if (!this.#store.volumes.has(name)) await this.#deps.keeping.shelf.remove(name)
    })
    this.#tell()
  }

  state(): KeptVolumes {
    const kept = [...this.#store.volumes.values()].filter((volume) => !isAnonymous(volume))
    const volumes = kept.map(({ name }) => {
      const at = this.#kept.get(name)?.at
      return { Name: name, SavedAt: at === undefined ? null : formatTime(at) }
    })
    if (kept.length === 0) return { state: 'none', volumes }
    const reason = this.#refusal ?? [...this.#failures.values()][0]?.message
    if (reason !== undefined) return { state: 'unsaved', reason, volumes }
    return { state: this.#changed.size > 0 || this.#working ? 'saving' : 'saved', volumes }
  }

  /** Yields the state at once, and each that follows; states in between may be left out. */
  async *follow(signal: AbortSignal): AsyncGenerator<KeptVolumes> {
    let wake = () => {}
    let told = ''
    const listener = () => wake()
    this.#listeners.add(listener)
    signal.addEventListener('abort', listener)
    try {
      while (!signal.aborted) {
        const woken = new Promise<void>((resolve) => (wake = resolve))
        const state = this.state()
        if (JSON.stringify(state) !== told) yield state
        told = JSON.stringify(state)
        await woken
      }
    } finally {
      this.#listeners.delete(listener)
      signal.removeEventListener('abort', listener)
    }
  }

  #keeps(volume: VolumeRecord | undefined): volume is VolumeRecord {
    return volume !== undefined && !isAnonymous(volume) && !volume.pending
  }

  #volumes(): VolumeRecord[] {
    return [...this.#store.volumes.values()].filter((volume) => this.#keeps(volume))
  }

  #written(): VolumeRecord[] {
    return this.#volumes().filter(({ name }) => this.#deps.keeping.isWritten(name))
  }

  async #look(): Promise<void> {
    for (const name of this.#failures.keys()) this.#changed.add(name)
    await this.#find(this.#written())
    await this.#work()
  }

  /** Marks as changed those of the volumes that differ from what is kept. */
  async #find(volumes: readonly VolumeRecord[]): Promise<void> {
    for (const volume of volumes) {
      const { stamp } = this.#kept.get(volume.name) ?? {}
      if (stamp === undefined || (await this.#stamp(volume)) !== stamp) this.#changed.add(volume.name)
    }
  }

  async #stamp(volume: VolumeRecord): Promise<string> {
    if (needsMount(volume.options)) return ''
    try {
      return (await stampTree(this.#deps.launcher, this.#store.volumePath(volume.name))).sum
    } catch {
      // The save of this volume will report what is wrong with it, unless the volume is gone.
      return 'unknown'
    }
  }

  /** Resolves when nothing is left to be saved. */
  async #work(): Promise<void> {
    this.#cancelCalm?.()
    this.#cancelCalm = undefined
    do {
      this.#working ??= this.#saveAll().finally(() => (this.#working = undefined))
      await this.#working
    } while (this.#changed.size > 0)
    this.#tell()
    this.watch()
  }

  async #saveAll(): Promise<void> {
    for (const name of this.#changed) {
      await this.#order.run(() => this.#attempt(name))
      this.#tell()
    }
  }

  async #attempt(name: string): Promise<void> {
    // A change from here on needs another save.
    this.#changed.delete(name)
    const volume = this.#store.volumes.get(name)
    if (!this.#keeps(volume)) return
    const { clock, report } = this.#deps.keeping
    const at = clock.now()
    try {
      const stamp = await this.#save(volume)
      this.#failures.delete(name)
      this.#kept.set(name, { at, ...(stamp.settled && { stamp: stamp.sum }) })
    } catch (thrown) {
      if (this.#store.volumes.get(name) !== volume) return
      const error = EngineError.from(thrown)
      if (this.#failures.get(name)?.message !== error.message) report(`volume ${name} is not kept`, error)
      this.#failures.set(name, error)
    }
    this.#cost = clock.now() - at
  }

  #save(volume: VolumeRecord): Promise<TreeStamp> {
    const { name, createdAt, labels, options } = volume
    const stored: StoredVolume = { name, createdAt, labels, options }
    const { shelf, whileStill } = this.#deps.keeping
    // A file system that is mounted on the volume is not the volume's own, so only its record is kept.
    if (needsMount(options)) return shelf.save(stored, noBytes()).then(() => ({ sum: '', settled: true }))
    return whileStill(name, async () => {
      const { stamp, output } = await packTree(this.#deps.launcher, this.#store.volumePath(name))
      await shelf.save(stored, output)
      return stamp
    })
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
