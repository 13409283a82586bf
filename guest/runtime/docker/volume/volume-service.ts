/** The volume service: volumes and mounts with Docker's semantics. */
import { posix } from 'node:path'
import { EngineError } from '../../../protocol/errors.ts'
import type { VolumeCreateRequest, VolumeInspect } from '../../../protocol/api/engine-api.ts'
import { MountResolver } from './mount-resolver.ts'
import { checkLocalOptions } from './local-driver.ts'
import { wantedMounts } from './resolve-mounts.ts'
import type { ResolvedMount, VolumeService } from './volume-api.ts'
import type { VolumeDeps, VolumeEvent } from './volume-deps.ts'
import { filterVolumes, pruneCandidates } from './volume-filters.ts'
import {
  ANONYMOUS_LABEL,
  checkDriver,
  checkVolumeName,
  isAnonymous,
  LOCAL_DRIVER,
  volumeJson,
  type VolumeRecord,
} from './volume-records.ts'
import { LocalVolumeKeeping, type VolumeKeeping } from './volume-keeping.ts'
import { VolumeStore } from './volume-store.ts'
import { copyInto } from './volume-tree.ts'

const FILE_TYPE = 0o170000
const DIRECTORY = 0o040000

class LocalVolumeService implements VolumeService {
  readonly #deps: VolumeDeps
  readonly #store: VolumeStore
  readonly #mounts: MountResolver
  readonly keeping: LocalVolumeKeeping | undefined

