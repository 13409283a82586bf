/** Keeps volumes in memory and on disk: /var/lib/docker/volumes/<name>/{_data,volume.json}. */
import { Mutex } from '../../../vocabulary/mutex.ts'
import { EngineError } from '../../../protocol/errors.ts'
import { readRecord, recordText, type FieldsOf } from '../../host/files/record-files.ts'
import type { VolumeDeps } from './volume-deps.ts'
import { isMounted, mountPlan, needsMount, unmountPlan } from './local-driver.ts'
import type { VolumeRecord } from './volume-records.ts'
import { DATA } from './volume-tree.ts'

const RECORD = 'volume.json'
const MOUNTINFO = '/proc/self/mountinfo'

const FIELDS = {
  name: 'string',
  createdAt: 'string',
  labels: 'object or null',
  options: 'object or null',
  references: 'array',
} as const satisfies FieldsOf<VolumeRecord>

export class VolumeStore {
  readonly volumes = new Map<string, VolumeRecord>()
  readonly #deps: VolumeDeps
  readonly #root: string
  /** Keeps writes in their order. */
  readonly #writing = new Mutex()

  constructor(deps: VolumeDeps) {
    this.#deps = deps
    this.#root = `${deps.paths.dataRoot}/volumes`
  }

  volumePath(name: string): string {
    return `${this.#root}/${name}`
  }

  dataPath(name: string): string {
    return `${this.volumePath(name)}/${DATA}`
  }

  /**
   * Reads all records. A directory without one is a volume that was never finished, and is removed; an unreadable
   * record is reported.
   */
  async load(): Promise<void> {
    const { files, report } = this.#deps
    await files.makeDirectory(this.#root, 0o701)
    for (const name of await files.list(this.#root)) {
      const path = `${this.#root}/${name}/${RECORD}`
      try {
        if (await files.exists(path))
          this.volumes.set(name, await readRecord<VolumeRecord>(files, path, FIELDS))
        else await files.removeTree(`${this.#root}/${name}`)
      } catch (error) {
        report(`volume ${name}`, error)
      }
    }
  }

  get(name: string): VolumeRecord {
    const volume = this.volumes.get(name)
    if (volume === undefined) throw new EngineError('not-found', `get ${name}: no such volume`, { name })
    return volume
  }

  /** Adds a volume. The name is taken before this returns its promise, so that no second volume gets it. */
  async add(volume: VolumeRecord): Promise<void> {
    this.volumes.set(volume.name, volume)
    try {
      await this.#deps.files.makeDirectory(this.dataPath(volume.name), 0o755)
      await this.save(volume)
    } catch (error) {
      this.volumes.delete(volume.name)
      await this.#deps.files
        .removeTree(this.volumePath(volume.name))
        .catch((failure: unknown) => this.#deps.report(`volume ${volume.name}`, failure))
      throw error
    }
  }

  /** The anonymous volume that this container got at this path. */
  anonymousOf(containerId: string, destination: string): VolumeRecord | undefined {
    return [...this.volumes.values()].find(({ references }) =>
      references.some(
        (one) => one.anonymous && one.containerId === containerId && one.destination === destination,
      ),
    )
  }

  /** Adds a reference once for each path of a container, however often its mounts are resolved. */
  async refer(volume: VolumeRecord, reference: VolumeRecord['references'][number]): Promise<void> {
    const { containerId, destination } = reference
    const isKnown = volume.references.some(
      (one) => one.containerId === containerId && one.destination === destination,
    )
    if (isKnown) return
    await this.setReferences(volume, [...volume.references, reference])
  }

  /** Changes references in memory at once, and back again when they cannot be written. */
  async setReferences(volume: VolumeRecord, references: VolumeRecord['references']): Promise<void> {
    const before = volume.references
    volume.references = references
    try {
      await this.save(volume)
    } catch (error) {
      if (volume.references === references) volume.references = before
      throw error
    }
  }

  save(volume: VolumeRecord): Promise<void> {
    return this.#writing.run(() => {
      const path = `${this.#root}/${volume.name}/${RECORD}`
      return this.#deps.files.writeAtomically(path, recordText(volume), 0o600)
    })
  }

  /** Bytes of the volume's data. */
  usage(name: string): Promise<number> {
    return this.#deps.files.usage(this.dataPath(name))
  }

  async mount(volume: VolumeRecord): Promise<void> {
    if (!needsMount(volume.options) || (await this.#isMounted(volume))) return
    const target = this.dataPath(volume.name)
    try {
      await this.#deps.launcher.run(mountPlan(volume.options!, target))
    } catch (error) {
      const cause = EngineError.from(error)
      const what = `failed to mount local volume: mount ${volume.options!['device']}:${target}`
      throw new EngineError(cause.code, `${what}: ${cause.message}`, cause.details, cause)
    }
  }

  async unmount(volume: VolumeRecord): Promise<void> {
    if (!needsMount(volume.options) || !(await this.#isMounted(volume))) return
    await this.#deps.launcher.run(unmountPlan(this.dataPath(volume.name)))
  }

  async #isMounted(volume: VolumeRecord): Promise<boolean> {
    return isMounted(await this.#deps.files.readText(MOUNTINFO), this.dataPath(volume.name))
  }

  /**
   * Removes a volume with its data; a mounted file system is unmounted first, so that its content stays. A volume that
   * could not be removed is still there, so that it can be removed again.
   */
  async remove(volume: VolumeRecord): Promise<void> {
    await this.unmount(volume)
    this.volumes.delete(volume.name)
    try {
      await this.#writing.run(() => this.#removeFiles(volume))
    } catch (error) {
      if (!this.volumes.has(volume.name)) this.volumes.set(volume.name, volume)
      throw error
    }
  }

  /** Removes the record first, so that the next engine finishes a removal that is cut short. */
  async #removeFiles({ name }: VolumeRecord): Promise<void> {
    const { files } = this.#deps
    const folder = this.volumePath(name)
    if (await files.exists(`${folder}/${RECORD}`)) await files.remove(`${folder}/${RECORD}`)
    await files.removeTree(folder)
  }
}
