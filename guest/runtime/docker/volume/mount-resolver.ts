/**
 * Turns the mounts that a container wants into mounts that the launcher can make: checks sources, makes volumes and
 * counts their users.
 */
import { EngineError } from '../../../protocol/errors.ts'
import type { MountPoint, MountRequest } from '../../../protocol/api/engine-api.ts'
import type { Files } from '../../host/files/files.ts'
import { checkLocalOptions } from './local-driver.ts'
import { invalidMount } from './mount-errors.ts'
import type { MountSpec } from './mount-spec.ts'
import { bindOptions, type WantedMount } from './resolve-mounts.ts'
import { tmpfsMountOptions } from './tmpfs-options.ts'
import type { InheritedMount, MountableImage, ResolvedMount } from './volume-api.ts'
import {
  checkDriver,
  checkVolumeName,
  isAnonymous,
  LOCAL_DRIVER,
  type VolumeRecord,
} from './volume-records.ts'
import type { VolumeStore } from './volume-store.ts'

export interface VolumeSource {
  /** Makes a volume; without a name, an anonymous one. */
  make(name: string | undefined, options: MountRequest['VolumeOptions']): Promise<VolumeRecord>
  /** Resolves when the volume's data is there. */
  bring(volume: VolumeRecord): Promise<void>
}

export class MountResolver {
  readonly #files: Files
  readonly #store: VolumeStore
  readonly #source: VolumeSource

  constructor(files: Files, store: VolumeStore, source: VolumeSource) {
    this.#files = files
    this.#store = store
    this.#source = source
  }

  /** Checks a mount before anything is made: a bind's source must exist, a volume's name and driver must be possible. */
  async check(wanted: WantedMount): Promise<void> {
    if (wanted.from !== 'spec') return
    const { spec } = wanted
    if (spec.Type === 'bind' && !spec.createSource && !(await this.#files.exists(spec.Source!))) {
      throw invalidMount('bind', `bind source path does not exist: ${spec.Source}`)
    }
    if (spec.Type === 'volume') checkVolume(spec)
  }

  /** @param images the images of the mounts of type `image`, by their source */
  resolve(
    wanted: WantedMount,
    containerId: string,
    images: ReadonlyMap<string, MountableImage> = new Map(),
  ): Promise<ResolvedMount> {
    switch (wanted.from) {
      case 'container':
        return this.#fromContainer(wanted.inherited, containerId)
      case 'tmpfs':
        return Promise.resolve(tmpfsMount(wanted.destination, wanted.options, true))
      case 'image':
        return this.#volumeMount(containerId, wanted.destination, undefined)
      case 'spec':
        if (wanted.spec.Type === 'bind') return this.#bindMount(wanted.spec)
        if (wanted.spec.Type === 'volume')
          return this.#volumeMount(containerId, wanted.destination, wanted.spec)
        if (wanted.spec.Type === 'image') return Promise.resolve(imageMount(wanted.spec, images))
        return Promise.resolve(tmpfsMount(wanted.destination, tmpfsMountOptions(wanted.spec), false))
    }
  }

  async #fromContainer(inherited: InheritedMount, containerId: string): Promise<ResolvedMount> {
    const { point, subpath, image } = inherited
    const options = bindOptions({ readOnly: !point.RW, propagation: point.Propagation })
    if (point.Type === 'volume' && point.Name) {
      const volume = this.#store.get(point.Name)
      const anonymous = isAnonymous(volume)
      await this.#store.refer(volume, { containerId, destination: point.Destination, anonymous })
    }
    if (point.Type === 'tmpfs') return tmpfsMount(point.Destination, point.RW ? [] : ['ro'], false)
    return {
      destination: point.Destination,
      type: 'bind',
      source: point.Source,
      ...(subpath !== undefined && { subpath }),
      ...(image !== undefined && { image }),
      options,
      point,
      copyUp: false,
    }
  }

  async #bindMount(spec: MountSpec): Promise<ResolvedMount> {
    const source = spec.Source!
    if (spec.createSource && !(await this.#files.exists(source))) {
      await this.#files.makeDirectory(source, 0o755)
    }
    const { Propagation, NonRecursive, ReadOnlyNonRecursive } = spec.BindOptions ?? {}
    const propagation = Propagation || 'rprivate'
    const options = bindOptions({
      readOnly: spec.ReadOnly ?? false,
      propagation,
      nonRecursive: NonRecursive,
      readOnlyNonRecursive: ReadOnlyNonRecursive,
    })
    const point: MountPoint = {
      Type: 'bind',
      Source: source,
      Destination: spec.Target,
      Mode: spec.mode,
      RW: !spec.ReadOnly,
      Propagation: propagation,
    }
    return { destination: spec.Target, type: 'bind', source, options, point, copyUp: false }
  }

  async #volumeMount(
    containerId: string,
    destination: string,
    spec: MountSpec | undefined,
  ): Promise<ResolvedMount> {
    const name = spec?.Source || undefined
    const volume =
      (name === undefined
        ? this.#store.anonymousOf(containerId, destination)
        : this.#store.volumes.get(name)) ?? (await this.#source.make(name, spec?.VolumeOptions))
    await this.#store.refer(volume, { containerId, destination, anonymous: name === undefined })
    await this.#source.bring(volume)
    await this.#store.mount(volume)
    const source = this.#store.dataPath(volume.name)
    const subpath = spec?.VolumeOptions?.Subpath
    const readOnly = spec?.ReadOnly ?? false
    const point: MountPoint = {
      Type: 'volume',
      Name: volume.name,
      Source: source,
      Destination: destination,
      Driver: LOCAL_DRIVER,
      Mode: spec === undefined ? '' : spec.mode || 'z',
      RW: !readOnly,
      Propagation: '',
    }
    const options = bindOptions({ readOnly, propagation: 'rprivate' })
    const copyUp = spec?.VolumeOptions?.NoCopy !== true
    return { destination, type: 'bind', source, ...(subpath && { subpath }), options, point, copyUp }
  }
}

function checkVolume(spec: MountSpec): void {
  const driver = spec.VolumeOptions?.DriverConfig
  if (spec.Source) checkVolumeName(spec.Source)
  checkDriver(driver?.Name, spec.Source ?? '')
  checkLocalOptions(driver?.Options)
}

function imageMount(spec: MountSpec, images: ReadonlyMap<string, MountableImage>): ResolvedMount {
  const { Source: name = '', Target: destination } = spec
  const image = images.get(name)
  if (image === undefined) throw new EngineError('not-found', `No such image: ${name}`, { reference: name })
  const subpath = spec.ImageOptions?.Subpath
  const propagation = 'rprivate'
  return {
    destination,
    type: 'bind',
    source: image.directory,
    image: image.id,
    ...(subpath && { subpath }),
    options: bindOptions({ readOnly: true, propagation }),
    point: {
      ...{ Type: 'image', Name: name, Source: image.directory, Destination: destination },
      ...{ Mode: '', RW: false, Propagation: propagation },
    },
    copyUp: false,
  }
}

function tmpfsMount(destination: string, options: string[], hidden: boolean): ResolvedMount {
  const point: MountPoint = {
    Type: 'tmpfs',
    Source: '',
    Destination: destination,
    Mode: '',
    RW: !options.includes('ro'),
    Propagation: '',
  }
  return {
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options,
    point,
    copyUp: false,
    ...(hidden && { hidden }),
  }
}
