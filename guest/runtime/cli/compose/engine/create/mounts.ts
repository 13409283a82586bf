/** The volumes, secrets and configs of a service as the binds and mounts of its container. */
import { posix } from 'node:path'
import type {
  ContainerSummary,
  HostConfig,
  ImageInspect,
  MountRequest,
} from '../../../../../protocol/api/engine-api.ts'
import { ModelError } from '../../model/compose-error.ts'
import type { Project } from '../../model/project.ts'
import type { FileObject, FileReference, Service, VolumeMount } from '../../model/types.ts'

type Warn = (message: string) => void

const cleaned = (path: string): string => posix.normalize(path).replace(/(.)\/$/, '$1')

/** A volume as the text `source:target:rw,…`. In this form the engine makes the source directory of a bind. */
function bindText({ source = '', target, read_only, bind, volume }: VolumeMount): string {
  const options = [read_only === true ? 'ro' : 'rw']
  if (bind?.selinux !== undefined) options.push(bind.selinux)
  if (bind?.propagation !== undefined) options.push(bind.propagation)
  if (volume?.nocopy === true) options.push('nocopy')
  return `${source}:${target}:${options.join(',')}`
}

const WRONG_OPTIONS = {
  bind: ['volume', 'tmpfs'],
  volume: ['bind', 'tmpfs'],
  tmpfs: ['bind', 'volume'],
} as const

function checkOptions(volume: VolumeMount, warn: Warn): void {
  const wrong = WRONG_OPTIONS[volume.type as keyof typeof WRONG_OPTIONS] ?? []
  for (const option of wrong) {
    if (volume[option] !== undefined)
      warn(`mount of type \`${volume.type}\` should not define \`${option}\` option`)
  }
}

function mountOf(project: Project, volume: VolumeMount, warn: Warn): MountRequest {
  checkOptions(volume, warn)
  const named =
    volume.type === 'volume' && volume.source !== undefined ? project.volumes[volume.source] : undefined
  // A volume that is nothing but a bind is mounted as one.
  const asBind = named?.driver_opts?.o === 'bind'
  const source = named?.name ?? volume.source
  return {
    Type: (asBind ? 'bind' : volume.type) as MountRequest['Type'],
    ...(source !== undefined && { Source: source }),
    Target: cleaned(volume.target),
    ...(volume.read_only === true && { ReadOnly: true }),
    ...(volume.consistency !== undefined && { Consistency: volume.consistency }),
    ...typeOptions(volume, asBind),
  }
}

function typeOptions({ type, bind, volume, tmpfs }: VolumeMount, asBind: boolean): Partial<MountRequest> {
  if (asBind) return { BindOptions: {} }
  if (type === 'bind' && bind !== undefined)
    return { BindOptions: bind.propagation === undefined ? {} : { Propagation: bind.propagation } }
  if (type === 'volume' && volume !== undefined) {
    return {
      VolumeOptions: {
        ...(volume.nocopy === true && { NoCopy: true }),
        ...(volume.subpath !== undefined && { Subpath: volume.subpath }),
      },
    }
  }
  if (type === 'tmpfs' && tmpfs !== undefined) {
    const { size, mode } = tmpfs
    return {
      TmpfsOptions: {
        ...(size !== undefined && { SizeBytes: Number(size) }),
        ...(mode !== undefined && { Mode: mode }),
      },
    }
  }
  return {}
}

/** The path at which a secret or config appears in the container. */
export const fileTarget = ({ source, target }: FileReference, folder: string): string =>
  target === undefined ? folder + source : target.startsWith('/') ? target : folder + target

function fileMounts(
  kind: 'config' | 'secret',
  references: readonly FileReference[],
  objects: Record<string, FileObject>,
  folder: string,
  warn: Warn,
): VolumeMount[] {
  const plural = kind === 'config' ? 'config' : 'secrets'
  return references.flatMap((reference) => {
    const { uid, gid, mode } = reference
    if (uid !== undefined || gid !== undefined || mode !== undefined)
      warn(`${plural} \`uid\`, \`gid\` and \`mode\` are not supported, they will be ignored`)
    const object = objects[reference.source]!
    if (object.external === true) throw new ModelError(`unsupported external ${kind} ${object.name}`)
    for (const key of ['driver', 'template_driver'] as const) {
      if (object[key] !== undefined) throw new ModelError(`Docker Compose does not support ${kind}s.*.${key}`)
    }
    // A secret or config without a file is copied into the container once it is made (inject-files.ts).
    if (object.file === undefined) return []
    return [{ type: 'bind', source: object.file, target: fileTarget(reference, folder), read_only: true }]
  })
}

/** The anonymous volumes that a container takes over from the one it replaces. */
function inheritedMounts(
  service: Service,
  image: ImageInspect,
  replaced: ContainerSummary | undefined,
): { mounts: MountRequest[]; volumes: VolumeMount[] } {
  let volumes = service.volumes ?? []
  const mounts: MountRequest[] = []
  for (const mount of replaced?.Mounts ?? []) {
    if (mount.Type === 'tmpfs') continue
    const target = cleaned(mount.Destination)
    const anonymous = volumes.some((volume) => volume.target === target && volume.source === undefined)
    if (!anonymous && !(target in (image.Config.Volumes ?? {}))) continue
    mounts.push({
      Type: mount.Type,
      Source: mount.Type === 'volume' ? mount.Name! : mount.Source,
      Target: target,
      ...(!mount.RW && { ReadOnly: true }),
    })
    if (anonymous)
      volumes = volumes.filter((volume) => volume.target !== target || volume.source !== undefined)
  }
  return { mounts, volumes }
}

/** @throws ModelError for secrets and configs that Compose can't mount */
export function serviceMounts(
  project: Project,
  service: Service,
  image: ImageInspect,
  replaced: ContainerSummary | undefined,
  warn: Warn,
): Pick<HostConfig, 'Binds' | 'Mounts'> {
  const { mounts: inherited, volumes } = inheritedMounts(service, image, replaced)
  const files = [
    ...fileMounts('secret', service.secrets ?? [], project.secrets, '/run/secrets/', warn),
    ...fileMounts('config', service.configs ?? [], project.configs, '/', warn),
  ]
  const byTarget = new Map(inherited.map((mount) => [mount.Target, mount]))
  const binds: string[] = []
  for (const volume of volumes) {
    const mount = mountOf(project, volume, warn)
    const asText = mount.Type === 'bind' && (volume.type !== 'bind' || volume.bind?.create_host_path === true)
    if (asText) {
      byTarget.delete(mount.Target)
      binds.push(bindText({ ...volume, source: mount.Source ?? '' }))
    } else byTarget.set(mount.Target, mount)
  }
  const taken = new Set([...byTarget.keys(), ...volumes.map(({ target }) => cleaned(target))])
  for (const file of files) {
    const mount = mountOf(project, file, warn)
    if (!taken.has(mount.Target)) byTarget.set(mount.Target, mount)
  }
  return {
    Binds: binds.length === 0 ? null : binds,
    ...(byTarget.size > 0 && { Mounts: [...byTarget.values()] }),
  }
}
