/** Keeps volumes over a reload of the page: brings back what the page kept, and saves what changes. */
import type { KeptVolumes } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { KeepingDeps, VolumeDeps } from './volume-deps.ts'
import type { VolumeRecord } from './volume-records.ts'
import { VolumeReturn } from './volume-return.ts'
import { VolumeSaver } from './volume-saver.ts'
import type { VolumeStore } from './volume-store.ts'

export interface VolumeKeeping {
  /** Begins a session with a page: makes the records of the volumes that the page kept, before anything else is answered. */
  adopt(): Promise<void>
  /**
   * Reports that these volumes may have changed.
   * @param now the volumes will not change any more, so they are saved at once
   */
  changed(names: readonly string[], now: boolean): void
  /** Reports that a container has started which may write into volumes. */
  watch(): void
  /** Resolves when every change is saved, or could not be. */
  flush(): Promise<KeptVolumes>
  /** Yields the state at once and at each change. */
  follow(signal: AbortSignal): AsyncIterable<KeptVolumes>
}

export class LocalVolumeKeeping implements VolumeKeeping {
  readonly #deps: VolumeDeps & { keeping: KeepingDeps }
  readonly #store: VolumeStore
  readonly #saver: VolumeSaver
  readonly #return: VolumeReturn
  #begin!: () => void
  #ready = new Promise<void>((resolve) => (this.#begin = resolve))

  constructor(deps: VolumeDeps & { keeping: KeepingDeps }, store: VolumeStore) {
    this.#deps = deps
    this.#store = store
    this.#saver = new VolumeSaver(deps, store)
    this.#return = new VolumeReturn(deps, store, (volume, stamp) => this.#saver.returned(volume, stamp))
  }

  /** Resolves once the page's volumes are known. */
  ready(): Promise<void> {
    return this.#ready
  }

  adopt(): Promise<void> {
    this.#ready = this.#adopt()
    void this.#ready.then(this.#begin)
    return this.#ready
  }

  changed(names: readonly string[], now: boolean): void {
    this.#saver.changed(names, now)
  }

  watch(): void {
    this.#saver.watch()
  }

  async flush(): Promise<KeptVolumes> {
    await this.#ready
    return this.#saver.flush()
  }

  follow(signal: AbortSignal): AsyncIterable<KeptVolumes> {
    return this.#saver.follow(signal)
  }

  /** Resolves when the volume's data is there. */
  bring(volume: VolumeRecord): Promise<void> {
    return this.#return.bring(volume)
  }

  /** Resolves when nothing more is put into the volume, which is about to be removed. */
  settled(name: string): Promise<void> {
    return this.#return.settled(name)
  }

  forget(name: string): Promise<void> {
    return this.#saver.forget(name)
  }

  /** Never rejects: an engine that can keep nothing does everything else. */
  async #adopt(): Promise<void> {
    const { shelf, report } = this.#deps.keeping
    try {
      const { machine, volumes, newer, refusal } = await shelf.list()
      const known = await this.#return.isTaken(machine)
      if (!known) await this.#return.take(machine, volumes, newer)
      this.#saver.begin(refusal)
      if (known && refusal === undefined) await this.#removeGone(volumes.map(({ name }) => name))
    } catch (thrown) {
      // Without knowing what is kept, the engine must not write over it.
      this.#saver.begin(EngineError.from(thrown).message)
      report('the volumes that the page keeps', thrown)
    }
    void this.#return.bringAll()
  }

  /** Removes from the page the volumes that were removed in the guest when the engine before this one died. */
  async #removeGone(kept: readonly string[]): Promise<void> {
    for (const name of kept) if (!this.#store.volumes.has(name)) await this.#saver.forget(name)
  }
}
