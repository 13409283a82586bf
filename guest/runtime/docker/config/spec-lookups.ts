/** The look-ups behind a SpecInput: devices of the guest, namespaces of other containers, shared memory. */
import type { DeviceMapping } from '../../../protocol/api/engine-api.ts'
import { EngineError } from '../../../protocol/errors.ts'
import type { Files } from '../../host/files/files.ts'
import type { Container } from '../state/container.ts'
import type { ContainerRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { isDirectory } from '../layer/layered-root.ts'
import type { DeviceNode, SpecInput } from './spec-input.ts'
import { throttledPaths } from './spec-resources.ts'

const TYPE = 0o170000
const CHARACTER = 0o020000
const BLOCK = 0o060000

/** Splits a device number as gnu_dev_major and gnu_dev_minor do: https://sourceware.org/git/?p=glibc.git, sys/sysmacros.h */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const high = Math.floor(rdev / 2 ** 32)
  const low = rdev % 2 ** 32
  return {
    major: ((low >>> 8) & 0xfff) + (high & 0xfffff000),
    minor: (low & 0xff) + ((low >>> 12) & 0xfff00),
  }
}

async function deviceNode(
  files: Files,
  from: string,
  to: string,
  access: string,
): Promise<DeviceNode | undefined> {
  const { mode, rdev, uid, gid } = await files.stat(from)
  const type = (mode & TYPE) === CHARACTER ? 'c' : (mode & TYPE) === BLOCK ? 'b' : undefined
  return type && { path: to, type, ...deviceNumbers(rdev), mode: mode & 0o7777, uid, gid, access }
}

/** Names of /dev that are not passed on: nodes that every container has anyway, and mounts of its own. */
const OWN_DEV: ReadonlySet<string> = new Set(
  'console fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
)

async function devicesBelow(files: Files, from: string, to: string, access: string): Promise<DeviceNode[]> {
  const found: DeviceNode[] = []
  for (const name of await files.list(from)) {
    if (from === '/dev' && OWN_DEV.has(name)) continue
    const path = `${from}/${name}`
    if (isDirectory(await files.stat(path)))
      found.push(...(await devicesBelow(files, path, `${to}/${name}`, access)))
    else
      found.push(
        ...[await deviceNode(files, path, `${to}/${name}`, access)].filter((node) => node !== undefined),
      )
  }
  return found
}

async function mappedDevices(files: Files, mapping: DeviceMapping): Promise<DeviceNode[]> {
  const { PathOnHost: from, PathInContainer: to, CgroupPermissions: access } = mapping
  const failed = (reason: string) =>
    new EngineError(
      'internal',
      `error gathering device information while adding custom device "${from}": ${reason}`,
      { path: from },
    )
  if (!(await files.exists(from))) throw failed('no such file or directory')
  if (isDirectory(await files.stat(from))) return devicesBelow(files, from, to || from, access || 'rwm')
  const node = await deviceNode(files, from, to || from, access || 'rwm')
  if (!node) throw failed('not a device node')
  return [node]
}

export async function specDevices(
  { files }: EngineContext,
  { hostConfig }: ContainerRecord,
): Promise<DeviceNode[]> {
  const all = hostConfig.Privileged ? await devicesBelow(files, '/dev', '/dev', 'rwm') : []
  const mapped: DeviceNode[] = []
  for (const mapping of hostConfig.Devices ?? []) mapped.push(...(await mappedDevices(files, mapping)))
  const named = new Set(mapped.map(({ path }) => path))
  return [...all.filter(({ path }) => !named.has(path)), ...mapped]
}

export async function blockDevices(
  { files }: Pick<EngineContext, 'files'>,
  resources: Parameters<typeof throttledPaths>[0],
): Promise<SpecInput['blockDevices']> {
  const numbers: SpecInput['blockDevices'] = {}
  for (const path of throttledPaths(resources)) {
    if (!(await files.exists(path)))
      throw new EngineError('internal', `stat ${path}: no such file or directory`, { path })
    numbers[path] = deviceNumbers((await files.stat(path)).rdev)
  }
  return numbers
}

function found(
  containers: EngineContext['containers'],
  id: string,
  what: 'network' | 'IPC' | 'PID',
): Container {
  try {
    return containers.find(id)
  } catch (thrown) {
    throw what === 'network' ? thrown : cannotJoin(what, EngineError.from(thrown).message)
  }
}

/** The running container that a `container:<id>` mode names. Sentences: daemon/container_operations{,_unix}.go. */
export function joinedContainer(
  { containers }: EngineContext,
  mode: string,
  what: 'network' | 'IPC' | 'PID',
): Container | undefined {
  const id = /^container:(.+)$/.exec(mode)?.[1]
  if (id === undefined) return undefined
  const other = found(containers, id, what)
  if (other.task && other.isRunning) return other
  if (what !== 'network') throw cannotJoin(what, `container ${other.id} is not running`)
  const { name, state } = other.record
  throw new EngineError(
    'conflict',
    `cannot join network namespace of a non running container: container ${name.slice(1)} is ${state.status}`,
    { container: other.id },
  )
}

const cannotJoin = (what: 'IPC' | 'PID', reason: string) =>
  new EngineError('internal', `failed to join ${what} namespace: ${reason}`)

export const namespaceFile = (container: Container, kind: string): string =>
  `/proc/${container.task!.identity.pid}/ns/${kind}`

/** The directory on which the engine mounts the shared memory of a container that lets others join (`--ipc shareable`). */
export const shareableShm = ({ paths }: EngineContext, id: string): string =>
  `${paths.containers}/${id}/mounts/shm`

export function shmSource(context: EngineContext, record: ContainerRecord): string | undefined {
  const { IpcMode: mode } = record.hostConfig
  if (mode === 'host') return '/dev/shm'
  if (mode === 'shareable') return shareableShm(context, record.id)
  const other = joinedContainer(context, mode, 'IPC')
  if (!other) return undefined
  const otherMode = other.record.hostConfig.IpcMode
  if (otherMode !== 'shareable' && otherMode !== 'host')
    throw cannotJoin(
      'IPC',
      `container ${other.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    )
  return shmSource(context, other.record)
}
