/** What is mounted in a container, as keys of a compose service. */
import type { ContainerInspect, MountPoint, MountRequest } from '../../../guest/protocol/api/engine-api.ts'
import { isEverywhere } from './bound-files.ts'
import type { ComposeMap, ComposeValue } from './compose-yaml.ts'
import type { Left } from './left-behind.ts'
import type { Placed } from './place.ts'
import { filled, given } from './service-process.ts'

/** Neither `:`, which divides the short form, nor a space, which makes it hard to read. */
const SHORT = /^[\w./@+=-]+$/

export interface ServiceMounts {
  keys: ComposeMap
  left: Left[]
}

export function mountsOf(
  service: string,
  { Mounts, HostConfig }: ContainerInspect,
  placed: Placed,
): ServiceMounts {
  const left: Left[] = []
  const requests = new Map((HostConfig.Mounts ?? []).map((request) => [request.Target, request]))
  const leave = (reason: Left['reason'], what: string): undefined => void left.push({ reason, service, what })
  const one = (mount: MountPoint): ComposeValue | undefined => {
    const request = requests.get(mount.Destination)
    if (mount.Type === 'volume') return volume(mount, request, placed, leave)
    if (mount.Type === 'bind') return bind(mount, placed, leave)
    if (mount.Type === 'tmpfs') return tmpfs(mount, request)
    return leave('image', mount.Destination)
  }
  const sorted = [...Mounts].sort((a, b) => (a.Destination < b.Destination ? -1 : 1))
  const volumes = sorted.map(one).filter((value) => value !== undefined)
  const memory = Object.entries(HostConfig.Tmpfs ?? {})
  const keys = {
    volumes: given(volumes),
    tmpfs: given(memory.map(([path, options]) => (options === '' ? path : `${path}:${options}`))),
  }
  return { keys, left }
}

type Leave = (reason: Left['reason'], what: string) => undefined

function volume(
  { Name = '', Destination, RW }: MountPoint,
  request: MountRequest | undefined,
  { volumes }: Placed,
  leave: Leave,
): ComposeValue | undefined {
  const named = volumes.get(Name)
  if (named === undefined) {
    leave('anonymous', Destination)
    return anonymous(Destination)
  }
  const { NoCopy, Subpath } = request?.VolumeOptions ?? {}
  const options = filled({ nocopy: NoCopy === true || undefined, subpath: given(Subpath) })
  return mounted('volume', named.key, Destination, RW, options)
}

const anonymous = (target: string): ComposeValue => (SHORT.test(target) ? target : { type: 'volume', target })

function bind(
  { Source, Destination, RW, Propagation }: MountPoint,
  { files, bound }: Placed,
  leave: Leave,
): ComposeValue | undefined {
  const propagation = Propagation === 'rprivate' ? undefined : given(Propagation)
  const options = filled({ propagation })
  if (isEverywhere(Source)) return mounted('bind', Source, Destination, RW, options)
  const place = files.get(Source)
  if (place !== undefined) return mounted('bind', `./${place.path}`, Destination, RW, options)
  const missing = bound.get(Source)
  return leave(missing !== undefined && 'left' in missing ? missing.left : 'bindFailed', Source)
}

function mounted(
  type: 'volume' | 'bind',
  source: string,
  target: string,
  writable: boolean,
  options: ComposeMap | undefined,
): ComposeValue {
  if (options === undefined && SHORT.test(source) && SHORT.test(target))
    return `${source}:${target}${writable ? '' : ':ro'}`
  return { type, source, target, read_only: writable ? undefined : true, [type]: options }
}

function tmpfs({ Destination }: MountPoint, request: MountRequest | undefined): ComposeValue {
  const { SizeBytes, Mode } = request?.TmpfsOptions ?? {}
  return { type: 'tmpfs', target: Destination, tmpfs: filled({ size: given(SizeBytes), mode: given(Mode) }) }
}
