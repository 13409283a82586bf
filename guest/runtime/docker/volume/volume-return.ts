/**
 * Brings back the volumes that a page kept into its new machine: their records at once, before anything is asked of
 * them, and their data later, each volume's at the latest when a container wants it.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { StoredVolume } from '../../../protocol/api/volumes.ts'
import { needsMount } from './local-driver.ts'
import type { KeepingDeps, VolumeDeps } from './volume-deps.ts'
import type { VolumeRecord } from './volume-records.ts'
import type { VolumeStore } from './volume-store.ts'
import { unpackTree, type TreeStamp } from './volume-tree.ts'

export class VolumeReturn {
  readonly #deps: VolumeDeps & { keeping: KeepingDeps }
  readonly #store: VolumeStore
  readonly #onReturned: (volume: VolumeRecord, stamp: TreeStamp) => void
  readonly #coming = new Map<string, Promise<void>>()

  constructor(
    deps: VolumeDeps & { keeping: KeepingDeps },
    store: VolumeStore,
    onReturned: (volume: VolumeRecord, stamp: TreeStamp) => void,
  ) {
    this.#deps = deps
    this.#store = store
    this.#onReturned = onReturned
  }

  /**
   * Whether the machine has its volumes back. The machine's name is written down then, and survives restarts of the
   * engine.
   */
  async isTaken(machine: string): Promise<boolean> {
    const { files } = this.#deps
    return (await files.exists(this.#machinePath)) && (await files.readText(this.#machinePath)) === machine
  }

  /** @param newer names of the volumes whose data the machine has, from before the page saved them last */
  async take(
    machine: string,
    volumes: readonly StoredVolume[],
    newer: readonly string[] = [],
  ): Promise<void> {
    for (const { name, createdAt, labels, options } of volumes) {
      const own = this.#store.volumes.get(name)
      if (own !== undefined) {
        if (!newer.includes(name) || needsMount(own.options)) continue
        await this.#store.save(Object.assign(own, { createdAt, labels, pending: true }))
        continue
      }
      const record: VolumeRecord = { name, createdAt, labels, options, references: [] }
      await this.#store.add(needsMount(options) ? record : { ...record, pending: true })
    }
    await this.#deps.files.writeAtomically(this.#machinePath, machine)
  }

  /** Resolves when the volume's data is there; tries again after a failure. */
  bring(volume: VolumeRecord): Promise<void> {
    if (!volume.pending) return Promise.resolve()
    const coming = this.#coming.get(volume.name) ?? this.#fetch(volume)
    this.#coming.set(volume.name, coming)
    return coming
  }

  /** Brings the data of all volumes, one after the other. */
  async bringAll(): Promise<void> {
    for (const volume of [...this.#store.volumes.values()])
      await this.bring(volume).catch((error: unknown) =>
        this.#deps.keeping.report(`the data of volume ${volume.name}`, error),
      )
  }

  /** Resolves when nothing more is put into the volume. */
  async settled(name: string): Promise<void> {
    await this.#coming.get(name)?.catch(() => undefined) // whoever asked for the data has the error
  }

  async #fetch(volume: VolumeRecord): Promise<void> {
    try {
      await this.#unpack(volume)
    } catch (thrown) {
      const { code, message, details } = EngineError.from(thrown)
      throw new EngineError(code, `volume ${volume.name} could not be restored: ${message}`, details, thrown)
    } finally {
      this.#coming.delete(volume.name)
    }
  }

  async #unpack(volume: VolumeRecord): Promise<void> {
    const { files, launcher, keeping } = this.#deps
    const { name } = volume
    const data = this.#store.dataPath(name)
    const tar = await keeping.shelf.load(name)
    // Only older data of a saved machine has users already; they would go on with what is removed here.
    const stamp = await keeping.whileDown(name, async () => {
      // An engine that died during this has left a part of the data.
      await files.removeTree(data)
      await files.makeDirectory(data, 0o755)
      return unpackTree(launcher, this.#store.volumePath(name), tar)
    })
    delete volume.pending
    await this.#store.save(volume)
    this.#onReturned(volume, stamp)
  }

  get #machinePath(): string {
    return `${this.#deps.paths.dataRoot}/machine`
  }
}