  constructor(deps: VolumeDeps) {
    const { keeping } = deps
    this.#deps = deps
    this.#store = new VolumeStore(deps)
    this.keeping = keeping && new LocalVolumeKeeping({ ...deps, keeping }, this.#store)
    this.#mounts = new MountResolver(deps.files, this.#store, {
      make: (name, options) =>
        this.#add(name, options?.Labels ?? null, options?.DriverConfig?.Options ?? null),
      bring: async (volume) => this.keeping?.bring(volume),
    })
  }

  recover(): Promise<void> {
    return this.#store.load()
  }

  async resolveMounts(request: Parameters<VolumeService['resolveMounts']>[0]): Promise<ResolvedMount[]> {
    const wanted = wantedMounts(request)
    await this.keeping?.ready()
    for (const one of wanted) await this.#mounts.check(one)
    const resolved: ResolvedMount[] = []
    try {
      for (const one of wanted)
        resolved.push(await this.#mounts.resolve(one, request.containerId, request.images))
    } catch (error) {
      await this.release(request.containerId, true)
      throw error
    }
    return resolved
  }

  async #add(
    given: string | undefined,
    labels: Record<string, string> | null,
    options: Record<string, string> | null,
  ): Promise<VolumeRecord> {
    const volume: VolumeRecord = {
      name: given ?? this.#deps.randomHex(32),
      createdAt: `${this.#deps.now().toISOString().slice(0, 19)}Z`,
      labels: given === undefined ? { ...labels, [ANONYMOUS_LABEL]: '' } : labels,
      options,
      references: [],
    }
    await this.#store.add(volume)
    this.#emit('create', volume)
    return volume
  }

  async copyUp(mount: ResolvedMount, imagePath: string): Promise<void> {
    const { files, launcher } = this.#deps
    if (!mount.copyUp || !(await files.exists(imagePath))) return
    const { mode, uid, gid } = await files.stat(imagePath)
    const { source, subpath } = mount
    const target = subpath === undefined ? source : posix.join(source, subpath)
    // A missing subpath is an error of the start, not of the creation (moby daemon/create_unix.go, populateVolume).
    if ((mode & FILE_TYPE) !== DIRECTORY || !(await files.exists(target))) return
    if ((await files.list(target)).length > 0) return
    if (subpath === undefined) await files.copyTree(imagePath, source)
    else await copyInto(launcher, { path: imagePath, uid, gid, mode }, { data: source, subpath })
  }

  async release(containerId: string, removeAnonymous: boolean): Promise<void> {
    for (const volume of [...this.#store.volumes.values()]) {
      const own = volume.references.filter((one) => one.containerId === containerId)
      if (own.length === 0) continue
      const others = volume.references.filter((one) => one.containerId !== containerId)
      const isLast = others.length === 0
      if (isLast && removeAnonymous && own.some(({ anonymous }) => anonymous)) {
        await this.#remove(volume)
        continue
      }
      // The reference goes last, so that the next release repeats what failed before.
      if (isLast) await this.#store.unmount(volume)
      await this.#store.setReferences(volume, others)
    }
  }

  async releaseForgotten(isKnown: (containerId: string) => boolean): Promise<void> {
    const users = [...this.#store.volumes.values()].flatMap(({ references }) => references)
    const forgotten = new Set(users.map(({ containerId }) => containerId).filter((id) => !isKnown(id)))
    for (const id of forgotten) await this.release(id, true)
  }

  async list(filters: Record<string, string[]>): Promise<VolumeInspect[]> {
    await this.keeping?.ready()
    return filterVolumes([...this.#store.volumes.values()], filters).map((volume) => this.#json(volume))
  }

  async inspect(name: string): Promise<VolumeInspect> {
    await this.keeping?.ready()
    return this.#json(this.#store.get(name))
  }

  async usage(): Promise<VolumeInspect[]> {
    await this.keeping?.ready()
    return Promise.all(
      [...this.#store.volumes.values()].map(async (volume) => ({
        ...this.#json(volume),
        UsageData: { Size: await this.#store.usage(volume.name), RefCount: volume.references.length },
      })),
    )
  }

  async create(request: VolumeCreateRequest): Promise<VolumeInspect> {
    const name = request.Name || undefined
    checkDriver(request.Driver, name ?? '')
    if (name !== undefined) checkVolumeName(name)
    await this.keeping?.ready()
    const existing = name === undefined ? undefined : this.#store.volumes.get(name)
    if (existing !== undefined) return this.#json(existing)
    checkOptionsOf(name ?? '', request.DriverOpts)
    return this.#json(await this.#add(name, request.Labels ?? null, request.DriverOpts ?? null))
  }

  async remove(name: string, force: boolean): Promise<void> {
    await this.keeping?.ready()
    if (force && !this.#store.volumes.has(name)) return
    const volume = this.#store.get(name)
    if (volume.references.length > 0) {
      const users = [...new Set(volume.references.map(({ containerId }) => containerId))]
      throw new EngineError('conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`)
    }
    await this.#remove(volume)
  }

  async #remove(volume: VolumeRecord): Promise<void> {
    await this.keeping?.settled(volume.name)
    await this.#store.remove(volume)
    this.#emit('destroy', volume)
    if (!isAnonymous(volume)) await this.keeping?.forget(volume.name)
  }

  async prune(
    filters: Record<string, string[]>,
  ): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
    await this.keeping?.ready()
    const unused = pruneCandidates([...this.#store.volumes.values()], filters)
    let reclaimed = 0
    for (const volume of unused) {
      reclaimed += await this.#store.usage(volume.name)
      await this.#remove(volume)
    }
    return { VolumesDeleted: unused.map(({ name }) => name), SpaceReclaimed: reclaimed }
  }

  #json(volume: VolumeRecord): VolumeInspect {
    return volumeJson(volume, this.#store.dataPath(volume.name))
  }

  #emit(action: VolumeEvent['action'], { name }: VolumeRecord): void {
    this.#deps.onEvent?.({ action, name, driver: LOCAL_DRIVER })
  }
}

function checkOptionsOf(name: string, options: Record<string, string> | null | undefined): void {
  try {
    checkLocalOptions(options)
  } catch (error) {
    const cause = EngineError.from(error)
    throw new EngineError(cause.code, `create ${name}: ${cause.message}`, cause.details, cause)
  }
}

export interface CreatedVolumeService extends VolumeService {
  /** Every volume with its size and number of users, for /system/df. */
  usage(): Promise<VolumeInspect[]>
  /** Undefined when there is no page. */
  readonly keeping: VolumeKeeping | undefined
}

/** `recover` must have resolved before anything else is called. */
export function createVolumeService(deps: VolumeDeps): CreatedVolumeService {
  return new LocalVolumeService(deps)
}
